"""Where in a video the mark is: a few frames from each part of it. Only inside the isolated process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from provenance.verify import frames
from provenance.verify.frames import NotDecodable, frame_facts
from provenance.watermark import WatermarkKey, extract

MOST_PARTS = 10
PART_S = 1.0
FRAMES_PER_PART = 4
# Encoders put ten seconds between key frames at most, so that a shorter jump would end where it began.
JUMP_S = 10.0
MOST_SKIPPED = 900
HALF_A_FRAME_S = 0.02

Picture = NDArray[np.uint8]


def mark_timeline(path: Path, secret: bytes, watermark_id: str) -> list[dict[str, Any]]:
    """For each part of the video whether it carries this mark: `start_s`, `end_s` and `state`.

    `found`, `other` (a mark of ours with another id), `not_found` or `unreadable`. Parts are at least a
    second long and at most ten; a few frames stand for each. A file that does not say how long it is has no
    parts.
    """
    facts = frame_facts(path)
    if facts is None or not facts.duration_s:
        return []
    count = min(MOST_PARTS, max(1, int(facts.duration_s / PART_S)))
    length = facts.duration_s / count
    key = WatermarkKey(secret)
    parts = []
    for index, pictures in enumerate(_pictures(path, [index * length for index in range(count)])):
        start_s, end_s = round(index * length, 3), round((index + 1) * length, 3)
        parts.append({"start_s": start_s, "end_s": end_s, "state": _state(pictures, key, watermark_id)})
    return parts


def _state(pictures: list[Picture], key: WatermarkKey, watermark_id: str) -> str:
    if not pictures:
        return "unreadable"
    record_id = extract(iter(pictures), key).record_id
    if record_id is None:
        return "not_found"
    return "found" if f"{record_id:016x}" == watermark_id else "other"


def _pictures(path: Path, starts_s: list[float]) -> Iterator[list[Picture]]:
    """For each start the first frames at or after it, as `frames.window` gives them.

    The file is decoded once from front to back, with jumps over what is far away. A jump ends at the key
    frame before its goal, which may belong to another part: what comes before the goal is passed over.
    """
    with frames._open(path) as container:
        container.streams.video[0].thread_count = 1
        decoded = frames._decoded(container)
        now_s = 0.0
        for start_s in starts_s:
            found: list[Picture] = []
            try:
                if start_s - now_s > JUMP_S:
                    container.seek(int(start_s * av.time_base))
                    decoded = frames._decoded(container)
                for frame in islice(decoded, MOST_SKIPPED):
                    now_s = frame.time if frame.time is not None else now_s
                    if now_s >= start_s - HALF_A_FRAME_S:
                        found.append(frames._pixels(frame))
                    if len(found) == FRAMES_PER_PART:
                        break
            except (av.error.FFmpegError, NotDecodable):
                found = []
            yield found
