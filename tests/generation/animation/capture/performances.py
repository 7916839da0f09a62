"""Rendered performers whose motion is known, and videos in which nothing moves."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.known_motion import SIMPLE, blink_frames, known_motion
from generation.animation.rendering.renderer import Renderer
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.rendered import fitted
from tests.once_a_run import once_a_run

Image = NDArray[np.uint8]

FPS = 25.0
FRAMES = 46
BLINKS = tuple(blink_frames(FRAMES))


@cache
def performance() -> MotionTrack:
    """Head, jaw, smile and brows moving by themselves, from rest, and two blinks."""
    track: MotionTrack = known_motion(5, FRAMES, SIMPLE, FPS)
    return track


@cache
def filmed(name: str, size: int = 320) -> tuple[Image, ...]:
    """The performance on a sample portrait, as frames (size, size, 3)."""
    return once_a_run(
        f"filmed {name} {size}", lambda: tuple(Renderer(fitted(name), size).frames(performance()))
    )


def still(picture: Image, seconds: float) -> list[Image]:
    """A video in which nothing moves."""
    return [picture] * round(seconds * FPS)
