"""Lip rounding: gives the opening between parted lips round corners, and lets lips that overlap just touch.

Whatever actions have moved them: each action is shaped for itself, their sum is not. Lips that lie over each
other would show a jagged fold where the picture has one soft line."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, Int32Array
from generation.animation.geometry.rig import FaceRig
from generation.animation.portrait.surface import Surface
from generation.animation.rendering.mouth.lip_gap import COLUMNS, LipGap
from generation.animation.rendering.mouth.lip_kernels import round_lips

FADE = 0.07  # head widths from the lips' edges over which their correction fades
BETWEEN = 0.003  # metres of difference in distance over which a vertex passes from one lip to the other
LEAST = 0.01  # weight below which a vertex is left alone


class LipRounding:
    """Moves the skin along the lips' edges of one surface."""

    def __init__(self, surface: Surface, scale: float) -> None:
        """`scale` is frame units for a metre of the rig."""
        rig = FaceRig.load()
        edges = [rig.loops[name] for name in ("lips.upper", "lips.lower")]
        used = np.flatnonzero(surface.vertex_of >= 0)
        used = used[np.isin(surface.vertex_of[used], surface.skin)]
        # Distances on the rig tell both lips and their inner sides apart, which the picture does not.
        away = [
            np.linalg.norm(rig.vertices[used, None] - rig.vertices[None, e], axis=2).min(1) for e in edges
        ]
        fade = FADE * surface.head_width / scale
        share = np.zeros((2, surface.mesh_size), np.float32)
        for row, (own, other) in enumerate((away, away[::-1])):
            nearer = np.clip(0.5 + (other - own) / BETWEEN, 0, 1)
            share[row, surface.vertex_of[used]] = np.exp(-((own / fade) ** 2)) * nearer
        for row, edge in enumerate(edges):
            share[1 - row, surface.vertex_of[edge]] = 0
        for row, edge in enumerate(edges):
            share[row, surface.vertex_of[edge]] = 1
        share[share < LEAST] = 0
        self._vertices = np.flatnonzero(share.any(0))
        self._up, self._down = np.ascontiguousarray(share[:, self._vertices])

    def apply(
        self, pixels: Float32Array, edges: tuple[Int32Array, Int32Array], actions: Float32Array
    ) -> LipGap:
        """Move vertices of `pixels` (N, 3), in place, for `actions` (52,), and measure what the lips'
        `edges`, vertices of the upper and of the lower one, leave open then."""
        rows = np.empty((4, COLUMNS))
        gap, overlap = rows[:3], rows[3]
        most = round_lips(pixels, *edges, self._vertices, self._up, self._down, actions, gap, overlap)
        return LipGap(gap, overlap, most)
