"""The animation library: portrait and speech in, video frames out. torch and numpy, no Django, no settings.

The names below are the stable surface. They load at first use, so that a process that only needs the
vocabulary (MotionControls, Direction, Guidance, MotionTrack) neither imports nor needs the compiled parts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generation.animation.animator import Animator
    from generation.animation.capture.refusals import CaptureRejected
    from generation.animation.identity import ModelIdentity, PixelOrigin
    from generation.animation.motion.controls import MotionControls
    from generation.animation.motion.direction.direction import Direction, DirectionInvalid
    from generation.animation.motion.guidance import Guidance, GuidanceInvalid
    from generation.animation.portrait.fit import FittedPortrait
    from generation.animation.portrait.portrait_check import PortraitRejected
    from generation.animation.protocols import MotionSource, PortraitAnimator, PortraitRenderer
    from generation.animation.track.motion_track import MotionTrack

__all__ = [
    "Animator",
    "CaptureRejected",
    "Direction",
    "DirectionInvalid",
    "FittedPortrait",
    "Guidance",
    "GuidanceInvalid",
    "ModelIdentity",
    "MotionControls",
    "MotionSource",
    "MotionTrack",
    "PixelOrigin",
    "PortraitAnimator",
    "PortraitRejected",
    "PortraitRenderer",
]

_HOME = {
    "Animator": "animator",
    "CaptureRejected": "capture.refusals",
    "Direction": "motion.direction.direction",
    "DirectionInvalid": "motion.direction.direction",
    "FittedPortrait": "portrait.fit",
    "Guidance": "motion.guidance",
    "GuidanceInvalid": "motion.guidance",
    "ModelIdentity": "identity",
    "MotionControls": "motion.controls",
    "MotionSource": "protocols",
    "MotionTrack": "track.motion_track",
    "PixelOrigin": "identity",
    "PortraitAnimator": "protocols",
    "PortraitRejected": "portrait.portrait_check",
    "PortraitRenderer": "protocols",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
