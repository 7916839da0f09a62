"""Where in a video the mark is: a few frames from each part of it. Only inside the isolated process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from provenance.verify.frames import NotDecodable, frame_facts, window
from provenance.watermark import WatermarkKey, extract

MOST_PARTS = 10
PART_S = 1.0
FRAMES_PER_PART = 4


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
    return [
        {
            "start_s": round(index * length, 3),
            "end_s": round((index + 1) * length, 3),
            "state": _state(path, index * length, key, watermark_id),
        }
        for index in range(count)
    ]


def _state(path: Path, start_s: float, key: WatermarkKey, watermark_id: str) -> str:
    try:
        reading = extract(window(path, start_s, limit=FRAMES_PER_PART), key)
    except (av.error.FFmpegError, NotDecodable):
        return "unreadable"
    if reading.frames_read == 0:
        return "unreadable"
    if reading.record_id is None:
        return "not_found"
    return "found" if f"{reading.record_id:016x}" == watermark_id else "other"
