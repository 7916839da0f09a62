"""Neck layer: synthesised neck skin behind the jaw, shown where a turning head uncovers it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import CHIN, FACE_OVAL
from generation.animation.geometry.camera import project, unproject
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.portrait.layers import SizedLayers
from generation.animation.portrait.portrait_crop import CHEEKS

BELOW_CHIN = 0.25  # of the face's height in which the narrowest part of the neck is looked for
UNDER_JAW = 3.0  # frame units below the jaw's outline at which the neck's colour is sampled
ALONG = 4.0  # frame units sideways over which that colour is averaged
SHADE = 0.92  # brightness of the hidden skin relative to that colour
SIDE_SHADE, JAW_SHADE = 0.22, 0.14  # darkening towards the neck's sides, and upwards behind the jaw
SOFT = 2.0  # frame units over which its sides fade


class Neck:
    """A patch of neck skin that follows the neck's joints. It is hidden as long as the head does not move."""

    def __init__(
        self, fitted: FittedPortrait, layers: SizedLayers, on_canvas: NDArray[np.floating], scale: float
    ):
        """`on_canvas` (478, 2) are landmarks in pixels of the layers' canvas, `scale` pixels a frame unit."""
        self._distance, self._scale, self._margin = fitted.surface.distance, scale, layers.margin
        box, patch = _neck_patch(layers, on_canvas, scale)
        self._patch = patch
        x0, y0, x1, y1 = box
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
        self._from = corners - corners[0]
        units = (corners - layers.margin + 0.5) / scale - 0.5
        # The patch has the depth of the neck's axis: half way up the neck above, at its base below.
        depth = fitted.head.joints[[2, 2, 1, 1], 2]
        self._points = unproject(units, depth, self._distance)

    def draw_on(self, plate: UInt8Array, transforms: Float32Array) -> UInt8Array:
        """A copy of the plate (S, S, 3) with the neck over it, for the chain's transforms (5, 3, 4)."""
        world = np.empty_like(self._points)
        for i, joint in enumerate((3, 3, 1, 1)):
            world[i] = transforms[joint, :, :3] @ self._points[i] + transforms[joint, :, 3]
        at = ((project(world, self._distance)[:, :2] + 0.5) * self._scale - 0.5).astype(np.float32)
        x0, y0 = np.maximum(np.floor(at.min(0)).astype(int), 0)
        x1, y1 = np.minimum(np.ceil(at.max(0)).astype(int) + 1, plate.shape[1::-1])
        if x1 <= x0 or y1 <= y0:
            return plate
        place = cv2.getPerspectiveTransform(self._from, at - np.array([x0, y0], np.float32))
        drawn = cv2.warpPerspective(self._patch, place, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
        out = plate.copy()
        under = out[y0:y1, x0:x1]
        out[y0:y1, x0:x1] = np.rint(under * (1 - drawn[..., 3:]) + drawn[..., :3]).astype(np.uint8)
        return out


def _neck_patch(
    layers: SizedLayers, points: NDArray[np.floating], scale: float
) -> tuple[tuple[int, ...], Float32Array]:
    """The box x0, y0, x1, y1 of the patch on the canvas, and the patch (h, w, 4), premultiplied alpha."""
    alpha = layers.person[..., 3]
    size = alpha.shape[0]
    left, right = (round(float(points[i, 0])) for i in CHEEKS)
    top = int(points[list(CHEEKS), 1].mean())
    chin_x, chin_y = points[CHIN]
    height = float(points[CHIN, 1] - points[10, 1])
    rows = np.arange(int(chin_y), min(int(chin_y + BELOW_CHIN * height), size - 1))
    x0, x1, y1 = left, right, int(chin_y)
    for y in rows:
        outside = np.flatnonzero(alpha[y] < 200)
        a = int(outside[outside < chin_x].max(initial=left)) + 1
        b = int(outside[outside > chin_x].min(initial=right))
        if max(a, left) - min(b, right) > x0 - x1:
            x0, x1, y1 = max(a, left), min(b, right), int(y)
    outline = points[list(FACE_OVAL)]
    lower = outline[outline[:, 1] > top]
    lower = lower[np.argsort(lower[:, 0])]
    columns = np.arange(x0, x1 + 1)
    y1 = max(y1, int(chin_y + UNDER_JAW * scale) + 1)
    start = np.interp(columns, lower[:, 0], lower[:, 1]) + UNDER_JAW * scale
    reads = np.clip(np.rint(start + np.arange(3)[:, None] * scale).astype(int), 0, size - 1)
    colour = layers.canvas[reads, columns].astype(np.float32).mean(0)
    colour = cv2.GaussianBlur(colour[None], (0, 0), ALONG * scale, borderType=cv2.BORDER_REPLICATE)[0]
    # A neck is round, and in the shadow of head and jaw.
    across = np.linspace(-1, 1, len(columns))
    down = np.linspace(0, 1, y1 - top + 1)
    shade = (1 - SIDE_SHADE * np.abs(across) ** 2.2)[None] * (1 - JAW_SHADE * (1 - down) ** 0.7)[:, None]
    patch = (SHADE * shade[..., None] * colour[None]).astype(np.float32)
    # Nothing is added where the portrait itself shows the background.
    hidden = (alpha[top : y1 + 1, x0 : x1 + 1] > 250).astype(np.uint8)
    within = cv2.distanceTransform(np.pad(hidden, ((0, 0), (1, 1))), cv2.DIST_L2, 5)[:, 1:-1]
    cover = np.clip(within / (SOFT * scale), 0, 1)
    return (x0, top, x1, y1), np.dstack([patch * cover[..., None], cover]).astype(np.float32)
