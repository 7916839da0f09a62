"""Hidden layer: hair, jaw and neck behind what the portrait shows, drawn on the plate before the person."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.rasterize import FAR, NOWHERE, blend_sampled, draw_map
from generation.animation.portrait.layers import SizedLayers
from generation.animation.portrait.surface import Surface

COVERED: Final = 2.0  # frame units inside of the person's outline where the hidden layer ends
OPAQUE: Final = (251.0, 254.0)  # alpha of the person over which it begins
SOFT: Final = 2.5  # frame units over which that end is smoothed
ROLLED: Final = 1.0  # of the side away from which a rolled head uncovers something too
STILL: Final = 0.25  # degrees: a head that turns by less uncovers nothing


class HiddenLayer:
    """Draws the hidden surface. At rest the person covers all of it."""

    def __init__(self, surface: Surface, layers: SizedLayers, source: Float32Array, scale: float) -> None:
        """`source` (N, 2) are the surface's texture coordinates in pixels of the canvas, `scale` pixels a
        frame unit."""
        self._first = surface.hidden_start
        self._faces = surface.hidden - surface.hidden_start
        self._source = source[self._first :].copy()
        self._shade = surface.hidden_shade
        # Where the middle of each triangle lies around the face: to the right, and down.
        middle = surface.rest[surface.hidden, :2].mean(1) - surface.rest[: surface.mesh_size, :2].mean(0)
        self._sides = (middle / np.linalg.norm(middle, axis=1, keepdims=True)).astype(np.float32)
        alpha = cv2.erode(
            layers.person[..., 3], np.ones((3, 3), np.uint8), iterations=max(1, round(COVERED * scale))
        )
        alpha = np.minimum(alpha, cv2.GaussianBlur(alpha, (0, 0), SOFT * scale))
        cover = np.clip((alpha.astype(np.float32) - OPAQUE[0]) / (OPAQUE[1] - OPAQUE[0]), 0, 1)
        colour = np.rint(layers.canvas * cover[..., None])
        self._texture = np.dstack([colour, np.rint(cover * 255)]).astype(np.uint8)

    def draw_on(self, plate: UInt8Array, pixels: Float32Array, head_pose: NDArray[np.floating]) -> UInt8Array:
        """The plate (S, S, 3) with the hidden layer over it, for all vertices (N, 3) in pixels with their
        depth and a head pose (6,). The plate itself where the head is at rest."""
        yaw, pitch, roll = (float(v) for v in head_pose[:3])
        if max(abs(yaw), abs(pitch), abs(roll)) < STILL:
            return plate
        # A head that turns to one side uncovers what lies at the other.
        uncovered = self._sides @ np.array([-yaw, -pitch], np.float32) > -ROLLED * abs(roll)
        faces = self._faces[uncovered]
        points = pixels[self._first :].copy()
        size = plate.shape[0]
        seen = points[np.unique(faces), :2]
        if not len(seen):
            return plate
        x0, y0 = np.clip(np.floor(seen.min(0)), 0, size - 1).astype(int)
        x1, y1 = np.clip(np.ceil(seen.max(0)) + 1, 1, size).astype(int)
        points[:, :2] -= (x0, y0)
        box = (int(y1 - y0), int(x1 - x0))
        depth, shade = np.full(box, FAR, np.float32), np.ones(box, np.float32)
        sources = np.full((*box, 2), NOWHERE, np.float32)
        draw_map(points, self._source, self._shade, faces, depth, sources, shade)
        out = plate.copy()
        blend_sampled(sources, shade, self._texture, out, int(x0), int(y0))
        return out
