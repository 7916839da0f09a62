"""Encodes pictures as H.264, in closed segments that follow one another, each by an encoder of its own.

The watermark goes into the luma plane, after the conversion and before the encoder. yuv420p with BT.709
flagged is what browsers, phones and players agree on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from numpy.typing import NDArray

from generation.pipeline.finishing.encoders import X264, opened, set_up

Frame = NDArray[np.uint8]
Luma = NDArray[np.uint8]
# Makes marked pictures of frames, in order and with even sides, which it is given one after the other.
Finisher = Callable[[Iterable[Frame]], Iterator[Any]]


class EncodingFailed(Exception):
    """The video could not be encoded or written. Nothing is left at the destination. The text says why."""


class VideoPacket(NamedTuple):
    """One encoded picture; times in frames since the start of the video."""

    data: bytes
    pts: int
    dts: int
    duration: int
    is_key: bool


@dataclass(frozen=True)
class PictureSegment:
    """Encoded pictures that need none before them: the size, the encoder's parameter sets, the packets.

    `packets` may still be in the making: what the making raises comes from the iteration.
    """

    width: int
    height: int
    header: bytes
    packets: Iterable[VideoPacket]
    encoder: str = X264


def encode_pictures(
    frames: Iterable[Frame],
    *,
    fps: float,
    first: int,
    finish: Finisher,
    on_frame: Callable[[int], None],
    encoder: str = X264,
) -> PictureSegment:
    """Begin to encode a closed segment of a video, whose first frame is number `first`, by an `encoder` of
    its own. The arguments are those of `encode_video`; `finish` marks, see `marked_by`; `on_frame` counts the
    frames of the segment.

    Raises EncodingFailed when there is no frame.
    """
    remaining = iter(frames)
    head = next(remaining, None)
    if head is None:
        raise EncodingFailed("There is no frame to encode.")
    _require_form(head, *head.shape[:2])
    height, width = head.shape[:2]
    rate = exact_rate(fps)
    with encoder_errors():
        context = opened(encoder, width, height, rate)

    def required() -> Iterator[Frame]:
        for frame in chain((head,), remaining):
            _require_form(frame, height, width)
            yield frame

    def packets() -> Iterator[VideoPacket]:
        for count, picture in enumerate(finish(required())):
            picture.pts, picture.time_base = first + count, 1 / rate
            with encoder_errors():
                made = context.encode(picture)
            yield from map(_plain, made)
            on_frame(count + 1)
        with encoder_errors():
            made = context.encode(None)
        yield from map(_plain, made)

    return PictureSegment(width, height, bytes(context.extradata), packets(), encoder)


def marked_by(mark: Callable[[Luma], Luma]) -> Finisher:
    """Converts colours on the CPU, and puts in place of each luma plane what `mark` makes of it."""

    def finish(frames: Iterable[Frame]) -> Iterator[Any]:
        for frame in frames:
            picture = to_yuv(frame)
            set_luma(picture, mark(luma_of(picture)))
            yield picture

    return finish


def _plain(packet: Any) -> VideoPacket:
    return VideoPacket(bytes(packet), packet.pts, packet.dts, packet.duration or 0, packet.is_keyframe)


def video_stream(container: Any, width: int, height: int, rate: Fraction, encoder: str = X264) -> Any:
    """Add the picture's stream, width x height at `rate` frames a second, to an open `container`."""
    stream = container.add_stream(encoder, rate=rate)
    set_up(stream.codec_context, width, height, rate, encoder)
    return stream


def exact_rate(fps: float) -> Fraction:
    """The frame rate as files state it."""
    return Fraction(fps).limit_denominator(1001)


def to_yuv(frame: Frame) -> Any:
    """The frame as the encoder takes it: planar 4:2:0, BT.709, 16 to 235."""
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709,
        interpolation=Interpolation.AREA,
    )


def luma_of(picture: Any) -> Luma:
    """A copy of the luma plane of a planar picture."""
    plane = picture.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : picture.width].copy()


def set_luma(picture: Any, luma: Luma) -> None:
    """Put another luma plane into a planar picture."""
    plane = picture.planes[0]
    np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : picture.width] = luma


def _require_form(frame: Frame, height: int, width: int) -> None:
    if frame.shape != (height, width, 3) or frame.dtype != np.uint8 or height % 2 or width % 2:
        raise ValueError(
            f"A frame must be ({height}, {width}, 3) uint8 with even sides, not {frame.shape} {frame.dtype}."
        )


@contextmanager
def encoder_errors() -> Iterator[None]:
    """What FFmpeg and the disk raise, as EncodingFailed."""
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise EncodingFailed(f"The video could not be written: {error.strerror}.") from error
