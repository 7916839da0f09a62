"""Eyes: draws the eyeballs behind the lids (sclera, iris, catch light), the lid shadow and the lashes."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.face.face_topology import LEFT_IRIS, RIGHT_IRIS
from generation.animation.geometry.camera import CENTRE, head_rotation
from generation.animation.geometry.pixel_fill import SUBPIXEL
from generation.animation.geometry.rig import FaceRig
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.layers import SizedLayers
from generation.animation.rendering.eyes.eye_texture import EyeTexture, decompose_eye, sample_bilinear
from generation.animation.rendering.eyes.lids import OVERLAP, LidPatch, dilate_contour, paint_lid_patch

BALL = 2.05  # radius of the eyeball in radii of the iris
LASHES_MOVE = (0.02, 0.12)  # closure of the eye over which lashes and lid skin become layers of their own
MARGIN = 0.8  # frame units inside of the lids' landmarks that belong to the lids
LID_SHADOW = (0.30, 0.90)  # closure of the eye over which the lid's shadow sets in
DEEP_SHADE, EDGE_SHADE, SHADOW_REACH = 0.22, 0.34, 2.6  # strengths everywhere and at the edge; frame units
LID_RISES = (0.0, 0.12)  # share of its opening by which the eye opens further while that shadow sets in
RISEN_SHADE = 0.45  # strength at the edge: what a lid uncovers it had not shaded yet
SHADE_TINT = np.array((0.85, 1.0, 1.05), np.float32)  # per-channel exponents: the shadow is warm
CLOSED = 0.4  # pixels between the lids below which nothing of the eye is drawn
LID_MOVED = 1.2  # frame units that a lid moves before its own edge is in front of the eye's layer
ALL_LEFT = 0.99  # of a margin that is as good as where it was
LID_MARGIN = (-0.5, 0.3)  # radii of the iris below its centre over which the upper lid's margin ends
CATCH_LIGHT_FOLLOWS = 0.25  # share of the iris's movement


@dataclass(frozen=True, eq=False)
class Eye:
    """One eye of a portrait: its texture, vertices `upper` and `lower` of its lids' edges, their distance at
    rest (`height`, in pixels, for each vertex of `upper`), the iris's centre `at` (2,) and `depth` in frame
    units, and its lids' patch of the person layer."""

    texture: EyeTexture
    upper: Int32Array
    lower: Int32Array
    height: NDArray[np.floating]
    at: Float64Array
    depth: float
    radius: float
    patch: LidPatch


@dataclass(frozen=True, eq=False)
class EyePose:
    """The pose of the eyes in one frame: the head's transform (3, 4), its roll in degrees, and `gaze_angles`
    (2, 2), yaw and pitch in degrees of the picture's left, then right eye in the camera's axes."""

    head: Float32Array
    roll: float
    gaze_angles: Float32Array


class Eyes:
    """Draws both eyes of one fitted portrait into frames, and closes the lids of its person layer."""

    def __init__(self, fitted: FittedPortrait, layers: SizedLayers, scale: float) -> None:
        self._scale, self._distance = scale, fitted.surface.distance
        self.person = layers.person.copy()
        self._eyes = [
            self._prepare(fitted, layers, side, iris) for side, iris in (("R", LEFT_IRIS), ("L", RIGHT_IRIS))
        ]
        self._closed_share = [-1.0, -1.0]

    def _prepare(self, fitted: FittedPortrait, layers: SizedLayers, side: str, iris: tuple[int, ...]) -> Eye:
        rig, surface = FaceRig.load(), fitted.surface
        loops = [rig.loops[f"lids.{side}.{which}"] for which in ("upper", "lower")]
        upper, lower = (surface.vertex_of[loop] for loop in loops)
        opening = self._pixels(surface.source[np.concatenate([upper, lower[-2:0:-1]])])
        centre = self._pixels(fitted.points[iris[0], :2])
        rim = self._pixels(fitted.points[list(iris[1:]), :2])
        radius = float(np.linalg.norm(rim - centre, axis=1).mean())
        return Eye(
            texture=decompose_eye(
                layers.neutral, dilate_contour(opening, -MARGIN * self._scale), centre, radius
            ),
            upper=upper,
            lower=lower,
            height=_lower_at(self._pixels(surface.source[upper]), self._pixels(surface.source[lower]))
            - self._pixels(surface.source[upper])[:, 1],
            at=fitted.points[iris[0], :2].astype(np.float64),
            depth=float(fitted.head.vertices[np.concatenate(loops), 2].mean()),
            radius=radius / self._scale,
            patch=paint_lid_patch(
                layers.person,
                self._pixels(surface.source[upper]) + layers.margin,
                self._pixels(surface.source[lower]) + layers.margin,
                self._scale,
            ),
        )

    def _pixels(self, xy: NDArray[np.floating]) -> Float32Array:
        return np.asarray((xy + 0.5) * self._scale - 0.5, np.float32)

    def close_lids(self, closing: Float32Array) -> None:
        """Update the lids of `person` for eyes closed by `closing` (2,), 0..1, picture's left eye first."""
        for i, eye in enumerate(self._eyes):
            share = round(smoothstep_scalar(*LASHES_MOVE, float(closing[i])), 3)
            if share != self._closed_share[i]:
                mixed = eye.patch.open * (1 - share) + eye.patch.closed * share
                self.person[eye.patch.rows, eye.patch.columns, :3] = np.rint(mixed)
                self._closed_share[i] = share

    def draw(self, frame: UInt8Array, pixels: Float32Array, pose: EyePose) -> None:
        """Draw both eyes into `frame` where they are open; `pixels` (N, 3) are the surface's projected
        vertices."""
        for eye, gaze_angle in zip(self._eyes, pose.gaze_angles, strict=True):
            upper, lower = pixels[eye.upper, :2], pixels[eye.lower, :2]
            height = np.maximum(_lower_at(upper, lower) - upper[:, 1], 0)
            if height.max() >= CLOSED:
                self._draw_ball(frame, eye, (upper, lower), (pose, gaze_angle))
            self._draw_lashes(frame, eye, upper, height)

    def _draw_ball(
        self,
        frame: UInt8Array,
        eye: Eye,
        lids: tuple[Float32Array, Float32Array],
        direction: tuple[EyePose, Float32Array],
    ) -> None:
        upper, lower = lids
        # Where the upper lid has passed the lower one, the eye is closed.
        floor = _lower_at(upper, lower)
        top = np.stack([upper[:, 0], np.minimum(upper[:, 1], floor)], 1)
        # At rest the eye's layer overlaps the lids' edges, where the texture has no skin pixels; as soon as
        # the lid moves, its lash line is drawn in front.
        moved = float(np.abs((floor - top[:, 1]) - eye.height).mean()) / self._scale
        contour = dilate_contour(
            np.concatenate([top, lower[-2:0:-1]]).astype(np.float32),
            OVERLAP * self._scale * float(np.exp(-((moved / LID_MOVED) ** 2))),
        )
        box = _box(contour, 2, frame)
        if box is None:
            return
        x0, y0, x1, y1 = box
        mask = np.zeros(((y1 - y0) * 2, (x1 - x0) * 2), np.uint8)
        cv2.fillPoly(mask, [_corners(contour, box)], 255, lineType=cv2.LINE_AA, shift=SUBPIXEL)
        ys, xs = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        lit = self._lid_shadow(eye, top, floor, (xs[0], ys[:, 0]))
        # A lid that has risen uncovers the eye, and takes its margin along.
        order = np.argsort(top[:, 0])
        risen = np.maximum((floor - top[:, 1]) - eye.height, 0) / (LID_MOVED * self._scale)
        left = np.exp(-(np.interp(xs[0], top[order, 0], risen[order]) ** 2)).astype(np.float32)
        _mix(frame, box, self._colour(eye, xs, ys, left, *direction) * lit, mask)

    def _lid_shadow(
        self,
        eye: Eye,
        top: NDArray[np.floating],
        floor: NDArray[np.floating],
        at: tuple[Float32Array, Float32Array],
    ) -> Float32Array:
        """Shading (h, w, 3) of the eyeball by the shadow of a lid that has left its place, relative to
        rest."""
        closed = 1 - float((floor - top[:, 1]).mean()) / max(float(eye.height.mean()), 1e-3)
        shadow, risen = smoothstep_scalar(*LID_SHADOW, closed), smoothstep_scalar(*LID_RISES, -closed)
        order = np.argsort(top[:, 0])
        edge = np.interp(at[0], top[order, 0], top[order, 1])
        depth = np.maximum(at[1][:, None] - edge, 0) / (SHADOW_REACH * self._scale)
        light = 1 - shadow * (DEEP_SHADE + EDGE_SHADE * np.exp(-depth)) - risen * RISEN_SHADE * np.exp(-depth)
        return np.asarray(light[..., None] ** SHADE_TINT, np.float32)

    def _colour(  # noqa: PLR0917
        self,
        eye: Eye,
        xs: Float32Array,
        ys: Float32Array,
        margin_left: Float32Array,
        pose: EyePose,
        gaze_angle: Float32Array,
    ) -> Float32Array:
        """Colour (h, w, 3) of the open eye at frame pixels `xs`, `ys`; `margin_left` (w,) is the share of the
        upper lid's margin that is still where it was."""
        texture = eye.texture
        anchor = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float64) * eye.radius
        front = self._project(eye, anchor, pose.head)
        centre = self._project(eye, np.array([[0, 0, eye.radius * BALL]]), pose.head)[0]
        # The sclera moves with the head, by the affine map of three points on its front.
        now = np.stack([front[1] - front[0], front[2] - front[0]], 1)
        back = np.linalg.inv(now) * texture.radius
        dx, dy = xs - front[0][0], ys - front[0][1]
        sx = texture.centre[0] + back[0, 0] * dx + back[0, 1] * dy
        sy = texture.centre[1] + back[1, 0] * dx + back[1, 1] * dy
        colour = sample_bilinear(texture.sclera, sx, sy)
        # The iris is a disc on the eyeball, rotated from the camera's direction to the gaze.
        size = float(np.sqrt(abs(np.linalg.det(now)))) / texture.radius
        ball = texture.radius * BALL
        nx, ny = (xs - centre[0]) / (ball * size), (ys - centre[1]) / (ball * size)
        nz = -np.sqrt(1 - np.minimum(nx * nx + ny * ny, 0.998))
        turn = head_rotation(float(gaze_angle[0]), float(gaze_angle[1]), pose.roll)
        ix = texture.centre[0] + (turn[0, 0] * nx + turn[1, 0] * ny + turn[2, 0] * nz) * ball
        iy = texture.centre[1] + (turn[0, 1] * nx + turn[1, 1] * ny + turn[2, 1] * nz) * ball
        facing = (turn[0, 2] * nx + turn[1, 2] * ny + turn[2, 2] * nz) < 0
        iris = sample_bilinear(texture.iris, ix, iy)
        # The catch light is the reflection of a fixed light source: it hardly moves.
        lx, ly = sx + CATCH_LIGHT_FOLLOWS * (ix - sx), sy + CATCH_LIGHT_FOLLOWS * (iy - sy)
        light = sample_bilinear(texture.light, lx, ly)
        if margin_left.min() < ALL_LEFT:
            uncovered = 1 - margin_left[:, None]
            colour += (sample_bilinear(texture.bare_sclera, sx, sy) - colour) * uncovered
            iris += (sample_bilinear(texture.bare_iris, ix, iy) - iris) * uncovered
            light += (sample_bilinear(texture.bare_light, lx, ly) - light) * uncovered
        iris *= facing[..., None]
        margin = sample_bilinear(texture.margin, sx, sy)
        upper = 1 - smoothstep(*LID_MARGIN, (sy - texture.centre[1]) / texture.radius)
        margin = margin * (1 - upper * (1 - margin_left))[..., None]
        ball_colour = colour * (1 - iris[..., 3:]) + iris[..., :3] + light
        return np.asarray(ball_colour * (1 - margin[..., 3:]) + margin[..., :3], np.float32)

    def _project(self, eye: Eye, offsets: Float64Array, head: Float32Array) -> Float64Array:
        """Pixels (N, 2) of points at `offsets` (N, 3) from the iris's centre, carried by the head."""
        spread = 1 + eye.depth / self._distance
        base = np.array([*((eye.at - CENTRE) * spread), eye.depth])
        world = (base + offsets * spread) @ head[:, :3].T + head[:, 3]
        scale = self._distance / (self._distance + world[:, 2])
        xy = world[:, :2] * scale[:, None] + CENTRE
        return np.asarray((xy + 0.5) * self._scale - 0.5)

    def _draw_lashes(
        self, frame: UInt8Array, eye: Eye, upper: Float32Array, height: NDArray[np.floating]
    ) -> None:
        """Draw lash line, lashes and eyeliner along the upper lid's edge once it has left its place."""
        closed = 1 - float(height.mean()) / max(float(eye.height.mean()), 1e-3)
        strength = smoothstep_scalar(*LASHES_MOVE, closed)
        if strength > 0:
            eye.patch.lashes.draw(frame, upper, closed, strength, self._scale)


def _lower_at(upper: NDArray[np.floating], lower: NDArray[np.floating]) -> NDArray[np.floating]:
    """The lower lid's y (N,) at the x of each point of the upper lid (N, 2)."""
    order = np.argsort(lower[:, 0])
    return np.asarray(np.interp(upper[:, 0], lower[order, 0], lower[order, 1]))


def _box(contour: NDArray[np.floating], pad: int, frame: UInt8Array) -> tuple[int, int, int, int] | None:
    """Pixels x0, y0, x1, y1 around a contour inside of the frame, or None when it lies outside."""
    x0, y0 = np.maximum(np.floor(contour.min(0)).astype(int) - pad, 0)
    x1, y1 = np.minimum(np.ceil(contour.max(0)).astype(int) + pad + 1, frame.shape[1::-1])
    return (int(x0), int(y0), int(x1), int(y1)) if x1 > x0 and y1 > y0 else None


def _corners(contour: NDArray[np.floating], box: tuple[int, int, int, int]) -> Int32Array:
    """A contour as fixed-point polygon corners in a mask of twice the box's resolution."""
    local = (contour - np.array(box[:2]) + 0.5) * 2 - 0.5
    return np.asarray(np.rint(local * 2**SUBPIXEL), np.int32)


def _mix(
    frame: UInt8Array,
    box: tuple[int, int, int, int],
    colour: Float32Array,
    mask: UInt8Array,
    strength: float = 1.0,
) -> None:
    """Blend `colour` (h, w, 3) into the frame's `box` where `mask`, at twice the resolution, is set."""
    x0, y0, x1, y1 = box
    alpha = cv2.resize(mask, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA).astype(np.float32)[..., None]
    alpha *= strength / 255
    under = frame[y0:y1, x0:x1]
    frame[y0:y1, x0:x1] = np.clip(under * (1 - alpha) + colour * alpha + 0.5, 0, 255).astype(np.uint8)
