"""Read and normalise one uploaded motion track, inside a confined process.

Run by `generation.intake.examine_motion` as `python -m generation.intake.inspect_motion`, with a
`MotionRequest` as JSON on stdin. Prints a `MotionAnswer` as JSON in one line, and the normalised take (CSV of
Live Link Face) behind it.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from generation.animation.track.live_link import LiveLinkError
from generation.animation.track.motion_track import MotionTrack
from provenance.common.errors import gettext_noop as _
from provenance.common.strict_json import parse, to_plain

MOST_FPS = 60.0


@dataclass(frozen=True)
class MotionRequest:
    """A take to read from `source`, an absolute path."""

    source: Path


@dataclass(frozen=True)
class MotionAnswer:
    """Frames and rate of the normalised take, which follows; or what is wrong with the file, for people."""

    frames: int = 0
    fps: float = 0.0
    problem: str = ""


def inspect(request: MotionRequest) -> tuple[MotionAnswer, bytes]:
    """The answer to one request, and the take, nothing where it cannot be read."""
    try:
        track = MotionTrack.from_csv(request.source)
        if track.fps > MOST_FPS:
            track = track.resampled(MOST_FPS)
    except LiveLinkError as error:
        return MotionAnswer(problem=str(error)), b""
    except (UnicodeDecodeError, ValueError):
        return MotionAnswer(problem=_("It is not a text file of comma-separated values.")), b""
    return MotionAnswer(len(track), track.fps), track.csv_text().encode()


if __name__ == "__main__":
    answer, take = inspect(parse(MotionRequest, sys.stdin.read()))
    sys.stdout.write(json.dumps(to_plain(answer)) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(take)
    sys.stdout.buffer.flush()
