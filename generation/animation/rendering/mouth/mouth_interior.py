"""Mouth interior: draws cavity, tongue and teeth in the aperture between the lips."""

from __future__ import annotations

import math

import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.light import Light
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.mouth.aperture_kernels import blend_in, cover_lips, edge_rows
from generation.animation.rendering.mouth.lip_aperture import (
    LipAperture,
    find_aperture,
    paint_aperture,
    soften_seam,
)
from generation.animation.rendering.mouth.lip_gap import COLUMNS, LipGap, measure_lip_gap
from generation.animation.rendering.mouth.lip_rounding import LipRounding
from generation.animation.rendering.mouth.mouth_colours import MouthColours
from generation.animation.rendering.mouth.opening_kernels import (
    between,
    box_of,
    corners_apart,
    fill_overlap,
    lips_over_teeth,
    lips_rounded,
    widest_of,
)
from generation.animation.rendering.mouth.oral_flesh import paint_flesh_and_teeth
from generation.animation.rendering.mouth.teeth import Box, LipsOverTeeth, Teeth

SAMPLES = 2  # a side for each output pixel, so that edges of lips are smooth
LIPS_REACH = 0.30  # head widths around the mouth in which skin can hide it
SHADOW = 0.035  # head widths, length of the upper lip's shadow
SURROUND = 4.0  # frame units of lip around the aperture that the drawn box includes
LIT_AREA = 0.022  # square head widths of aperture that are fully lit
CAVITY_LIGHT = (0.24, 0.46)  # of the light in front of the mouth, in the smallest and in a wide aperture
TEETH_LIGHT = (0.84, 1.0)  # the same on the incisors
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
        self._rest_gap = max(float(self.lip_gap(at_rest).height.max()), 0.0)
        self._overlap, self._most_overlap = np.zeros(COLUMNS), 0.0
        self.teeth = Teeth(fitted, colours, light, scale, self._rest_gap / scale)

    @property
    def closed_at_rest(self) -> bool:
        """Whether the portrait's own lips are closed."""
        return self._rest_gap < CLOSED * self._scale

    def lip_gap(self, pixels: Float32Array) -> LipGap:
        """The gap between the lips, from the surface's projected vertices `pixels` (N, 3)."""
        return measure_lip_gap(pixels, self._upper_edge, self._lower_edge)

    def round_lips(self, pixels: Float32Array, actions: Float32Array) -> LipGap:
        """Round the opening between the lips, in place in `pixels` (N, 3), for `actions` (52,), and measure
        it."""
        found = self.lip_gap(pixels)
        self._most_overlap = fill_overlap(found.curves, self._overlap)
        spread = corners_apart(actions)
        rounded = lips_rounded(actions)
        return self.lip_gap(pixels) if self._rounding.apply(pixels, found, spread, rounded) else found

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
        if self._most_overlap > OVERLAP[0]:
            soften_seam(frame, lip_gap, smoothstep(*OVERLAP, self._overlap))
        # Lips that are apart in the portrait show the portrait's own teeth until they part further.
        further = widest_of(lip_gap.curves) - self._rest_gap
        strength = smoothstep_scalar(FADE_IN[0], FADE_IN[1] + CROSSFADE * self._rest_gap, further)
        if strength <= 0:
            return
        box = box_of(lip_gap.curves, math.ceil(SURROUND * self._scale) + 2, frame.shape[0])
        x0, y0, x1, y1 = box
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        lips = LipsOverTeeth(*lips_over_teeth(lip_gap.curves, actions))
        self.teeth.place(actions, head, lips)
        aperture = self._aperture(pixels, lip_gap, box)
        inside = self._inside(aperture, lip_gap, (actions, head, lips.rounded), box)
        under = frame[y0:y1, x0:x1]
        unit = self._surface.head_width * self._scale
        colour, cover = paint_aperture(
            aperture, under, inside, self._scale, unit, darkening=self._colours.darkening
        )
        blend_in(colour, cover[..., 0], strength, under)

    def _aperture(self, pixels: Float32Array, lip_gap: LipGap, box: Box) -> LipAperture:
        """The aperture of the lips; its corners are a pixel or two inside of the box."""
        x0, y0, x1, y1 = box
        skin = np.empty(((y1 - y0) * SAMPLES, (x1 - x0) * SAMPLES), np.uint8)
        cover_lips(pixels, self._lips, x0, y0, SAMPLES, skin)
        edges = np.empty((2, x1 - x0))
        edge_rows(lip_gap.curves, x0, y0, edges[0], edges[1])
        return find_aperture(edges[0], edges[1], skin.view(np.bool_), SAMPLES)

    def _inside(
        self,
        aperture: LipAperture,
        lip_gap: LipGap,
        pose: tuple[Float32Array, Float32Array, float],
        box: Box,
    ) -> Float32Array:
        """Colours (h, w, 3) of cavity, tongue and teeth in a box, without the lips."""
        unit = self._surface.head_width * self._scale
        area = float(aperture.height.sum()) / unit**2
        reach = smoothstep_scalar(0.0, LIT_AREA, area)
        actions, head, rounded = pose
        tongue = self.teeth.tongue_between(lip_gap, actions, head, rounded, reach)
        upper_teeth, lower_teeth = self.teeth.draw(box)
        shadow = min(SHADOW * unit, max(0.6 * float(aperture.height.max()), 1.0))
        corner_x, corner_y = self.teeth.upper_edge
        out = np.zeros((*aperture.below.shape, 3), np.float32)
        paint_flesh_and_teeth(
            (tongue.x - box[0], tongue.y - box[1], *tongue[2:]),
            between(CAVITY_LIGHT, reach), between(TEETH_LIGHT, reach), shadow,
            aperture.below, aperture.above, upper_teeth, lower_teeth,
            self._colours.flesh, self._colours.darkening, self._colours.grain,
            box[0] - round(corner_x), box[1] - round(corner_y), out,
        )  # fmt: skip
        return out
