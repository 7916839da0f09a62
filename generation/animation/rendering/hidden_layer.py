"""Hidden layer: hair, jaw and neck behind what the portrait shows, drawn on the plate before the person."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.portrait.layers import SizedLayers
from generation.animation.portrait.surface import Surface
from generation.animation.rendering.backends.batch import HiddenMesh, Scene
from generation.animation.rendering.hidden_kernels import bounds, draw_hidden, place_hidden

COVERED: Final = 2.0  # frame units inside of the person's outline where the hidden layer ends
OPAQUE: Final = (251.0, 254.0)  # alpha of the person over which it begins
EDGE: Final = (150.0, 235.0)  # alpha of the person over which its edge passes into what is opaque
SOFT: Final = 2.5  # frame units over which that end is smoothed
SPREADS: Final = np.array((2.0, 5.0, 12.0), np.float32)  # frame units by which the texture is extended


def _extended(canvas: UInt8Array, cover: Float32Array, spreads: Float32Array) -> UInt8Array:
    """The picture (M, M, 3) where `cover` (M, M) is 1, and beyond it the colours inside of its edge, averaged
    over the narrowest of `spreads` (N,), in pixels, that reaches there."""
    known = canvas * cover[..., None]
    out, share = known.copy(), cover.copy()
    for sigma in spreads:
        near = cv2.GaussianBlur(cover, (0, 0), float(sigma))
        weight = (1 - share) * np.minimum(near * 8, 1)
        mean = cv2.GaussianBlur(known, (0, 0), float(sigma)) / np.maximum(near, 1e-4)[..., None]
        out += mean * weight[..., None]
        share += weight
    return np.asarray(np.rint(out / np.maximum(share, 1e-4)[..., None]).clip(0, 255), np.uint8)


def _with_edge(extended: UInt8Array, person: UInt8Array) -> UInt8Array:
    """A texture (M, M, 4; premultiplied alpha): the `person` (M, M, 4), whatever shows through it inside of
    its soft edge filled by `extended` (M, M, 3)."""
    alpha = person[..., 3:].astype(np.float32)
    filled = (255 - alpha) * np.clip((alpha - EDGE[0]) / (EDGE[1] - EDGE[0]), 0, 1)
    colour = person[..., :3] + extended * (filled / 255)
    return np.asarray(np.rint(np.dstack([colour, alpha + filled])).clip(0, 255), np.uint8)


class HiddenLayer:
    """Draws the hidden surface. At rest the person covers all of it."""

    def __init__(self, surface: Surface, layers: SizedLayers, source: Float32Array, scale: float) -> None:
        """`source` (N, 2) are the surface's texture coordinates in pixels of the canvas, `scale` pixels a
        frame unit."""
        self._first = surface.hidden_start
        self._faces = surface.hidden - surface.hidden_start
        self._source = source[self._first :].copy()
        self._plate, self._behind = layers.plate, layers.plate.copy()
        self._drawn = (0, 0, 0, 0)
        self._beside = np.zeros(layers.plate.shape[:2], np.uint8)
        self._chosen, self._placed = np.empty_like(self._faces), 0
        self._points = np.empty((len(surface.rest) - self._first, 3), np.float32)
        self._shade = surface.hidden_shade
        self._grows = surface.hidden_grows * np.float32(scale)
        # Where the middle of each triangle lies around the face: to the right, and down.
        middle = surface.rest[surface.hidden, :2].mean(1) - surface.rest[: surface.mesh_size, :2].mean(0)
        self._sides = (middle / np.linalg.norm(middle, axis=1, keepdims=True)).astype(np.float32)
        alpha = cv2.erode(
            layers.person[..., 3], np.ones((3, 3), np.uint8), iterations=max(1, round(COVERED * scale))
        )
        alpha = np.minimum(alpha, cv2.GaussianBlur(alpha, (0, 0), SOFT * scale))
        cover = np.clip((alpha.astype(np.float32) - OPAQUE[0]) / (OPAQUE[1] - OPAQUE[0]), 0, 1)
        extended = _extended(layers.canvas, cover, SPREADS * np.float32(scale))
        self._texture = _with_edge(extended, layers.person)

    def place(self, pixels: Float32Array, head_pose: NDArray[np.floating]) -> None:
        """Take the layer's place in the next frame from all vertices (N, 3), in pixels with their depth, and
        a head pose (6,)."""
        self._placed = place_hidden(
            pixels[self._first :],
            head_pose,
            self._faces,
            self._sides,
            self._grows,
            self._chosen,
            self._points,
        )

    def scene(self, person: UInt8Array, changes: tuple[slice, slice]) -> Scene:
        """What stays the same in every frame, with `person` (M, M, 4) as it is at rest, of which frames
        change the rows and columns `changes`."""
        return Scene(person.copy(), changes, self._plate, self._texture, self._source, self._shade)

    def mesh(self) -> HiddenMesh | None:
        """The layer as it was placed last, in arrays of its own; None where nothing of it shows."""
        faces = self._chosen[: self._placed].copy()
        x0, y0, x1, y1 = bounds(self._points, faces, self._plate.shape[0])
        if not self._placed or x1 <= x0 or y1 <= y0:
            return None
        return HiddenMesh(self._points.copy(), faces, (x0, y0, x1, y1))

    def behind(self, alpha: UInt8Array) -> UInt8Array:
        """The plate (S, S, 3) with the hidden layer over it, wherever the person's `alpha` (S, S) is less
        than 255; overwritten by the next frame's. The plate itself where the head is at rest."""
        if not self._placed:
            return self._plate
        x0, y0, x1, y1 = self._drawn
        self._behind[y0:y1, x0:x1] = self._plate[y0:y1, x0:x1]
        self._drawn = draw_hidden(
            self._points, self._chosen[: self._placed], self._source, self._shade, self._texture, alpha,
            self._beside, self._behind,
        )  # fmt: skip
        return self._behind
