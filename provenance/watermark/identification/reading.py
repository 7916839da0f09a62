"""What an extractor found in a file, as plain values that leave the sandboxed reader process as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.common.strict_json import Json, from_plain, to_plain
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import PAYLOAD_BITS, WatermarkKey, WatermarkPayload
from provenance.watermark.content.fingerprint_match import FOUND_BYTES

# Of all soft bits of a reading together: 1 by chance, with this standard deviation, and 1.3 where a payload
# can just be found.
ENERGY_BY_CHANCE = 0.09
FARTHEST = 1e3  # frames
KEPT_READINGS = 4  # a search among issued ids takes time for each


Point = tuple[float, float]


@dataclass(frozen=True)
class MarkedRegion:
    """Where a marked picture lies in the frames of one second: its `corners`, clockwise from its own top
    left, in parts of the frame's width and height. Beyond 0..1 where it was cropped.
    """

    second: int
    corners: tuple[Point, Point, Point, Point]

    def __post_init__(self) -> None:
        if not all(abs(part) <= FARTHEST for corner in self.corners for part in corner):
            raise ValueError("No marked picture reaches as far beyond the frame as this.")


@dataclass(frozen=True)
class _PlainReading:
    """A reading as it crosses to another process."""

    key: int
    pilot: float
    watermark_id: int | None
    version: int | None
    soft_bits: bytes
    geometry: tuple[tuple[float, ...], ...]
    seconds: tuple[int, ...]
    fingerprints: bytes
    is_inverted: bool
    regions: tuple[MarkedRegion, ...] = ()
    compared: float = 1.0
    is_seen: bool = True


@dataclass(frozen=True, eq=False)
class WatermarkReading:
    """What the frames hold under one key at one geometry.

    `key`: the key's number in the order in which keys were given. `payload`: the decoded payload, if its
    check holds. `soft_bits` (256,): soft coded bits; against a codeword's signs they sum to a score z in
    standard deviations of chance, see `decision`. `geometry` takes canonical pixels of the marked video (512
    to the shorter side) to pixels of the file's frames. `seconds`: which seconds of the clip carry the mark.
    `fingerprints` (n, FOUND_BYTES): what frames show at that geometry, see `content`. `is_inverted`:
    the picture is a negative; soft bits and fingerprints are those of the picture put right. `path`: if the
    picture moves within the frame, what takes the pixels in which `geometry` counts to those of each frame
    that was read, by second. It stays in the process that reads. `regions`: where the marked picture lies in
    the seconds that carry it; empty where that could not be told. `compared`: of the marked picture, as far
    as it lies in the frames, the share (0 to 1) in which the mark is held. `fingerprints` tell of that part,
    except for cells in it over which something lies. `is_seen`: whether the mark is seen in the frames that
    these tell of; else they may show what lies there while the marked picture is elsewhere, and say nothing
    if they differ.
    """

    key: int
    pilot: float
    payload: WatermarkPayload | None
    soft_bits: NDArray[np.float32]
    geometry: NDArray[np.float64]
    seconds: tuple[int, ...] = ()
    fingerprints: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, FOUND_BYTES), np.uint8))
    is_inverted: bool = False
    path: dict[int, tuple[NDArray[np.float64], ...]] = field(default_factory=dict)
    regions: tuple[MarkedRegion, ...] = ()
    compared: float = 1.0
    is_seen: bool = True

    def score(self, payload: WatermarkPayload, key: WatermarkKey) -> float:
        """How well the soft bits fit a payload, in standard deviations of chance."""
        signs = 2.0 * error_correction.encode(payload.to_bits(key)) - 1.0
        return float(self.soft_bits @ signs)

    @property
    def ranking_score(self) -> float:
        """How far pilot and soft bits together are beyond chance, to order readings by."""
        energy = float((self.soft_bits.astype(np.float32) ** 2).sum())
        return self.pilot + (energy - 1) / ENERGY_BY_CHANCE

    def to_json(self) -> Json:
        """Plain JSON values."""
        return to_plain(
            _PlainReading(
                key=self.key,
                pilot=self.pilot,
                watermark_id=None if self.payload is None else self.payload.watermark_id,
                version=None if self.payload is None else self.payload.version,
                soft_bits=self.soft_bits.astype("<f2").tobytes(),
                geometry=tuple(map(tuple, self.geometry.tolist())),
                seconds=self.seconds,
                fingerprints=self.fingerprints.tobytes(),
                is_inverted=self.is_inverted,
                regions=self.regions,
                compared=self.compared,
                is_seen=self.is_seen,
            )
        )

    @classmethod
    def from_json(cls, values: object) -> WatermarkReading:
        """The reading that `to_json` wrote. Raises ValueError for anything else."""
        plain = from_plain(_PlainReading, values)
        if (plain.watermark_id is None) != (plain.version is None):
            raise ValueError("A payload has an id and a version.")
        soft_bits = np.frombuffer(plain.soft_bits, "<f2").astype(np.float32)
        geometry = np.array(plain.geometry, np.float64)
        if (
            soft_bits.shape != (4 * PAYLOAD_BITS,)
            or geometry.shape != (3, 3)
            or not np.isfinite(soft_bits).all()
            or not 0 <= plain.compared <= 1
        ):
            raise ValueError(
                "A reading has finite soft bits for a codeword, a 3 x 3 geometry, and a share of 0 to 1."
            )
        return cls(
            key=plain.key,
            pilot=plain.pilot,
            payload=(
                None
                if plain.watermark_id is None or plain.version is None
                else WatermarkPayload(plain.watermark_id, plain.version)
            ),
            soft_bits=soft_bits,
            geometry=geometry,
            seconds=plain.seconds,
            fingerprints=np.frombuffer(plain.fingerprints, np.uint8).reshape(-1, FOUND_BYTES),
            is_inverted=plain.is_inverted,
            regions=plain.regions,
            compared=plain.compared,
            is_seen=plain.is_seen,
        )


@dataclass
class Extraction:
    """All that was read from a file, for `decision.decide`.

    `is_judged`: there was a picture large enough that a mark would be seen. `is_everywhere`: the mark was
    looked for wherever it might lie, under every key; otherwise that would have taken too long. `pilot`: the
    strongest pilot of any key. `attempts`: how many rows of soft bits were looked at. `readings`: best first,
    those with a payload before others.
    """

    frames_read: int = 0
    is_judged: bool = False
    pilot: float = 0.0
    attempts: int = 0
    readings: list[WatermarkReading] = field(default_factory=list)
    is_everywhere: bool = True

    @property
    def has_word(self) -> bool:
        """Whether a payload was decoded from some of the readings."""
        return any(reading.payload is not None for reading in self.readings)

    def keep(self, reading: WatermarkReading) -> None:
        """Add a reading, and drop the weakest beyond what is kept."""
        self.readings.append(reading)
        self.readings.sort(key=lambda one: (one.payload is None, -one.ranking_score))
        words = sum(one.payload is not None for one in self.readings)
        del self.readings[max(words, KEPT_READINGS) :]
