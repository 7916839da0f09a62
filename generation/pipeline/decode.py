"""Decodes a video file: its facts from the header, its frames one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation
from numpy.typing import NDArray

DECODER_THREADS = 2
# The fast conversion to RGB darkens every picture by one level; this one is right to 0.2 levels on average.
CONVERSION = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
MAXIMUM_PIXELS = 4096 * 4096  # a header may claim any size; a frame buffer is not allocated above this
MAXIMUM_FRAMES_COUNTED = 200_000  # over an hour at 50 frames a second


class DecodingFailed(Exception):
    """The file is not a video that can be read. The text says what is wrong with it."""


@dataclass(frozen=True)
class VideoFacts:
    """What a video file says of itself. `frames` is counted from its packets, not taken from the header.

    `audio_duration_s`, `audio_sample_rate` and `audio_channels` are None when there is no sound.
    """

    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    codec: str
    pixel_format: str
    has_audio: bool
    audio_codec: str | None
    audio_duration_s: float | None
    audio_sample_rate: int | None
    audio_channels: int | None


def probe(path: Path) -> VideoFacts:
    """The facts of the first video and the first audio stream; reads packets, decodes nothing.

    Raises DecodingFailed when there is no readable video stream.
    """
    with decoder_errors(), av.open(str(path)) as container:
        stream = video_stream_of(container)
        sound = container.streams.audio[0] if container.streams.audio else None
        frames = 0
        for packet in container.demux(stream):
            frames += packet.size > 0
            if frames > MAXIMUM_FRAMES_COUNTED:
                raise DecodingFailed(f"The video has over {MAXIMUM_FRAMES_COUNTED} frames.")
        fps = float(stream.average_rate or stream.base_rate or 0)
        return VideoFacts(
            width=stream.codec_context.width,
            height=stream.codec_context.height,
            fps=fps,
            frames=frames,
            duration_s=_duration_s(stream) or (frames / fps if fps else 0.0),
            codec=stream.codec_context.codec.name,
            pixel_format=stream.codec_context.pix_fmt or "",
            has_audio=sound is not None,
            audio_codec=sound.codec_context.codec.name if sound else None,
            audio_duration_s=_duration_s(sound) if sound else None,
            audio_sample_rate=sound.codec_context.sample_rate if sound else None,
            audio_channels=sound.codec_context.channels if sound else None,
        )


def read_frames(path: Path, *, limit: int | None = None, every: int = 1) -> Iterator[NDArray[np.uint8]]:
    """Yield (H, W, 3) uint8 RGB frames 0, every, 2 * every, ... in order, `limit` at most.

    Raises DecodingFailed when the file cannot be read, also in the middle.
    """
    for frame in _decoded(path, limit=limit, every=every):
        yield frame.to_ndarray(format="rgb24", dst_color_range=ColorRange.JPEG, interpolation=CONVERSION)


def read_luma(path: Path, *, limit: int | None = None, every: int = 1) -> Iterator[NDArray[np.uint8]]:
    """The same frames as (H, W) uint8 grey."""
    for frame in _decoded(path, limit=limit, every=every):
        yield frame.to_ndarray(format="gray")


def read_spread_luma(path: Path, *, every: int) -> Iterator[NDArray[np.uint8]]:
    """The frames of `read_luma`, of a file whose groups of pictures are closed, as ours are.

    No group is decoded further than to the last frame that is wanted of it. Raises as `read_frames`.
    """
    with decoder_errors(), av.open(str(path)) as container:
        stream = video_stream_of(container)
        packets = [packet for packet in container.demux(stream) if packet.size]
        wanted = {packet.pts for packet in sorted(packets, key=lambda packet: packet.pts or 0)[::every]}
        context = stream.codec_context
        context.thread_count = DECODER_THREADS
        keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
        for first, stop in pairwise([*keys, len(packets)]):
            group = packets[first:stop]
            places = [place for place, packet in enumerate(group) if packet.pts in wanted]
            if not places:
                continue
            for packet in (*group[: places[-1] + 1], None):  # what it holds back comes at the end
                for frame in context.decode(packet):
                    if frame.pts in wanted:
                        yield frame.to_ndarray(format="gray")
            context.flush_buffers()


def read_sound(path: Path, sample_rate: int = 16_000) -> NDArray[np.float32]:
    """The sound of the file mixed to one channel, (N,) float32 -1..1 at `sample_rate`; empty without sound.

    Raises DecodingFailed when the file cannot be read.
    """
    with decoder_errors(), av.open(str(path)) as container:
        if not container.streams.audio:
            return np.zeros(0, np.float32)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=sample_rate)
        pieces = [
            piece.to_ndarray()[0]
            for frame in chain(container.decode(audio=0), [None])
            for piece in resampler.resample(frame)
        ]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


def _decoded(path: Path, *, limit: int | None, every: int) -> Iterator[Any]:
    if every < 1:
        raise ValueError("every must be at least 1.")
    with decoder_errors(), av.open(str(path)) as container:
        stream = video_stream_of(container)
        stream.codec_context.thread_count = DECODER_THREADS
        stream.thread_type = "AUTO"
        yielded = 0
        for index, frame in enumerate(container.decode(stream)):
            if limit is not None and yielded >= limit:
                return
            if index % every:
                continue
            if frame.width * frame.height > MAXIMUM_PIXELS:
                raise DecodingFailed(f"A frame of {frame.width}x{frame.height} is too large.")
            yielded += 1
            yield frame


def video_stream_of(container: Any) -> Any:
    """The first video stream of an open file. Raises DecodingFailed without one, and for one too large."""
    if not container.streams.video:
        raise DecodingFailed("The file has no video stream.")
    stream = container.streams.video[0]
    width, height = stream.codec_context.width, stream.codec_context.height
    if width < 1 or height < 1:
        raise DecodingFailed("The video stream has no picture size.")
    if width * height > MAXIMUM_PIXELS:
        raise DecodingFailed(f"A picture of {width}x{height} is too large.")
    return stream


def _duration_s(stream: Any) -> float | None:
    return float(stream.duration * stream.time_base) if stream.duration else None


@contextmanager
def decoder_errors() -> Iterator[None]:
    """What FFmpeg and the disk raise, as DecodingFailed."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise DecodingFailed(f"The video could not be read: {error.strerror}.") from error
