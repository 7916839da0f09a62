"""The H.264 encoders of a video: x264, or a graphics card's where PyAV offers it and a card answers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import av
from av.codec.context import Flags
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

X264: Final = "libx264"
NVENC: Final = "h264_nvenc"
CRF: Final = 20
PRESET: Final = "veryfast"
KEYFRAME_INTERVAL_S: Final = 5  # at 2 s the mark, sent anew with each, costs half as much again
ENCODER_THREADS: Final = 2  # stated, not left to the machine: the bytes depend on it
# A constant quality near that of CRF; no pictures that are taken from later ones, so that segments are
# closed.
_OPTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    X264: {"crf": str(CRF), "preset": PRESET},
    NVENC: {"preset": "p4", "rc": "constqp", "qp": str(CRF), "bf": "0", "forced-idr": "1"},
}

logger = logging.getLogger(__name__)


def set_up(context: Any, width: int, height: int, rate: Fraction, encoder: str = X264) -> None:
    """Give an H.264 encoder its size, rate, colours and quality."""
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.framerate = rate
    context.time_base = 1 / rate
    context.thread_count = ENCODER_THREADS
    context.gop_size = round(KEYFRAME_INTERVAL_S * rate)
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    context.options = dict(_OPTIONS[encoder])


def opened(encoder: str, width: int, height: int, rate: Fraction) -> Any:
    """An encoder of its own, ready for pictures. Raises what PyAV raises where there is none."""
    context = av.CodecContext.create(encoder, "w")
    context.flags |= Flags.global_header
    set_up(context, width, height, rate, encoder)
    context.open()
    return context


def usable(wanted: str, width: int, height: int, rate: Fraction) -> str:
    """The encoder that is `wanted`, if it encodes a picture of this size here and now, else x264.

    It is asked to do so, because a driver that lacks, a card that is full and a size that it does not take
    are only found out then.
    """
    if wanted == X264:
        return X264
    try:
        context = opened(wanted, width, height, rate)
        picture = av.VideoFrame(width, height, "yuv420p")
        for plane in picture.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        picture.pts, picture.time_base = 0, 1 / rate
        if context.encode(picture) + context.encode(None):
            return wanted
        reason = "it gave no packet"
    except (av.FFmpegError, ValueError, OSError) as error:
        reason = str(error)
    logger.warning("The encoder %s cannot be used (%s): %s encodes instead", wanted, reason, X264)
    return X264
