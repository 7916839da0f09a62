"""Mouth interior: draws cavity, tongue and teeth in the aperture between the lips."""

from __future__ import annotations

import numpy as np

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.light import Light
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
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
from generation.animation.rendering.mouth.oral_flesh import TongueShape, paint_flesh_and_teeth
from generation.animation.rendering.mouth.teeth import Box, LipsOverTeeth, Teeth

SAMPLES = 2  # a side for each output pixel, so that edges of lips are smooth
LIPS_REACH = 0.30  # head widths around the mouth in which skin can hide it
SHADOW = 0.035  # head widths, length of the upper lip's shadow
SURROUND = 4.0  # frame units of lip around the aperture that the drawn box includes
LIT_AREA = 0.022  # square head widths of aperture that are fully lit
CAVITY_LIGHT = (0.24, 0.46)  # of the light in front of the mouth, in the smallest and in a wide aperture
TEETH_LIGHT = (0.84, 1.0)  # the same on the incisors
TIP_LIGHT, BACK_LIGHT = (0.66, 0.95), (0.36, 0.58)  # and on the tongue
OVERLAP = (0.6, 2.2)  # pixels by which lips would lie over each other over which their seam is softened
CLOSED = 1.0  # frame units between lips that count as closed
CROSSFADE = 0.6  # of the portrait's own gap, over which the drawn interior replaces the portrait's
FADE_IN = (0.25, 1.0)  # pixels of lip gap over which the interior is blended in

GRIN_SMILE, GRIN_TALL = (0.4, 0.8), (0.30, 0.48)  # mouthSmile, and height over width of the opening of a grin

SPREAD_CORNERS = (0.15, 0.65)  # smile and stretch over which lips stop clinging to each other at the corners
ROUNDED_SHADE = 0.25  # of the tongue's light that rounded lips keep out

# The tongue's shape: share of the opening that it fills, and its half width in mm. It lies low in open
# vowels, rises to the palate in spread ones and at the back in rounded ones; its tip rises to the upper
# teeth in alveolar sounds and comes between the teeth in dental ones, which `tongueOut` says.
FILLS = 0.56
SPREAD_FILLS, ROUNDED_FILLS, OPEN_FILLS = 0.34, 0.16, -0.04
HALF_WIDTH, ROUNDED_WIDTH, TIP_WIDTH = 23.0, 19.0, 14.0
TIP_UP, TIP_BETWEEN = (0.01, 0.04), (0.10, 0.22)  # of tongueOut
BETWEEN_FILLS = 0.55  # of the opening that the tip between the teeth fills
BASE_BELOW = 0.8  # mm below the lower incisors' edge at which the tongue begins


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
        self._overlap = np.zeros(COLUMNS)
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
        self._overlap = np.maximum(-found.height, 0)
        smile, stretch = (
            _mean(actions, f"{name}Left", f"{name}Right") for name in ("mouthSmile", "mouthStretch")
        )
        spread = smoothstep_scalar(*SPREAD_CORNERS, smile + 0.5 * stretch)
        return self.lip_gap(pixels) if self._rounding.apply(pixels, found, spread) else found

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
        if self._overlap.max() > OVERLAP[0]:
            soften_seam(frame, lip_gap, smoothstep(*OVERLAP, self._overlap))
        # Lips that are apart in the portrait show the portrait's own teeth until they part further.
        further = float(lip_gap.height.max()) - self._rest_gap
        strength = smoothstep_scalar(FADE_IN[0], FADE_IN[1] + CROSSFADE * self._rest_gap, further)
        if strength <= 0:
            return
        pad = int(np.ceil(SURROUND * self._scale)) + 2
        x0, y0 = max(int(lip_gap.x[0]) - 1, 0), max(int(lip_gap.upper.min()) - pad, 0)
        x1 = min(int(np.ceil(lip_gap.x[-1])) + 2, frame.shape[1])
        y1 = min(int(np.ceil(lip_gap.lower.max())) + pad, frame.shape[0])
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        box = (x0, y0, x1, y1)
        widest = int(lip_gap.height.argmax())
        smile = _mean(actions, "mouthSmileLeft", "mouthSmileRight")
        rounded = min(max(2 * _mean(actions, "mouthPucker", "mouthFunnel") - smile, 0.0), 1.0)
        opening = float(lip_gap.height[widest])
        tall = opening / max(float(np.ptp(lip_gap.x)), 1.0)
        grinning = smoothstep_scalar(*GRIN_SMILE, smile) * (1 - smoothstep_scalar(*GRIN_TALL, tall))
        lips = LipsOverTeeth(float(lip_gap.lower[widest]), opening, rounded, grinning)
        self.teeth.place(actions, head, lips)
        aperture = self._aperture(pixels, lip_gap, box)
        inside = self._inside(aperture, lip_gap, (actions, head, rounded), box)
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
        tongue = self._tongue(lip_gap, *pose, reach)
        upper_teeth, lower_teeth = self.teeth.draw(box)
        shadow = min(SHADOW * unit, max(0.6 * float(aperture.height.max()), 1.0))
        corner = np.rint(self.teeth.upper_edge).astype(int)
        out = np.zeros((*aperture.below.shape, 3), np.float32)
        paint_flesh_and_teeth(
            tuple(map(float, tongue._replace(x=tongue.x - box[0], y=tongue.y - box[1]))),
            _between(CAVITY_LIGHT, reach), _between(TEETH_LIGHT, reach), shadow,
            aperture.below, aperture.above, upper_teeth, lower_teeth,
            self._colours.flesh, self._colours.darkening, self._colours.grain,
            int(box[0] - corner[0]), int(box[1] - corner[1]), out,
        )  # fmt: skip
        return out

    def _tongue(
        self, lip_gap: LipGap, actions: Float32Array, head: Float32Array, rounded: float, reach: float
    ) -> TongueShape:
        """The tongue for `actions` (52,), which name lips and jaw; it follows from them."""
        jaw, out = float(actions[ACTION_INDEX["jawOpen"]]), float(actions[ACTION_INDEX["tongueOut"]])
        spread = 2 * _mean(
            actions, "mouthStretchLeft", "mouthStretchRight", "mouthSmileLeft", "mouthSmileRight"
        )
        spread = min(spread, 1.0) * max(1 - 2 * jaw, 0.0)
        fills = FILLS + SPREAD_FILLS * spread + ROUNDED_FILLS * rounded + OPEN_FILLS * min(2 * jaw, 1.0)
        half_width = HALF_WIDTH + (ROUNDED_WIDTH - HALF_WIDTH) * rounded
        raised = smoothstep_scalar(*TIP_UP, out)
        between = smoothstep_scalar(*TIP_BETWEEN, out)
        edge, lower = self.teeth.upper_edge, self.teeth.lower_edge
        middle = int(np.abs(lip_gap.x - lower[0]).argmin())
        mm = self.teeth.pixels_per_mm
        across = head[:2, 0] / max(float(np.hypot(*head[:2, 0])), 1e-6)
        # The base is behind the lower incisors, or behind the lip where that hides them.
        base = min(float(lower[1]) + BASE_BELOW * mm, float(lip_gap.lower[middle]) + 3 * mm)
        height = fills * max(float(lip_gap.lower[middle] - lip_gap.upper[middle]), 1.0)
        height += max(base - float(lip_gap.lower[middle]), 0.0)
        to_teeth = base - float(edge[1]) + 1.0 * mm
        height += raised * max(to_teeth - height, 0.0)
        opening = float(lip_gap.lower[middle] - lip_gap.upper[middle])
        height += between * (base - float(lip_gap.lower[middle]) + BETWEEN_FILLS * opening - height)
        half_width += (TIP_WIDTH - half_width) * raised
        shade = 1 - ROUNDED_SHADE * rounded
        tip, back = shade * _between(TIP_LIGHT, reach), shade * _between(BACK_LIGHT, reach)
        back += (tip - back) * raised
        return TongueShape(
            float(lower[0]), base, float(across[0]), float(across[1]), mm, half_width,
            max(height / mm, 0.5), tip, back, between,
        )  # fmt: skip


def _between(limits: tuple[float, float], share: float) -> float:
    return limits[0] + (limits[1] - limits[0]) * share


def _mean(actions: Float32Array, *names: str) -> float:
    return sum(float(actions[ACTION_INDEX[name]]) for name in names) / len(names)
