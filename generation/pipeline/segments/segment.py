"""One segment of a video, made: its encoded pictures and what was measured while they were marked."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from generation.pipeline.pictures import PictureSegment, VideoPacket
from generation.pipeline.pixel_report.face_look import FaceLook, SkinLook
from generation.pipeline.pixel_report.report import SeenStretch
from generation.pipeline.pixel_report.stillness import Stillness


class SegmentDamaged(ValueError):
    """These bytes are no segment of a video."""


@dataclass(frozen=True)
class MadeSegment:
    """A closed segment of marked, encoded pictures.

    `cells` (frames, 256 or 512) float32 are those of its marked frames, `fingerprints` those of the few
    frames of the video that have one, `seen` is what the pixel report needs.
    """

    pictures: PictureSegment
    cells: NDArray[np.float32]
    fingerprints: tuple[bytes, ...]
    seen: SeenStretch

    def to_bytes(self) -> bytes:
        """As it lies in the storage until the video is joined."""
        packets = list(self.pictures.packets)
        looks = self.seen.looks
        facts = {
            "width": self.pictures.width,
            "height": self.pictures.height,
            "looks": {str(number): _look_facts(look) for number, look in looks.items()},
        }
        skins = [look.skin for look in looks.values() if look is not None and look.skin is not None]
        arrays: dict[str, Any] = {
            "facts": _bytes(json.dumps(facts).encode()),
            "header": _bytes(self.pictures.header),
            "data": _bytes(b"".join(packet.data for packet in packets)),
            "packets": np.array(
                [(len(p.data), p.pts, p.dts, p.duration, p.is_key) for p in packets], np.int64
            ).reshape(-1, 5),
            "cells": self.cells,
            "fingerprints": _bytes(b"".join(self.fingerprints)),
            "fingerprint_sizes": np.array([len(one) for one in self.fingerprints], np.int64),
            "new_edges": np.array([skin.new_edges for skin in skins], np.float64),
            "apart": np.array([skin.apart for skin in skins], np.float64),
        }
        for name, values in self.seen.stillness.to_arrays().items():
            arrays[f"still_{name}"] = values
        written = io.BytesIO()
        np.savez(written, **arrays)
        return written.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, fps: float) -> MadeSegment:
        """What `to_bytes` gave of a video at `fps` frames a second. Raises SegmentDamaged."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as read:
                return cls._from_arrays({name: read[name] for name in read.files}, fps)
        except (ValueError, KeyError, TypeError, IndexError, OSError, EOFError, BadZipFile) as error:
            raise SegmentDamaged("This is no segment of a video.") from error

    @classmethod
    def _from_arrays(cls, arrays: dict[str, NDArray[Any]], fps: float) -> MadeSegment:
        facts = json.loads(bytes(arrays["facts"]))
        data = _split(arrays["data"], arrays["packets"][:, 0])
        packets = tuple(
            VideoPacket(one, int(pts), int(dts), int(duration), bool(is_key))
            for one, (_, pts, dts, duration, is_key) in zip(data, arrays["packets"].tolist(), strict=True)
        )
        skins = iter(zip(arrays["new_edges"], arrays["apart"], strict=True))
        looks = {int(number): _look(look, skins) for number, look in facts["looks"].items()}
        still = {name: arrays[f"still_{name}"] for name in ("is_still", "first", "before")}
        return cls(
            pictures=PictureSegment(facts["width"], facts["height"], bytes(arrays["header"]), packets),
            cells=arrays["cells"],
            fingerprints=tuple(_split(arrays["fingerprints"], arrays["fingerprint_sizes"])),
            seen=SeenStretch(Stillness.from_arrays(fps, still), looks),
        )


def _look_facts(look: FaceLook | None) -> list[float | None] | None:
    if look is None:
        return None
    return [look.lip_gap, None if look.skin is None else look.skin.proportions_apart]


def _look(facts: list[Any] | None, skins: Any) -> FaceLook | None:
    if facts is None:
        return None
    lip_gap, proportions = facts
    if proportions is None:
        return FaceLook(lip_gap, None)
    new_edges, apart = next(skins)
    return FaceLook(lip_gap, SkinLook(new_edges, apart, proportions))


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8)


def _split(data: NDArray[np.uint8], sizes: NDArray[np.int64]) -> list[bytes]:
    if sizes.sum() != len(data) or (sizes < 0).any():
        raise ValueError("Sizes and data disagree.")
    ends = np.cumsum(sizes)
    return [data[end - size : end].tobytes() for end, size in zip(ends, sizes, strict=True)]
