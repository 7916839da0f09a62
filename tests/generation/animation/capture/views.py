"""Views of a performer whose motion is known, as the picture shows it that the portrait was cut from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.capture.face_view import FaceView
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.rendering.renderer import Renderer
from tests.generation.animation.rendered import fitted

NAME = "tomas"
AHEAD = np.zeros(2)
SIZE = 512  # as the frame's units


def actions_of(named: dict[str, float]) -> np.ndarray:
    out = np.zeros(52)
    for name, value in named.items():
        out[ACTION_INDEX[name]] = value
    return out


def view_of(
    named: dict[str, float],
    pose: np.ndarray,
    gaze: np.ndarray = AHEAD,
    cut: Callable[[UInt8Array, Float32Array], FaceView] = FaceView.of,
) -> FaceView:
    """The performer's frame with this motion."""
    performer = fitted(NAME)
    actions = actions_of(named).astype(np.float32)
    frame = Renderer(performer, SIZE).frame(actions, pose.astype(np.float32), gaze.astype(np.float32), 0.0)
    left, top, side = performer.square
    scale = SIZE / side
    view = cut(frame, performer.points.astype(np.float32))
    # In pixels of the picture.
    return FaceView(view.grey, view.left / scale + left, view.top / scale + top, view.side / scale)
