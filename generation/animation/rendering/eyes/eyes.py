"""Eyes: draws the eyeballs behind the lids (sclera, iris, catch light), the lid shadow and the lashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, Int32Array, UInt8Array
from generation.animation.face.face_topology import LEFT_IRIS, RIGHT_IRIS
from generation.animation.geometry.camera import CENTRE, FRAME
from generation.animation.geometry.curves import ramp
from generation.animation.geometry.pixel_fill import SUBPIXEL
from generation.animation.geometry.rig import FaceRig
from generation.animation.portrait.brow_motion import LOWER
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.layers import SizedLayers
from generation.animation.rendering.eyes.eye_kernels import BALL, draw_eye
from generation.animation.rendering.eyes.eye_texture import EyeTexture, decompose_eye
from generation.animation.rendering.eyes.lid_kernels import UNFOLDS, measure_lids, mix_lids
from generation.animation.rendering.eyes.lids import LidPatch, dilate_contour, paint_lid_patch
from generation.animation.rendering.picture_blur import picture_blur

SOFT = 0.8  # of the blur of the face's edges that lines of lids and lashes have
MARGIN = 0.8  # frame units inside of the lids' landmarks that belong to the lids
OPEN = 1.0  # frame units between the lids at rest from which the portrait has the eye open
CLOSED = 1.0  # pixels between the lids below which nothing of the eye is drawn
# Widest opening between closing lids, in frame units, below which less and less of the eye is seen, behind
# the lashes, and the most in parts of the mean opening at rest. At rest eyes are 11 to 18 wide, half closed
# or looking down 4 to 11; with a slit of 3.5, or half the mean, the stroke of black is back.
SLIT, SLIT_MOST = 5.0, 0.9
BROWS = {"R": list(LOWER[:5]), "L": list(LOWER[5:])}  # landmarks of the brows' lower edges
FRONT = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, BALL]])  # radii of the iris from its centre


@dataclass(frozen=True, eq=False)
class Eye:
    """One eye of a portrait: its texture, vertices `upper` (N,) and `lower` (M,) of its lids' edges, where
    they are at rest in camera space (N, 3) and (M, 3), their mean distance then in pixels, the iris's centre
    `at` (2,) and `depth`, points on the eyeball's `front` (4, 3) around it in frame units, and its lids'
    patch of the person layer. `still` (h, w, 7) are the texture's sclera and margin."""

    texture: EyeTexture
    upper: Int32Array
    lower: Int32Array
    rest_upper: Float32Array
    rest_lower: Float32Array
    mean_height: float
    still: Float32Array
    at: Float64Array
    depth: float
    front: Float64Array
    patch: LidPatch


class EyePose(NamedTuple):
    """The pose of the eyes in one frame: the head's transform (3, 4), its roll in degrees, and `gaze_angles`
    (2, 2), yaw and pitch in degrees of the picture's left, then right eye in the camera's axes."""

    head: Float32Array
    roll: float
    gaze_angles: Float32Array


class LidsMeasured(NamedTuple):
    """What `measure_lids` says of one eye."""

    widest: float
    closed: float
    strength: float
    x0: int
    y0: int
    x1: int
    y1: int


class Eyes:
    """Draws both eyes of one fitted portrait into frames, and closes the lids of its person layer."""

    def __init__(self, fitted: FittedPortrait, layers: SizedLayers, scale: float) -> None:
        self._scale, self._distance = scale, fitted.surface.distance
        self.person = layers.person.copy()
        on_canvas = self._pixels(fitted.points[:, :2]) + layers.margin
        self._blur = SOFT * picture_blur(layers.canvas, on_canvas, scale)
        self._eyes = [
            self._prepare(fitted, layers, side, iris) for side, iris in (("R", LEFT_IRIS), ("L", RIGHT_IRIS))
        ]
        self._closed_share = [(-1.0, -1.0)] * 2
        self._camera = np.array([self._distance, CENTRE, scale])
        edges = [(len(eye.upper), len(eye.lower)) for eye in self._eyes]
        self._lid = np.zeros((5, edges[0][0]))
        self._corners = np.zeros((sum(edges[0]) - 2, 2), np.int32)

    def _prepare(self, fitted: FittedPortrait, layers: SizedLayers, side: str, iris: tuple[int, ...]) -> Eye:
        rig, surface = FaceRig.load(), fitted.surface
        loops = [rig.loops[f"lids.{side}.{which}"] for which in ("upper", "lower")]
        upper, lower = (surface.vertex_of[loop] for loop in loops)
        opening = self._pixels(surface.source[np.concatenate([upper, lower[-2:0:-1]])])
        centre = self._pixels(fitted.points[iris[0], :2])
        rim = self._pixels(fitted.points[list(iris[1:]), :2])
        radius = float(np.linalg.norm(rim - centre, axis=1).mean())
        inner = dilate_contour(opening, -MARGIN * self._scale)
        texture = decompose_eye(layers.neutral, inner, centre, radius).finer()
        top, bottom = (self._pixels(surface.source[edge]) for edge in (upper, lower))
        bottom = bottom[np.argsort(bottom[:, 0])]
        height = np.interp(top[:, 0], bottom[:, 0], bottom[:, 1]) - top[:, 1]
        return Eye(
            texture=texture,
            upper=upper,
            lower=lower,
            rest_upper=surface.rest[upper],
            rest_lower=surface.rest[lower],
            mean_height=float(height.mean()),
            still=np.concatenate([texture.sclera, texture.margin], 2),
            at=fitted.points[iris[0], :2].astype(np.float64),
            depth=float(fitted.head.vertices[np.concatenate(loops), 2].mean()),
            front=FRONT * (radius / self._scale),
            patch=paint_lid_patch(
                layers.person,
                self._pixels(surface.source[upper]) + layers.margin,
                self._pixels(surface.source[lower]) + layers.margin,
                self._pixels(fitted.points[BROWS[side], :2]) + layers.margin,
                self._scale,
                self._blur,
            ),
        )

    def _pixels(self, xy: NDArray[np.floating]) -> Float32Array:
        return np.asarray((xy + 0.5) * self._scale - 0.5, np.float32)

    @property
    def lid_patches(self) -> list[tuple[slice, slice]]:
        """Rows and columns of `person` that lids change."""
        return [(eye.patch.rows, eye.patch.columns) for eye in self._eyes]

    def move_lids(self, closing: tuple[float, float], pixels: Float32Array, head: Float32Array) -> None:
        """Update the lids of `person` for eyes closed by `closing`, 0..1 each, picture's left eye first, and
        lids that have moved to `pixels` (N, 3) under the head's transform (3, 4): what is a layer of its own
        then is taken off them."""
        for i, eye in enumerate(self._eyes):
            share = (
                round(self._measure(eye, pixels, head).strength, 3),
                round(ramp(UNFOLDS[0], UNFOLDS[1], closing[i]), 3),
            )
            if share != self._closed_share[i]:
                under = self.person[eye.patch.rows, eye.patch.columns]
                mix_lids(eye.patch.open, eye.patch.closed, eye.patch.shut, *share, under)
                self._closed_share[i] = share

    def _measure(self, eye: Eye, pixels: Float32Array, head: Float32Array) -> LidsMeasured:
        """Measure the lids, see `measure_lids`."""
        return LidsMeasured(
            *measure_lids(
                pixels, eye.upper, eye.lower, eye.rest_upper, eye.rest_lower,
                eye.mean_height >= OPEN * self._scale, head, self._camera, round(FRAME * self._scale),
                self._lid, self._corners,
            ),
        )  # fmt: skip

    def draw(self, frame: UInt8Array, pixels: Float32Array, pose: EyePose) -> None:
        """Draw both eyes into `frame` where they are open; `pixels` (N, 3) are the surface's projected
        vertices."""
        for eye, gaze_angle in zip(self._eyes, pose.gaze_angles, strict=True):
            lid = self._lid
            widest, closed, strength, *box = self._measure(eye, pixels, pose.head)
            slit = min(SLIT * self._scale, SLIT_MOST * eye.mean_height)
            seen = 1 - strength * (1 - ramp(0.25 * slit, slit, widest))
            if widest >= CLOSED and seen > 0:
                self._draw_ball(frame, eye, (pose, gaze_angle), box, (seen, closed))
            # Lash line, lashes and eyeliner follow the upper lid's edge once it has left its place.
            if strength > 0:
                eye.patch.lashes.draw(frame, lid[0], lid[4], closed, strength)

    def _draw_ball(
        self,
        frame: UInt8Array,
        eye: Eye,
        direction: tuple[EyePose, Float32Array],
        box: list[int],
        shown: tuple[float, float],
    ) -> None:
        (pose, gaze_angle), (x0, y0, x1, y1), (seen, closed) = direction, box, shown
        if x1 <= x0 or y1 <= y0:
            return
        mask = np.zeros(((y1 - y0) * 2, (x1 - x0) * 2), np.uint8)
        cv2.fillPoly(mask, [self._corners], 255, lineType=cv2.LINE_AA, shift=SUBPIXEL)
        texture = eye.texture
        draw_eye(
            frame, mask, x0, y0, self._lid, closed, self._scale, eye.at, eye.depth, eye.front,
            pose.head, self._camera, gaze_angle, pose.roll, seen, texture.centre, texture.radius,
            eye.still, texture.iris, texture.light, texture.bare_sclera, texture.bare_iris,
            texture.bare_light,
        )  # fmt: skip
