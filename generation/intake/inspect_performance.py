"""Capture the motion of a performer from one uploaded video, inside a confined process.

Run by `generation.intake.examine_motion` as `python -m generation.intake.inspect_performance`, with a
`PerformanceRequest` as JSON on stdin. Prints a `PerformanceAnswer` as JSON in one line, and the take (CSV of
Live Link Face) behind it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from provenance.common.strict_json import parse, to_plain


@dataclass(frozen=True)
class PerformanceRequest:
    """A video to read from `source`, an absolute path, at most so many seconds of it."""

    source: Path
    longest_s: float


@dataclass(frozen=True)
class PerformanceAnswer:
    """Frames and rate of the take, which follows; or a refusal of capture and where in the video. Without
    either the video cannot be read."""

    frames: int = 0
    fps: float = 0.0
    refusal: str = ""
    time_s: float = 0.0


def inspect(request: PerformanceRequest) -> tuple[PerformanceAnswer, bytes]:
    """The answer to one request, and the take, nothing where there is none."""
    from generation.animation.capture.refusals import CaptureRejected  # noqa: PLC0415  heavy, and only here
    from generation.pipeline.performance import VideoUnreadable, motion_of_video  # noqa: PLC0415

    try:
        track = motion_of_video(request.source, longest_s=request.longest_s)
    except CaptureRejected as error:
        return PerformanceAnswer(refusal=error.code, time_s=error.time_s), b""
    except VideoUnreadable:
        return PerformanceAnswer(), b""
    return PerformanceAnswer(len(track), track.fps), track.csv_text().encode()


if __name__ == "__main__":
    answer, take = inspect(parse(PerformanceRequest, sys.stdin.read()))
    sys.stdout.write(json.dumps(to_plain(answer)) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(take)
    sys.stdout.buffer.flush()
