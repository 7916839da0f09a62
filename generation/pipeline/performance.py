"""Drive by performance: the motion of whoever acts in a video file, as a track that drives any portrait.

Reads strangers' files with native decoders, so the service runs it in a confined process.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
import numpy as np

from generation.animation.arrays import UInt8Array
from generation.animation.capture.capture import capture_motion
from generation.animation.track.motion_track import MotionTrack
from provenance.verify.reader.containers import open_untrusted, playing_pictures

FPS: Final = 25.0  # as most videos are made; of slower ones frames are taken twice
LONGEST_SIDE: Final = 960
MOST_PIXELS: Final = 4096 * 2304


class VideoUnreadable(ValueError):
    """The file is no video that can be decoded."""


def motion_of_video(source: Path, *, longest_s: float) -> MotionTrack:
    """The performer's motion in the first `longest_s` seconds of a video file, as `Animator.capture` takes
    it, at FPS and with the digits and columns of a Live Link take: what is stored of it and comes back is
    the same. Raises CaptureRejected and VideoUnreadable.
    """
    try:
        track = capture_motion(_frames(source, longest_s), FPS)
    except av.FFmpegError as error:
        raise VideoUnreadable(str(error)) from error
    return MotionTrack.from_csv(io.StringIO(track.csv_text()))


def _frames(source: Path, longest_s: float) -> Iterator[UInt8Array]:
    """What a player shows in the middle of each of FPS parts of a second: upright, (H, W, 3) uint8 RGB, of
    the first frame's size, no side longer than LONGEST_SIDE."""
    due_s, shown, first_s = 0.5 / FPS, None, None
    size = (0, 0)
    for frame in _decoded(source):
        if frame.time is None or frame.width * frame.height > MOST_PIXELS:
            raise VideoUnreadable("The picture has no times, or is too large.")
        first_s = frame.time if first_s is None else first_s
        while shown is not None and due_s < min(frame.time - first_s, longest_s):
            yield shown
            due_s += 1 / FPS
        if due_s >= longest_s:
            return
        if not any(size):
            scale = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
            size = (max(round(frame.width * scale), 2), max(round(frame.height * scale), 2))
        picture = frame.reformat(*size, "rgb24").to_ndarray()
        shown = np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90) % 4), np.uint8)
    if shown is not None:
        yield shown


def _decoded(source: Path) -> Iterator[av.VideoFrame]:
    with open_untrusted(source) as container:
        pictures = playing_pictures(container)
        if not pictures:
            raise VideoUnreadable("There is no picture.")
        pictures[0].thread_count = 1
        yield from container.decode(pictures[0])
