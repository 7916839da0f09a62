"""Frames of fitted sample portraits, one command at a time."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from generation.animation.portrait.fit import FittedPortrait, fit_portrait
from generation.animation.rendering.renderer import Renderer
from generation.animation.track.arkit import ARKIT_ACTIONS
from tests.generation.animation.pictures import face_of, portrait
from tests.once_a_run import once_a_run

Image = NDArray[np.uint8]


@cache
def fitted(name: str = "amara") -> FittedPortrait:
    """A sample portrait, fitted once for all tests of all processes."""
    return once_a_run(f"fitted {name}", lambda: fit_portrait(portrait(name), face_of(name)))


@cache
def _renderer(name: str, size: int) -> Renderer:
    return Renderer(fitted(name), size)


def renderer(name: str = "amara", size: int = 512) -> Renderer:
    """The one renderer of a sample portrait at a size, kept for all tests."""
    return _renderer(name, size)


def frame(
    actions: dict[str, float] | None = None,
    *,
    pose: tuple[float, ...] = (),
    gaze: tuple[float, float] = (0, 0),
    name: str = "amara",
    size: int = 512,
) -> Image:
    """One frame with some facial actions, a head pose (yaw, pitch, roll, x, y, z) and a gaze."""
    row = np.zeros(52, np.float32)
    for action, value in (actions or {}).items():
        row[ARKIT_ACTIONS.index(action)] = value
    head = np.zeros(6, np.float32)
    head[: len(pose)] = pose
    return renderer(name, size).frame(row, head, np.asarray(gaze, np.float32), 0.0)


def neutral(name: str = "amara", size: int = 512) -> Image:
    """The frame as the portrait has it."""
    return renderer(name, size).layers.neutral


def landmark(index: int, name: str = "amara") -> tuple[float, float]:
    """A landmark of the portrait in pixels of a 512-pixel frame."""
    x, y = fitted(name).points[index, :2]
    return float(x), float(y)


def psnr(a: Image, b: Image) -> float:
    """Peak signal to noise in dB; 99 for equal pictures."""
    error = float(((a.astype(np.float64) - b) ** 2).mean())
    return 99.0 if error == 0 else 10 * np.log10(255**2 / error)
