"""The rendered frames of a video, stretch by stretch: of one rendering of all of it, or of one for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused
from generation.animation.protocols import PictureRenderer, PortraitAnimator, StretchRenderer
from generation.animation.track.motion_track import MotionTrack


class ProductionFailed(Exception):
    """The video came out with another length than its motion or its sound. The text gives both."""


def whole(
    animator: PortraitAnimator, fitted: Any, track: MotionTrack, video: VideoFormat
) -> Callable[[range], Iterator[NDArray[np.uint8]]]:
    """The stretches of a video, one after the other, of which the renderer makes all frames in one go."""
    frames = exactly(len(track), _rendered(animator, fitted, track, video))
    return lambda stretch: frames if stretch.stop == len(track) else islice(frames, len(stretch))


def stretches(
    animator: StretchRenderer, fitted: Any, track: MotionTrack, video: VideoFormat
) -> Callable[[range], Iterator[NDArray[np.uint8]]]:
    """Any stretch of a video, each by itself. The animator renders stretches."""
    return lambda stretch: exactly(
        len(stretch), animator.render_stretch(fitted, track, video=video, frames=stretch)
    )


def _rendered(
    animator: PortraitAnimator, fitted: Any, track: MotionTrack, video: VideoFormat
) -> Iterator[NDArray[np.uint8]]:
    if video.is_square:
        return animator.render(fitted, track, size=video.size)
    if not isinstance(animator, PictureRenderer):
        raise VideoFormatRefused.square_only()
    return animator.render_in_picture(fitted, track, size=video.size, aspect=video.aspect, fill=video.fill)


def exactly(count: int, frames: Iterator[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    """`frames` unchanged; raises ProductionFailed when there are not exactly `count`."""
    done = 0
    for frame in frames:
        done += 1
        if done > count:
            break
        yield frame
    if done != count:
        raise ProductionFailed(
            f"The renderer gave {'more' if done > count else done} frames for {count} steps."
        )
