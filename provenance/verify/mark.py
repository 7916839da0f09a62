"""Looking for our watermark in the frames of a file from a stranger. Only inside the isolated process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av

from provenance.verify.frames import NotDecodable, frame_facts, window
from provenance.watermark import WatermarkKey, extract
from provenance.watermark.decision import WatermarkState

# The mark is in every frame, so the start is as good as any part; unless the start was cut off or replaced:
# then a later window, given as a share of the duration, shows it.
_FIRST_FRAMES = 64
_LATER_WINDOWS = (0.4, 0.8)
_LATER_FRAMES = 24
_SHORT_S = 3.0


def read_mark(path: Path, secret: bytes) -> dict[str, Any]:
    """State, watermark id (16 hexadecimal digits), frames read and rate of false matches, as plain values.

    Never raises for what is in the file: what cannot be decoded is `inconclusive`, no picture is
    `not_looked_for`. The rate adds up over the windows that were tried.
    """
    key = WatermarkKey(secret)
    frames_read, false_match, is_inconclusive = 0, 0.0, False
    try:
        facts = frame_facts(path)
        if facts is None:
            return _answer("not_looked_for", None, 0, None)
        windows = [(0.0, _FIRST_FRAMES)]
        if facts.duration_s is not None and facts.duration_s > _SHORT_S:
            windows += [(share * facts.duration_s, _LATER_FRAMES) for share in _LATER_WINDOWS]
        for start_s, limit in windows:
            reading = extract(window(path, start_s, limit=limit), key)
            frames_read += reading.frames_read
            false_match += reading.false_positive_rate
            if reading.record_id is not None:
                return _answer("found", f"{reading.record_id:016x}", frames_read, false_match)
            is_inconclusive |= reading.state is WatermarkState.INCONCLUSIVE
    except (av.error.FFmpegError, NotDecodable):
        is_inconclusive = True
    state = "inconclusive" if is_inconclusive else "not_found"
    return _answer(state, None, frames_read, None if is_inconclusive else false_match)


def _answer(state: str, watermark_id: str | None, frames: int, false_match: float | None) -> dict[str, Any]:
    return {"state": state, "watermark_id": watermark_id, "frames_read": frames, "false_match": false_match}
