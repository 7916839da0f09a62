"""Mouth interior: draws cavity, teeth and tongue in the aperture between the lips."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.camera import project, unproject
from generation.animation.geometry.light import Light
from generation.animation.geometry.rasterize import FAR, draw_values, vertex_normals
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.mouth.lip_aperture import LipAperture, find_aperture, paint_aperture
from generation.animation.rendering.mouth.mouth_colours import MouthColours

SAMPLES = 2  # a side for each output pixel, so that edges of lips and teeth are smooth
LIPS_REACH = 0.30  # head widths around the mouth in which skin can hide it
TIP = 0.008  # metres behind the lips up to which the tongue is fully lit
FADE_DEPTH = 0.009  # metres beyond that, over which its brightness decays
TEETH_FADE = 0.011  # the same for teeth along the arch
PUSH = 0.006  # metres by which teeth and tongue are moved back, so that they do not intersect the lips
SHADOW = 0.035  # head widths, length of the upper lip's shadow
SHADOW_TINT = np.array((0.80, 1.05, 1.12), np.float32)  # per-channel exponents: the shadow is reddish
SURROUND = 4.0  # frame units of lip around the aperture that the drawn box includes
SOFT_FLESH, SOFT_TEETH = 1.3, 0.65  # frame units by which tongue and teeth are blurred
SIDE = 0.12  # of the aperture's width over which it darkens towards the corners
LIT_AREA = 0.019  # square head widths of aperture that are fully lit
DIMMEST = 0.30  # brightness at the smallest aperture
LOWER_TEETH = 0.80  # they stand further back, in the lip's shade
UPPER_SHOW = 0.0045  # metres of the upper incisors visible below the upper lip
LOWER_UP = 0.0024  # metres by which the lower teeth are raised above the model's
LOWER_SHOW = 0.40  # of the aperture's height that lower teeth fill at most
INCISORS = 0.008  # metres on each side of the middle in which teeth are front teeth
OVERHEAD = (0.0, -0.62, -0.78)  # direction to the light on the tongue, in head space
TONGUE_AMBIENT = 0.35  # ambient share of that light
GROOVE, GROOVE_WIDTH = 0.22, 0.0022  # strength, and width in metres, of the tongue's middle line
CLOSED = 1.0  # frame units between lips that count as closed
COLUMNS = 48  # at which the gap between the lips is measured
CROSSFADE = 0.6  # of the portrait's own gap, over which the drawn interior replaces the portrait's
FADE_IN = (0.25, 1.0)  # pixels of lip gap over which the interior is blended in


@dataclass(frozen=True, eq=False)
class LipGap:
    """The projected inner edges of the lips: y `upper` and `lower` at `x`, all (COLUMNS,), in pixels."""

    x: NDArray[np.floating]
    upper: NDArray[np.floating]
    lower: NDArray[np.floating]

    @property
    def height(self) -> NDArray[np.floating]:
        """Distance between the lips at each column; negative where they overlap."""
        return self.lower - self.upper


class MouthInterior:
    """Draws the interior of one fitted portrait's mouth into frames."""

    def __init__(self, fitted: FittedPortrait, colours: MouthColours, light: Light, scale: float) -> None:
        """`scale` is pixels per frame unit."""
        rig, surface = FaceRig.load(), fitted.surface
        self._surface, self._light, self._scale, self._rig = surface, light, scale, rig
        self._distance = surface.distance
        self._upper_edge = surface.vertex_of[rig.loops["lips.upper"]]
        self._lower_edge = surface.vertex_of[rig.loops["lips.lower"]]
        loops = np.concatenate([rig.loops["lips.upper"], rig.loops["lips.lower"]])
        fitted_edge, posed_edge = fitted.head.vertices[loops], fitted.head.to_frame_units(rig.vertices[loops])
        shift = (fitted_edge - posed_edge).mean(0)
        # The upper incisors' edges show a little below the middle of the upper lip.
        middle = fitted.head.vertices[rig.loops["lips.upper"]]
        line = float(np.interp(0.5, np.linspace(0, 1, len(middle)), middle[:, 1]))
        incisors = (np.abs(rig.upper_teeth.vertices[:, 0]) < INCISORS) & (rig.upper_teeth.enamel > 0.5)
        edge = float(fitted.head.to_frame_units(rig.upper_teeth.vertices[incisors])[:, 1].max())
        shift[1] = line + UPPER_SHOW * fitted.head.scale - edge
        self._push = np.float32(PUSH * fitted.head.scale)
        self._dark = colours.dark
        self._to_frame = (fitted.head.scale * fitted.head.rotation.T).astype(np.float32)

        mouth = surface.source[np.concatenate([self._upper_edge, self._lower_edge])].mean(0)
        reach = (
            np.linalg.norm(surface.source[: surface.mesh_size] - mouth, axis=1)
            < LIPS_REACH * surface.head_width
        )
        lips = surface.skin[reach[surface.skin].all(1)]
        # Triangles that face away at rest are the inner side of the lips: they must not occlude the interior.
        a, b, c = (surface.source[lips[:, k]] for k in range(3))
        turned = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
        lips = lips[turned < 0]
        arches = (rig.upper_teeth, rig.lower_teeth)
        # If the portrait's lips are apart, its lower teeth are lower as well.
        at_rest = (surface.source[: surface.mesh_size] + 0.5) * scale - 0.5
        self._rest_gap = max(float(self.lip_gap(at_rest).height.max()), 0.0)
        apart = np.array([0, 0.5 * self._rest_gap / scale - LOWER_UP * fitted.head.scale, 0])
        self._teeth = [
            fitted.head.to_frame_units(arch.vertices) + shift + way * apart
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
        self._tongue_faces = own[surface.tongue].astype(np.int32)
        self._teeth_faces = np.concatenate(
            [rig.upper_teeth.faces + first, rig.lower_teeth.faces + second]
        ).astype(np.int32)
        total = second + len(rig.lower_teeth.vertices)
        self._values = np.zeros((total, 4), np.float32)
        self._points = np.zeros((total, 3), np.float32)
        self._tongue_normals = np.zeros((total, 3), np.float32)
        self._first, self._second = first, second
        self._set_colours(rig, colours)

    def _set_colours(self, rig: FaceRig, colours: MouthColours) -> None:
        """Set the unlit colours. Channel 3 is 1 inside of the mouth and 0 on skin."""
        surface = self._surface
        front = rig.vertices[rig.loops["lips.upper"], 2].min()
        depth_of = np.zeros(surface.mesh_size)
        known = surface.vertex_of >= 0
        depth_of[surface.vertex_of[known]] = rig.vertices[known, 2] - front
        fade = np.exp(-np.maximum(depth_of - TIP, 0) / FADE_DEPTH)
        across = np.zeros(surface.mesh_size)
        across[surface.vertex_of[known]] = rig.vertices[known, 0]
        groove = 1 - GROOVE * np.exp(-((across / GROOVE_WIDTH) ** 2))
        self._tongue_fade = fade[self._inside]
        self._tongue_colour = colours.tongue * groove[self._inside, None]
        self._teeth_colours = []
        for arch in (rig.upper_teeth, rig.lower_teeth):
            behind = np.maximum(arch.vertices[:, 2] - arch.vertices[:, 2].min() - 0.003, 0)
            dim = np.exp(-behind / TEETH_FADE)[:, None]
            colour = np.where(arch.enamel[:, None] > 0.5, colours.enamel, colours.gum)
            colour = colour * (1.0 if arch is rig.upper_teeth else LOWER_TEETH)
            self._teeth_colours.append(colours.dark + (colour - colours.dark) * dim)
        self._values[surface.mesh_size :, 3] = 1
        front = (np.abs(rig.lower_teeth.vertices[:, 0]) < INCISORS) & (rig.lower_teeth.enamel > 0.5)
        self._incisors = np.flatnonzero(front)

    @property
    def closed_at_rest(self) -> bool:
        """Whether the portrait's own lips are closed."""
        return self._rest_gap < CLOSED * self._scale

    def lip_gap(self, pixels: Float32Array) -> LipGap:
        """The gap between the lips, from the surface's projected vertices `pixels` (N, 3)."""
        upper, lower = pixels[self._upper_edge], pixels[self._lower_edge]
        upper, lower = upper[np.argsort(upper[:, 0])], lower[np.argsort(lower[:, 0])]
        x = np.linspace(max(upper[0, 0], lower[0, 0]), min(upper[-1, 0], lower[-1, 0]), COLUMNS)
        return LipGap(x, np.interp(x, upper[:, 0], upper[:, 1]), np.interp(x, lower[:, 0], lower[:, 1]))

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
        unit = self._surface.head_width * self._scale
        area = float(lip_gap.height.clip(0).mean() * np.ptp(lip_gap.x)) / unit**2
        self._place(pixels, actions, head, lip_gap)
        self._shade(head, area)
        local = self._points.copy()
        local[:, :2] = (local[:, :2] - (x0, y0) + 0.5) * SAMPLES - 0.5
        box = (x0, y0, x1, y1)
        aperture = self._aperture(local, lip_gap, box)
        colour = self._inside_colour(local, box) * self._shade_of_lips(aperture)
        under = frame[y0:y1, x0:x1]
        colour, cover = paint_aperture(aperture, under, colour, self._scale, unit)
        cover *= strength
        frame[y0:y1, x0:x1] = np.clip(under * (1 - cover) + colour * cover + 0.5, 0, 255).astype(np.uint8)

    def _drawn(
        self, local: Float32Array, faces: Int32Array, box: tuple[int, int, int, int]
    ) -> tuple[Float32Array, Float32Array]:
        """Rasterise some triangles in a box: values (h, w, 4) and depth (h, w), at SAMPLES times its
        resolution."""
        depth = np.full(((box[3] - box[1]) * SAMPLES, (box[2] - box[0]) * SAMPLES), FAR, np.float32)
        drawn = np.zeros((*depth.shape, 4), np.float32)
        draw_values(local, self._values, faces, depth, drawn)
        return drawn, depth

    def _aperture(self, local: Float32Array, lip_gap: LipGap, box: tuple[int, int, int, int]) -> LipAperture:
        """The aperture of the lips; its corners are a pixel or two inside of the box."""
        _, depth = self._drawn(local, self._skin, box)
        x = np.arange(box[0], box[2])
        upper, lower = (np.interp(x, lip_gap.x, edge) for edge in (lip_gap.upper, lip_gap.lower))
        outside = (x < lip_gap.x[0]) | (x > lip_gap.x[-1])
        middle = (upper + lower) / 2
        upper, lower = (np.where(outside, middle, np.where(lower < upper, middle, e)) for e in (upper, lower))
        return find_aperture(upper - box[1], lower - box[1], depth < FAR, SAMPLES)

    def _inside_colour(self, local: Float32Array, box: tuple[int, int, int, int]) -> Float32Array:
        """Colours (h, w, 3) of cavity, tongue and teeth in a box, without the lips."""
        size = (box[2] - box[0], box[3] - box[1])
        tongue, tongue_depth = self._drawn(local, self._tongue_faces, box)
        flesh = np.where((tongue_depth < FAR)[..., None], tongue[..., :3], self._dark)
        flesh = cv2.resize(flesh, size, interpolation=cv2.INTER_AREA)
        flesh = cv2.GaussianBlur(flesh, (0, 0), SOFT_FLESH * self._scale)
        teeth, depth = self._drawn(local, self._teeth_faces, box)
        teeth[(depth >= tongue_depth) & (tongue_depth < FAR)] = 0
        teeth[..., :3] *= teeth[..., 3:]
        small = cv2.resize(teeth, size, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), SOFT_TEETH * self._scale)
        return np.asarray(flesh * (1 - small[..., 3:]) + small[..., :3], np.float32)

    def _shade_of_lips(self, aperture: LipAperture) -> Float32Array:
        """Shading (h, w, 3) of the interior by the soft shadow of the lips."""
        reach = min(
            SHADOW * self._surface.head_width * self._scale, max(0.6 * float(aperture.height.max()), 1.0)
        )
        x = np.arange(len(aperture.height))
        side = np.minimum(x, x[::-1]) / (SIDE * max(len(x) - 1, 1))
        shade = (0.55 + 0.45 * smoothstep(0, 1, aperture.below / reach)) * (
            0.6 + 0.4 * smoothstep(0, 1, aperture.above / (0.6 * reach))
        )
        shade = shade * (0.30 + 0.70 * smoothstep(0, 1, side))
        return np.asarray(shade[..., None] ** SHADOW_TINT, np.float32)

    def _place(
        self, pixels: Float32Array, actions: Float32Array, head: Float32Array, lip_gap: LipGap
    ) -> None:
        """Set the pixel positions of mesh, tongue and teeth."""
        mesh = self._surface.mesh_size
        self._points[:mesh] = pixels[:mesh]
        self._points[mesh : self._first] = pixels[self._inside]
        self._points[mesh : self._first, 2] += self._push
        jaw = np.tensordot(actions, self._rig.jaw_motion, 1)
        lower = self._teeth[1] + self._lower_metres @ jaw.T.astype(np.float32) @ self._to_frame
        teeth = np.concatenate([self._teeth[0], lower])
        world = unproject(teeth[:, :2], teeth[:, 2], self._distance) @ head[:, :3].T + head[:, 3]
        at = project(world.astype(np.float32), self._distance)
        self._points[self._first :, :2] = (at[:, :2] + 0.5) * self._scale - 0.5
        self._points[self._first :, 2] = at[:, 2] + self._push
        # Lower the teeth where the lip is drawn down or out further than the rig's teeth allow for.
        widest = int(lip_gap.height.argmax())
        bare = lip_gap.lower[widest] - self._points[self._second + self._incisors, 1].min()
        self._points[self._second :, 1] += max(float(bare - LOWER_SHOW * lip_gap.height[widest]), 0.0)

    def _shade(self, head: Float32Array, area: float) -> None:
        """Set the lit colours of teeth and tongue; `area` of the aperture in head widths² limits the
        light."""
        reached = DIMMEST + (1 - DIMMEST) * smoothstep_scalar(0.0, LIT_AREA, area)
        tint = np.float32(reached) ** SHADOW_TINT
        lit = np.clip(self._light.brightness(self._normals @ head[:, :3].T), 0.75, 1.12)
        self._values[self._first :, :3] = np.concatenate(self._teeth_colours) * lit[:, None] * tint
        mesh = self._surface.mesh_size
        vertex_normals(self._points, self._tongue_faces, self._tongue_normals)
        facing = np.abs(self._tongue_normals[mesh : self._first]) @ np.abs(np.array(OVERHEAD, np.float32))
        bright = (TONGUE_AMBIENT + (1 - TONGUE_AMBIENT) * facing**2) * self._tongue_fade
        self._values[mesh : self._first, :3] = (
            self._dark + (self._tongue_colour * tint - self._dark) * bright[:, None]
        )
