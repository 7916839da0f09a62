"""Lip rounding: gives the opening between parted lips round corners, and lets lips that overlap just touch.

Whatever actions have moved them: each action is shaped for itself, their sum is not. Lips that lie over each
other would show a jagged fold where the picture has one soft line."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.surface import Surface
from generation.animation.rendering.mouth.lip_gap import LipGap

FADE = 0.07  # head widths from the lips' edges over which their correction fades
BETWEEN = 0.003  # metres of difference in distance over which a vertex passes from one lip to the other
LEAST = 0.01  # weight below which a vertex is left alone
# Height over width of the opening over which it takes its round shape: a slit is allowed pointed corners.
ROUND_FROM = (0.03, 0.30)
SHAPE = 0.55  # exponent of the outline of an opened mouth: 1/2 is an ellipse, 1 a parabola
# Lips cling to each other next to the corners, except where a smile draws them apart: share of the half width
# at each end over which they part.
CLING = 0.34
UPPER_SHARE = 0.45  # the upper lip's share of the correction where both lips have left the corners' line


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
        self._up, self._down = share[:, self._vertices]

    def apply(self, pixels: Float32Array, lip_gap: LipGap, spread: float) -> bool:
        """Move vertices of `pixels` (N, 3), in place; False where the opening `lip_gap` is fine as it is.

        `spread` 0..1 is how far a smile or a stretch draws the corners apart."""
        gap = lip_gap.height
        widest, width = float(gap.max()), float(np.ptp(lip_gap.x))
        tall = widest / max(width, 1.0)
        roundness = smoothstep_scalar(*ROUND_FROM, tall)
        overlap = np.maximum(-gap, 0)
        if widest <= 0 and overlap.max() <= 0:
            return False
        inwards = 1 - np.abs(np.linspace(-1, 1, len(gap)))
        wanted = widest * (1 - (1 - inwards) ** 2) ** SHAPE
        rounded = np.maximum(gap, 0) + roundness * np.maximum(wanted - np.maximum(gap, 0), 0)
        cling = CLING * (1 - spread)
        if cling > 0:
            rounded *= smoothstep(0.0, cling, inwards)
        missing = rounded - gap
        chord = np.linspace(lip_gap.upper[0], lip_gap.upper[-1], len(gap))
        rise, drop = (
            max(float(v), 0.0) for v in ((chord - lip_gap.upper).max(), (lip_gap.lower - chord).max())
        )
        upper = UPPER_SHARE * min(2 * rise / max(rise + drop, 1e-3), 1.0) * np.ones(len(gap))
        upper[overlap > 0] = 0.5
        upper = np.interp(pixels[self._vertices, 0], lip_gap.x, upper)
        move = np.interp(pixels[self._vertices, 0], lip_gap.x, missing, left=0, right=0)
        pixels[self._vertices, 1] += (move * ((1 - upper) * self._down - upper * self._up)).astype(np.float32)
        return True
