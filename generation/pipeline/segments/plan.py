"""The plan of a long video: what every worker has to know to make any of its segments.

The mark's strength is chosen once, and motion is driven once, segment after segment; what was driven of it is
stored with the plan. All the rest follows from the job.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass
from typing import Any, Final, get_args
from zipfile import BadZipFile

import numpy as np

from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.finishing.encoders import KEYFRAME_INTERVAL_S
from provenance.common.visible_label import PlaceName
from provenance.watermark import WatermarkPayload

SEGMENT_S: Final = KEYFRAME_INTERVAL_S  # shorter ones would need more key frames
SPLIT_FROM_S: Final = 8 * SEGMENT_S  # shorter videos are encoded whole
_ARRAYS: Final = ("actions", "head_pose", "gaze")


class PlanDamaged(ValueError):
    """These bytes are no plan."""


@dataclass(frozen=True)
class SegmentPlan:
    """Frame rate, mark and cut of one video, the model that renders it, and the corner of its label.

    `cuts` are the numbers of the first frames of the segments, and at the end the number of all frames. While
    `strength` is None it is not chosen yet, and the label may still move: frames can be rendered, not marked.
    """

    fps: float
    payload: WatermarkPayload
    strength: int | None
    cuts: tuple[int, ...]
    renderer: ModelIdentity
    label_place: PlaceName

    def __len__(self) -> int:
        return len(self.cuts) - 1

    def frames(self, number: int) -> range:
        """The numbers of the frames of a segment."""
        return range(self.cuts[number], self.cuts[number + 1])


@dataclass(frozen=True, eq=False)
class PlannedSegment:
    """All that is needed to make one segment, with what is planned of the segments before it.

    `motion` is that of its own frames; `before` is where the segment before it is stored, empty for the
    first. A frame may depend on the motion before it, as hair does that trails behind.
    """

    plan: SegmentPlan
    number: int
    motion: MotionTrack
    before: str

    def to_bytes(self) -> bytes:
        """As it lies in the storage while the video is made."""
        written = io.BytesIO()
        plan = self.plan
        facts = {
            "fps": plan.fps,
            "watermark_id": plan.payload.watermark_id,
            "version": plan.payload.version,
            "strength": plan.strength,
            "cuts": plan.cuts,
            "renderer": asdict(plan.renderer),
            "label_place": plan.label_place,
            "number": self.number,
            "before": self.before,
        }
        arrays: dict[str, Any] = {name: getattr(self.motion, name) for name in _ARRAYS}
        np.savez(written, facts=np.frombuffer(json.dumps(facts).encode(), np.uint8), **arrays)
        return written.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> PlannedSegment:
        """What `to_bytes` gave. Raises PlanDamaged."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as read:
                facts = json.loads(bytes(read["facts"]))
                motion = MotionTrack(facts["fps"], *(read[name] for name in _ARRAYS))
            planned = cls(_plan(facts), int(facts["number"]), motion, str(facts["before"]))
            if len(motion) != len(planned.plan.frames(planned.number)):
                raise ValueError("motion of another length")
        except (ValueError, KeyError, TypeError, IndexError, OSError, EOFError, BadZipFile) as error:
            raise PlanDamaged("This is no plan of a video.") from error
        return planned


def _plan(facts: dict[str, Any]) -> SegmentPlan:
    payload = WatermarkPayload(facts["watermark_id"], facts["version"])
    cuts = tuple(int(cut) for cut in facts["cuts"])
    stated = facts["renderer"]
    place = facts["label_place"]
    if place not in get_args(PlaceName):
        raise ValueError("no place of a label")
    renderer = ModelIdentity(**{**stated, "pixel_origin": PixelOrigin(stated["pixel_origin"])})
    strength = None if facts["strength"] is None else int(facts["strength"])
    return SegmentPlan(facts["fps"], payload, strength, cuts, renderer, place)


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
