"""Mouth interior: draws cavity, tongue and teeth in the aperture between the lips."""

from __future__ import annotations

import math

import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.light import Light
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.mouth.aperture_kernels import measure_aperture
from generation.animation.rendering.mouth.closed_lips import soften_seam
from generation.animation.rendering.mouth.interior_kernels import draw_interior
from generation.animation.rendering.mouth.lip_gap import LipGap, measure_lip_gap
from generation.animation.rendering.mouth.lip_rounding import LipRounding
from generation.animation.rendering.mouth.mouth_colours import MouthColours
from generation.animation.rendering.mouth.opening_kernels import box_of, widest_of
from generation.animation.rendering.mouth.teeth import Teeth

SAMPLES = 2  # a side for each output pixel, so that edges of lips are smooth
LIPS_REACH = 0.30  # head widths around the mouth in which skin can hide it
SURROUND = 4.0  # frame units of lip around the aperture that the drawn box includes
OVERLAP = (0.6, 2.2)  # pixels by which lips would lie over each other over which their seam is softened
CLOSED = 1.0  # frame units between lips that count as closed
CROSSFADE = 0.6  # of the portrait's own gap, over which the drawn interior replaces the portrait's
FADE_IN = (0.25, 1.0)  # pixels of lip gap over which the interior is blended in


class MouthInterior:
    """Draws the interior of one fitted portrait's mouth into frames."""

    def __init__(self, fitted: FittedPortrait, colours: MouthColours, light: Light, scale: float) -> None:
        """`scale` is pixels per frame unit."""
        loops, surface = FaceRig.load().loops, fitted.surface
        self._surface, self._scale, self._colours = surface, scale, colours
        self._upper_edge = surface.vertex_of[loops["lips.upper"]]
        self._lower_edge = surface.vertex_of[loops["lips.lower"]]
        self._rounding = LipRounding(surface, fitted.head.scale)
        mouth = surface.source[np.concatenate([self._upper_edge, self._lower_edge])].mean(0)
        reach = (
            np.linalg.norm(surface.source[: surface.mesh_size] - mouth, axis=1)
            < LIPS_REACH * surface.head_width
        )
        lips = surface.skin[reach[surface.skin].all(1)]
        # Triangles that face away at rest are the inner side of the lips: they must not occlude the interior.
        a, b, c = (surface.source[lips[:, k]] for k in range(3))
        turned = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        self._lips = np.ascontiguousarray(lips[turned < 0])
        at_rest = (surface.source[: surface.mesh_size] + 0.5) * scale - 0.5
        at_rest_gap = measure_lip_gap(at_rest, self._upper_edge, self._lower_edge)
        self._rest_gap = max(float(at_rest_gap.height.max()), 0.0)
        self._unit = surface.head_width * scale
        self._square_unit = self._unit**2
        self._pad = math.ceil(SURROUND * scale) + 2
        self._faded_in = FADE_IN[1] + CROSSFADE * self._rest_gap
        self.teeth = Teeth(fitted, colours, light, scale, self._rest_gap / scale)

    @property
    def closed_at_rest(self) -> bool:
        """Whether the portrait's own lips are closed."""
        return self._rest_gap < CLOSED * self._scale

    def round_lips(self, pixels: Float32Array, actions: Float32Array) -> LipGap:
        """Round the opening between the lips, in place in `pixels` (N, 3), for `actions` (52,), and measure
        it."""
        return self._rounding.apply(pixels, (self._upper_edge, self._lower_edge), actions)

    def draw(
        self,
        frame: UInt8Array,
        pixels: Float32Array,
        lip_gap: LipGap,
        actions: Float32Array,
        head: Float32Array,
    ) -> None:
        """Draw the interior into `frame`, in place.

        `pixels` (N, 3) are the surface's projected vertices with depth; `actions` (52,) and the head's
        transform (3, 4) place the teeth."""
        gap = lip_gap.curves
        if lip_gap.most_overlap > OVERLAP[0]:
            soften_seam(frame, lip_gap, smoothstep(*OVERLAP, lip_gap.overlap))
        # Lips that are apart in the portrait show the portrait's own teeth until they part further.
        strength = ramp(FADE_IN[0], self._faded_in, widest_of(gap) - self._rest_gap)
        if strength <= 0:
            return
        x0, y0, x1, y1 = box_of(gap, self._pad, frame.shape[0])
        height, width = y1 - y0, x1 - x0
        if width < 2 or height < 2:
            return
        rounded = self.teeth.place(gap, actions, head)
        outline, depths = np.empty((5, width), np.float32), np.empty((2, height, width), np.float32)
        edges, heights = outline[:4], outline[4]
        tallest = measure_aperture(
            pixels, self._lips, gap, x0, y0, SAMPLES, rounded, edges, depths[0], depths[1], heights
        )  # fmt: skip
        area = float(np.add.reduce(heights)) / self._square_unit
        colours = self._colours
        draw_interior(
            frame[y0:y1, x0:x1], x0, y0, gap, actions, head, rounded, edges, depths[0], depths[1], area,
            tallest, *self.teeth.arches, self.teeth.pixels_per_mm, self._unit, self._scale, colours.flesh,
            colours.darkening, colours.grain, strength,
        )  # fmt: skip
