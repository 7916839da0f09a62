"""Measures the gap between the lips on a fitted portrait's deformed mesh, for any actions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.portraits import CAST, read_picture
from generation.animation.animator import Animator
from generation.animation.geometry.rig import FaceRig
from generation.animation.portrait.fit import FittedPortrait

PRESENTER = "maya"
_COLUMNS = 41


class Lips:
    """The inner lips of one portrait. The mesh is linear in the actions, so two rows of vertices suffice."""

    def __init__(self, portrait: FittedPortrait) -> None:
        surface, loops = portrait.surface, FaceRig.load().loops
        self._rows = [surface.vertex_of[loops[name]] for name in ("lips.upper", "lips.lower")]
        self._rest = [surface.rest[row, :2] for row in self._rows]
        self._moves = [surface.actions[:, row, :2] for row in self._rows]
        self._width = surface.head_width

    def gap(self, actions: NDArray[np.floating]) -> NDArray[np.float64]:
        """The widest opening between the lips for actions (T, 52), more than at rest, in head widths."""
        rest, moved = self._opening(np.zeros((1, actions.shape[1]))), self._opening(actions)
        return np.asarray(np.maximum(moved - rest, 0.0).max(1) / self._width)

    def _opening(self, actions: NDArray[np.floating]) -> NDArray[np.float64]:
        """Height between the lips (T, COLUMNS) at equal steps from corner to corner."""
        out = np.zeros((len(actions), _COLUMNS))
        placed = [
            rest + np.einsum("ta,anc->tnc", actions, moves)
            for rest, moves in zip(self._rest, self._moves, strict=True)
        ]
        for t, (upper, lower) in enumerate(zip(*placed, strict=True)):
            left = max(upper[:, 0].min(), lower[:, 0].min())
            right = min(upper[:, 0].max(), lower[:, 0].max())
            columns = np.linspace(left, right, _COLUMNS + 2)[1:-1]
            out[t] = _height(lower, columns) - _height(upper, columns)
        return out


def _height(row: NDArray[np.floating], columns: NDArray[np.floating]) -> NDArray[np.float64]:
    order = np.argsort(row[:, 0])
    return np.asarray(np.interp(columns, row[order, 0], row[order, 1]), np.float64)


def presenter_lips() -> Lips:
    """The lips that figures are measured on."""
    return Lips(Animator.load("cpu").fit(read_picture(CAST / f"{PRESENTER}.jpg")))
