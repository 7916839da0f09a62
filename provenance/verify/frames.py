"""A bounded number of frames out of a file from a stranger, for the watermark to be looked for in.

Runs FFmpeg on hostile bytes: only inside the isolated process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

LARGEST_PIXELS = 4096 * 4096
LARGEST_SIDE = 1280
MOST_BROKEN_PACKETS = 64

_SHORT_S = 20.0
_USUAL_FPS = 25
_FRAMES = 48  # in all; of a clip that does not move, more of them show nothing new
_PLACES, _STEP = 12, 4  # in a long clip, and frames from one to the next


@dataclass(frozen=True)
class FrameFacts:
    """What the container says about its first picture track; `duration_s` is None when it does not say."""

    width: int
    height: int
    duration_s: float | None


class NotDecodable(ValueError):
    """The picture has more pixels than we decode, or is encoded in a way that we have no decoder for."""


def frame_facts(path: Path) -> FrameFacts | None:
    """Size and duration of the first video track or picture, or None when there is none.

    Raises `av.error.FFmpegError` for what cannot be read and `NotDecodable` for pictures over 16 megapixels
    and unknown codecs.
    """
    with _open(path) as container:
        if not container.streams.video:
            return None
        stream = container.streams.video[0]
        if stream.codec_context is None:
            raise NotDecodable
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > LARGEST_PIXELS:
            raise NotDecodable
        duration = float(container.duration / av.time_base) if container.duration else None
        return FrameFacts(width, height, duration)


def sampled(path: Path, facts: FrameFacts) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames spread over the whole clip, as (second, (H, W) uint8 grey), no side longer than 1280.

    A short clip is read through and every few frames are given; of a long one a few frames each from places
    all over it. What is damaged is passed over as far as FFmpeg can; a file that ends early gives the frames
    before its end. Raises `NotDecodable` if a frame turns out larger than the container said.
    """
    duration = facts.duration_s
    if duration is None or duration <= _SHORT_S:
        yield from _through(
            path, 0.0, every=max(1, round((duration or 0) * _USUAL_FPS / _FRAMES)), limit=_FRAMES
        )
        return
    for place in range(_PLACES):
        start_s = duration * place / _PLACES
        yield from _through(path, start_s, every=_STEP, limit=_FRAMES // _PLACES)


def first_picture(path: Path) -> NDArray[np.uint8] | None:
    """The first frame at its own size, (H, W, 3) uint8 RGB, or None when there is none.

    Raises as `sampled` does.
    """
    with _open(path) as container:
        container.streams.video[0].thread_count = 1
        frame = next(_decoded(container), None)
        if frame is None:
            return None
        if frame.width * frame.height > LARGEST_PIXELS:
            raise NotDecodable
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _through(
    path: Path, start_s: float, *, every: int, limit: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    with _open(path) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        if start_s > 0:
            container.seek(int(start_s * av.time_base))
        given = 0
        for index, frame in enumerate(_decoded(container)):
            if index % every:
                continue
            yield int(frame.time or 0), _pixels(frame)
            given += 1
            if given == limit:
                return


def _open(path: Path) -> InputContainer:
    # Only this one file: a playlist or a reference movie must not make FFmpeg open others or the network.
    options = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}
    container: InputContainer = av.open(str(path), mode="r", options=options, metadata_errors="replace")
    return container


def _decoded(container: InputContainer) -> Iterator[VideoFrame]:
    stream = container.streams.video[0]
    errors = 0
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            # One broken packet is no reason to give up on the rest; a file full of them is.
            errors += 1
            if errors > MOST_BROKEN_PACKETS:
                return


def _pixels(frame: VideoFrame) -> NDArray[np.uint8]:
    if frame.width * frame.height > LARGEST_PIXELS:
        raise NotDecodable
    scale = min(1.0, LARGEST_SIDE / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    return np.asarray(frame.reformat(width=width, height=height, format="gray").to_ndarray(), dtype=np.uint8)
