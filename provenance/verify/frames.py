"""A bounded number of frames out of a file from a stranger, for the watermark to be looked for in.

Runs FFmpeg on hostile bytes: only inside the isolated process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

LARGEST_PIXELS = 4096 * 4096
LARGEST_SIDE = 1280
MOST_BROKEN_PACKETS = 64


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


def window(path: Path, start_s: float, *, limit: int) -> Iterator[NDArray[np.uint8]]:
    """Up to `limit` consecutive frames from `start_s` on, as (H, W, 3) uint8 RGB, no side longer than 1280.

    What is damaged is passed over as far as FFmpeg can; a file that ends early gives the frames before its
    end. Raises `NotDecodable` if a frame turns out larger than the container said.
    """
    with _open(path) as container:
        stream = container.streams.video[0]
        stream.thread_count = 1
        if start_s > 0:
            container.seek(int(start_s * av.time_base))
        for frame in islice(_decoded(container), limit):
            yield _pixels(frame)


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
    return np.asarray(frame.reformat(width=width, height=height, format="rgb24").to_ndarray(), dtype=np.uint8)
