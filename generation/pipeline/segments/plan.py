"""The plan of a long video: what every worker has to know to make any of its segments.

Motion is driven once and the mark's strength is chosen once; both are part of the plan. All the rest follows
from the job.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import Final, get_args
from zipfile import BadZipFile

import numpy as np

from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.finishing.encoders import KEYFRAME_INTERVAL_S
from provenance.common.visible_label import PlaceName
from provenance.watermark import WatermarkPayload

SEGMENT_S: Final = 2 * KEYFRAME_INTERVAL_S
SPLIT_FROM_S: Final = 4 * SEGMENT_S  # shorter videos are encoded whole
_ARRAYS: Final = ("actions", "head_pose", "gaze")


class PlanDamaged(ValueError):
    """These bytes are no plan."""


@dataclass(frozen=True)
class SegmentPlan:
    """Motion, mark and cut of one video, and the model that renders it.

    `cuts` are the numbers of the first frames of the segments, and at the end the number of all frames.
    """

    track: MotionTrack
    payload: WatermarkPayload
    strength: int
    cuts: tuple[int, ...]
    renderer: ModelIdentity
    label_place: PlaceName

    def __len__(self) -> int:
        return len(self.cuts) - 1

    def frames(self, number: int) -> range:
        """The numbers of the frames of a segment."""
        return range(self.cuts[number], self.cuts[number + 1])

    def to_bytes(self) -> bytes:
        """As it lies in the storage while the video is made."""
        written = io.BytesIO()
        facts = {
            "fps": self.track.fps,
            "watermark_id": self.payload.watermark_id,
            "version": self.payload.version,
            "strength": self.strength,
            "cuts": self.cuts,
            "renderer": asdict(self.renderer),
            "label_place": self.label_place,
        }
        arrays = {name: getattr(self.track, name) for name in _ARRAYS}
        np.savez(written, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
        return written.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> SegmentPlan:
        """What `to_bytes` gave. Raises PlanDamaged."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as read:
                facts = json.loads(bytes(read["facts"]))
                track = MotionTrack(facts["fps"], *(read[name] for name in _ARRAYS))
            payload = WatermarkPayload(facts["watermark_id"], facts["version"])
            cuts = tuple(int(cut) for cut in facts["cuts"])
            stated = facts["renderer"]
            place = facts["label_place"]
            if place not in get_args(PlaceName):
                raise ValueError("no place of a label")
            renderer = ModelIdentity(**{**stated, "pixel_origin": PixelOrigin(stated["pixel_origin"])})
            return cls(track, payload, int(facts["strength"]), cuts, renderer, place)
        except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
            raise PlanDamaged("This is no plan of a video.") from error


def cut(frames: int, fps: float, *, split_from_s: float = SPLIT_FROM_S) -> tuple[int, ...]:
    """Where a video of so many frames is cut: the first frames of its segments, and the number of all.

    A video shorter than `split_from_s` seconds is one segment. Segments last SEGMENT_S, the last one half of
    that to half as long again, so that none is made of a few frames.
    """
    length = round(SEGMENT_S * fps)
    if frames < max(split_from_s * fps, length):
        return (0, frames)
    count = max(1, round(frames / length))
    return (*range(0, count * length, length), frames)
