"""Extract our watermark from the frames of an untrusted file, inside the confined process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from provenance.verify.evidence.reader_report import MotionReport, WatermarkReport
from provenance.verify.reader.frames import (
    FrameFacts,
    NotDecodable,
    first_picture,
    frame_facts,
    is_short,
    sampled,
)
from provenance.verify.reader.motion_reading import FrameTrack, clearest, track_of
from provenance.verify.reader.watermark_by_part import watermarks_by_second
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.identification.reading import Extraction
from provenance.watermark.third_party_marks import detect_generator_watermark


def search_watermark(path: Path, secrets: Sequence[bytes]) -> WatermarkReport:
    """What the frames of a file hold under the keys made of `secrets`. Never raises for what is in the file.

    The answer is made from it where the issued ids are known (`watermark_answer`).
    """
    extractor, track = Extractor(), FrameTrack()
    try:
        facts = frame_facts(path)
        if facts is None:
            return WatermarkReport("not_looked_for")
        looked_at: dict[int, list[NDArray[np.uint8]]] = {}
        for second, luma in sampled(path, facts, track.add):
            extractor.add(luma, second)
            looked_at.setdefault(second, []).append(luma)
        picture = first_picture(path)
    except (av.error.FFmpegError, NotDecodable):
        return WatermarkReport("inconclusive")
    keys = [WatermarkKey(secret) for secret in secrets]
    extraction = extractor.read(keys)
    motion = _motion(path, extraction, track if is_short(facts) else None, facts)
    watermarks, seconds = (
        watermarks_by_second(looked_at, extraction, keys) if len(looked_at) > 1 else ([], {})
    )
    return WatermarkReport(
        state=None,
        extraction=extraction,
        generator=None if picture is None else detect_generator_watermark(picture),
        duration_s=facts.duration_s,
        looked_at=tuple(sorted(looked_at)),
        watermarks=tuple(watermarks),
        seconds=tuple(sorted(seconds.items())),
        motion=motion,
        frame_size=None if picture is None else (picture.shape[1], picture.shape[0]),
    )


def _motion(
    path: Path, extraction: Extraction, track: FrameTrack | None, facts: FrameFacts
) -> MotionReport | None:
    """How the picture moves under the mark; of a long clip, the frames are decoded for it."""
    if clearest(extraction) is None:
        return None
    try:
        return (track or track_of(path)).report(extraction, facts.duration_s)
    except (av.error.FFmpegError, NotDecodable):
        return None
