"""Portrait and speech to moving pictures: torch and numpy only, no Django, no Celery, no settings.

The names below are the stable surface. They load at first use, so that a process that only needs the
vocabulary (MotionControls, Guidance, MotionTrack) does not pay for, or depend on, the compiled parts."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generation.animation.animator import Animator
    from generation.animation.motion.controls import MotionControls
    from generation.animation.motion.guidance import Guidance, GuidanceInvalid
    from generation.animation.portrait.fit import FittedPortrait
    from generation.animation.portrait.portrait_check import PortraitRejected
    from generation.animation.track.motion_track import MotionTrack

__all__ = [
    "Animator",
    "FittedPortrait",
    "Guidance",
    "GuidanceInvalid",
    "MotionControls",
    "MotionTrack",
    "PortraitRejected",
]

_HOME = {
    "Animator": "animator",
    "FittedPortrait": "portrait.fit",
    "Guidance": "motion.guidance",
    "GuidanceInvalid": "motion.guidance",
    "MotionControls": "motion.controls",
    "MotionTrack": "track.motion_track",
    "PortraitRejected": "portrait.portrait_check",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
