"""The inside of the mouth: cavity, teeth and tongue as a layer of their own behind the lips."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.camera import lifted, seen
from generation.animation.fit import FittedPortrait
from generation.animation.light import Light
from generation.animation.rasterize import FAR, draw_values, vertex_normals
from generation.animation.rig import FaceRig
from generation.animation.surface import smoothstep, smoothstep_of
from generation.animation.tones import MouthTones

Floats = NDArray[np.float32]

SAMPLES = 2  # a side for each output pixel, so that edges of lips and teeth are smooth
LIPS_REACH = 0.30  # head widths around the mouth in which skin can hide it
FADE_DEPTH = 0.020  # metres behind the lips at which walls are dark
TEETH_FADE = 0.030  # the same for teeth along the arch
PUSH = 0.006  # metres by which teeth and tongue are kept from poking through lips
SHADOW = 0.05  # head widths that the upper lip's shadow reaches down
SHADOW_TINT = (0.80, 1.05, 1.12)  # exponents: shade inside a mouth is red
SUBPIXEL = 4  # bits of fraction in polygon corners
LIT_AREA, DIMMEST = 0.012, 0.30  # opening in square head widths that is fully lit, and the light of none
LOWER_TEETH = 0.86  # they stand further back, in the lip's shade
COLUMNS = 48  # at which the parting of the lips is measured
CROSSFADE = 0.6  # of the portrait's own gap, over which our inside replaces the portrait's
OPENING = (0.25, 1.0)  # pixels between the lips at which the inside begins to show, and shows fully


@dataclass(frozen=True, eq=False)
class Parting:
    """The inner edges of the lips as seen: heights `upper` and `lower` at `x`, all (COLUMNS,), in pixels."""

    x: NDArray[np.floating]
    upper: NDArray[np.floating]
    lower: NDArray[np.floating]

    @property
    def gap(self) -> NDArray[np.floating]:
        """Distance between the lips at each column; negative where they overlap."""
        return self.lower - self.upper


class Mouth:
    """Draws the inside of one fitted portrait's mouth into finished frames."""

    def __init__(self, fitted: FittedPortrait, tones: MouthTones, light: Light, scale: float) -> None:
        rig, surface = FaceRig.load(), fitted.surface
        self._surface, self._light, self._scale, self._rig = surface, light, scale, rig
        self._distance = surface.distance
        self._upper_edge = surface.vertex_of[rig.loops["lips.upper"]]
        self._lower_edge = surface.vertex_of[rig.loops["lips.lower"]]
        loops = np.concatenate([rig.loops["lips.upper"], rig.loops["lips.lower"]])
        fitted_edge, posed_edge = fitted.head.vertices[loops], fitted.head.placed(rig.vertices[loops])
        shift = (fitted_edge - posed_edge).mean(0)
        self._push = np.float32(PUSH * fitted.head.scale)
        self._dark, self._lip = tones.dark, tones.lip
        self._to_frame = (fitted.head.scale * fitted.head.rotation.T).astype(np.float32)

        mouth = surface.source[np.concatenate([self._upper_edge, self._lower_edge])].mean(0)
        reach = (
            np.linalg.norm(surface.source[: surface.mesh_size] - mouth, axis=1)
            < LIPS_REACH * surface.head_width
        )
        lips = surface.skin[reach[surface.skin].all(1)]
        # Skin that shows its back at rest lines the lips from within: it must not hide what is behind.
        a, b, c = (surface.source[lips[:, k]] for k in range(3))
        turned = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        lips = lips[turned < 0]
        arches = (rig.upper_teeth, rig.lower_teeth)
        # Lips that are apart in the portrait: the lower teeth have gone down with the lower lip.
        at_rest = (surface.source[: surface.mesh_size] + 0.5) * scale - 0.5
        self._rest_gap = max(float(self.parting(at_rest).gap.max()), 0.0)
        apart = np.array([0, 0.5 * self._rest_gap / scale, 0])
        self._teeth = [
            fitted.head.placed(arch.vertices) + shift + way * apart
            for arch, way in zip(arches, (0, 1), strict=True)
        ]
        self._lower_metres = np.c_[rig.lower_teeth.vertices, np.ones(len(rig.lower_teeth.vertices))].astype(
            np.float32
        )
        normals = []
        for arch in arches:
            n = np.zeros_like(arch.vertices)
            vertex_normals(arch.vertices, arch.faces, n)
            n[n[:, 2] > 0] *= -1
            normals.append(n @ fitted.head.rotation.T.astype(np.float32))
        self._normals = np.concatenate(normals)

        # One vertex list for everything: mesh vertices, the tongue's own copy of them, upper and lower teeth.
        inside = np.unique(surface.tongue)
        own = np.full(surface.mesh_size, -1, np.int32)
        own[inside] = surface.mesh_size + np.arange(len(inside))
        self._inside, self._own = inside, own
        first = surface.mesh_size + len(inside)
        second = first + len(rig.upper_teeth.vertices)
        self._skin = np.ascontiguousarray(lips)
        self._faces = np.concatenate(
            [own[surface.tongue], rig.upper_teeth.faces + first, rig.lower_teeth.faces + second]
        ).astype(np.int32)
        total = second + len(rig.lower_teeth.vertices)
        self._values = np.zeros((total, 4), np.float32)
        self._points = np.zeros((total, 3), np.float32)
        self._first, self._second = first, second
        self._paint(rig, tones)

    def _paint(self, rig: FaceRig, tones: MouthTones) -> None:
        """Colours at rest. Channel 3 is 1 inside of the mouth and 0 on skin."""
        surface = self._surface
        front = rig.vertices[rig.loops["lips.upper"], 2].min()
        depth_of = np.zeros(surface.mesh_size)
        known = surface.vertex_of >= 0
        depth_of[surface.vertex_of[known]] = rig.vertices[known, 2] - front
        fade = np.exp(-np.maximum(depth_of, 0) / FADE_DEPTH)[:, None]
        shade = np.minimum(1, fade[self._inside] * 1.5)
        self._values[surface.mesh_size : self._first, :3] = tones.dark + (tones.tongue - tones.dark) * shade
        self._teeth_tone = []
        for arch in (rig.upper_teeth, rig.lower_teeth):
            behind = np.maximum(arch.vertices[:, 2] - arch.vertices[:, 2].min() - 0.003, 0)
            dim = np.exp(-behind / TEETH_FADE)[:, None]
            tone = np.where(arch.enamel[:, None] > 0.5, tones.enamel, tones.gum)
            tone = tone * (1.0 if arch is rig.upper_teeth else LOWER_TEETH)
            self._teeth_tone.append(tones.dark + (tone - tones.dark) * dim)
        self._values[surface.mesh_size :, 3] = 1

    def parting(self, pixels: Floats) -> Parting:
        """How far the lips are apart, from the surface's vertices as seen (N, 3)."""
        upper, lower = pixels[self._upper_edge], pixels[self._lower_edge]
        upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
        x = np.linspace(max(upper[0, 0], lower[0, 0]), min(upper[-1, 0], lower[-1, 0]), COLUMNS)
        return Parting(x, np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1]))

    def draw(
        self, frame: NDArray[np.uint8], pixels: Floats, parting: Parting, actions: Floats, head: Floats
    ) -> None:
        """Draw into `frame` what the parted lips show.

        `pixels` (N, 3) are the surface's vertices as seen, with depth; `actions` (52,) and the head's
        transform (3, 4) place the teeth."""
        # Lips that are apart in the portrait show the portrait's own teeth until they part further.
        further = float(parting.gap.max()) - self._rest_gap
        strength = smoothstep_of(OPENING[0], OPENING[1] + CROSSFADE * self._rest_gap, further)
        if strength <= 0:
            return
        x0, y0 = max(int(parting.x[0]) - 2, 0), max(int(parting.upper.min()) - 2, 0)
        x1 = min(int(np.ceil(parting.x[-1])) + 3, frame.shape[1])
        y1 = min(int(np.ceil(parting.lower.max())) + 3, frame.shape[0])
        if x1 - x0 < 2 or y1 - y0 < 2:
            return
        unit = self._surface.head_width * self._scale
        self._place(pixels, actions, head, float(parting.gap.clip(0).mean() * np.ptp(parting.x)) / unit**2)
        local = self._points.copy()
        local[:, :2] = (local[:, :2] - (x0, y0) + 0.5) * SAMPLES - 0.5
        depth = np.full(((y1 - y0) * SAMPLES, (x1 - x0) * SAMPLES), FAR, np.float32)
        drawn = np.zeros((*depth.shape, 4), np.float32)
        draw_values(local, self._values, self._skin, depth, drawn)
        draw_values(local, self._values, self._faces, depth, drawn)
        ring = np.concatenate(
            [np.stack([parting.x, parting.upper], 1), np.stack([parting.x, parting.lower], 1)[::-1]]
        )
        hole = np.zeros(depth.shape, np.uint8)
        corners = ((ring - (x0, y0) + 0.5) * SAMPLES - 0.5) * 2**SUBPIXEL
        cv2.fillPoly(hole, [np.rint(corners).astype(np.int32)], 1, shift=SUBPIXEL)
        hole = cv2.erode(hole, np.ones((3, 3), np.uint8))
        skin = (depth < FAR) & (drawn[..., 3] < 0.5)
        drawn[..., 3] = (hole > 0) & ~skin
        drawn[depth >= FAR, :3] = self._dark
        drawn[..., :3] *= drawn[..., 3:]
        small = cv2.resize(drawn, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), 0.55)
        alpha = small[..., 3:] * strength
        colour = (
            small[..., :3] / np.maximum(small[..., 3:], 1e-3) * self._shade_of_lips(parting, (x0, y0, x1, y1))
        )
        under = frame[y0:y1, x0:x1]
        frame[y0:y1, x0:x1] = np.clip(under * (1 - alpha) + colour * alpha + 0.5, 0, 255).astype(np.uint8)

    def _shade_of_lips(self, parting: Parting, box: tuple[int, int, int, int]) -> Floats:
        """How much light (h, w, 3) reaches what is behind the lips: they throw a soft shadow inwards."""
        x0, y0, x1, y1 = box
        x, y = np.arange(x0, x1), np.arange(y0, y1, dtype=np.float64)[:, None]
        reach = min(SHADOW * self._surface.head_width * self._scale, max(0.5 * float(parting.gap.max()), 1.0))
        below = (y - np.interp(x, parting.x, parting.upper)) / reach
        above = (np.interp(x, parting.x, parting.lower) - y) / (0.5 * reach)
        left, right = parting.x[0], parting.x[-1]
        side = np.minimum(x - left, right - x) / (0.16 * max(right - left, 1.0))
        shade = (0.58 + 0.42 * smoothstep(-0.2, 1, below)) * (0.78 + 0.22 * smoothstep(-0.2, 1, above))
        shade = shade * (0.45 + 0.55 * smoothstep(0, 1, side))
        return np.asarray(shade[..., None] ** SHADOW_TINT, np.float32)

    def _place(self, pixels: Floats, actions: Floats, head: Floats, area: float) -> None:
        """Bring mesh and teeth to pixels and light the teeth."""
        mesh = self._surface.mesh_size
        self._points[:mesh] = pixels[:mesh]
        self._points[mesh : self._first] = pixels[self._inside]
        self._points[mesh : self._first, 2] += self._push
        jaw = np.tensordot(actions, self._rig.jaw_motion, 1)
        lower = self._teeth[1] + self._lower_metres @ jaw.T.astype(np.float32) @ self._to_frame
        teeth = np.concatenate([self._teeth[0], lower])
        world = lifted(teeth[:, :2], teeth[:, 2], self._distance) @ head[:, :3].T + head[:, 3]
        at = seen(world.astype(np.float32), self._distance)
        self._points[self._first :, :2] = (at[:, :2] + 0.5) * self._scale - 0.5
        self._points[self._first :, 2] = at[:, 2] + self._push
        lit = self._light.on(self._normals @ head[:, :3].T)
        # Little light comes in through a small opening.
        bright = smoothstep_of(0.0, LIT_AREA, area)
        reached = DIMMEST + (1 - DIMMEST) * bright
        tone = np.concatenate(self._teeth_tone)
        self._values[self._first :, :3] = tone * np.clip(lit, 0.75, 1.12)[:, None] * reached
