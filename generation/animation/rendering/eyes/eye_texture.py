"""Decomposes an eye of the portrait into sclera, complete iris and catch light."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.light import LUMA
from generation.animation.geometry.pixel_fill import SUBPIXEL, extrapolate
from generation.animation.geometry.smoothstep import smoothstep, smoothstep_scalar

LIT = 85  # percentile of the white's darkest channel from which it counts as lit: the edges of lids are pink
HIDDEN = (0.6, 1.22)  # iris radii within which the white is that of its lit parts
# What an iris hides faces the light; what is seen beside it lies in the shade of lids and lashes, and the
# more so the less of it is seen (in parts of the iris's disc).
BRIGHTER, LITTLE_SEEN = (1.14, 1.32), (0.15, 0.6)
PURE = 94  # percentile of the white's darkest channel from which it tells the hue of what is hidden
OWN_HUE = 0.7  # exponent of that hue: what is seen in the shade of lids has some of the colour of their skin
WHITEST = 246.0  # luma
AT_CORNERS = 0.25  # of the eye's width at each corner over which its white passes into their red
SOFT = (0.86, 1.16)  # iris radii over which the iris blends into the sclera
FINER = 2  # times: an iris between two pixels of its texture would lose its edges to interpolation
BESIDE_LID = 0.2  # iris radii inside of the lids within which an iris has some of their skin in it
UNDER_LID = (0.12, 0.34)  # iris radii below the upper lid's edge over which its shade and its rim end


@dataclass(frozen=True, eq=False)
class EyeTexture:
    """The layers of one eye, over a patch of the neutral frame whose top left pixel is `origin` (x, y).

    `sclera` (h, w, 3) has no iris, `iris` (h, w, 4) is premultiplied and complete also where lids cover it;
    `light` (h, w, 3) is the catch light, to be added. The `bare` ones are the same as a rising lid or an iris
    that turns away uncovers them, without the shade and the rim of the lid's edge, the white facing the
    light. `margin` (h, w, 4) are the lids' margins around the eye, premultiplied, to be composited over all.
    `centre` (2,) and `radius` are the iris's, in pixels.
    """

    origin: tuple[int, int]
    sclera: Float32Array
    iris: Float32Array
    light: Float32Array
    bare_sclera: Float32Array
    bare_iris: Float32Array
    bare_light: Float32Array
    margin: Float32Array
    centre: Float32Array
    radius: float

    def finer(self) -> EyeTexture:
        """The same with FINER pixels for one, every one of its own pixels among them."""
        h, w = self.sclera.shape[:2]
        ys, xs = (np.arange((n - 1) * FINER + 1, dtype=np.float32) / FINER for n in (h, w))
        grid = np.meshgrid(xs, ys)

        def fine(layer: Float32Array) -> Float32Array:
            found = cv2.remap(layer, *grid, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(np.clip(found, layer.min((0, 1)), layer.max((0, 1))), np.float32)

        return replace(
            self,
            sclera=fine(self.sclera),
            iris=fine(self.iris),
            light=fine(self.light),
            bare_sclera=fine(self.bare_sclera),
            bare_iris=fine(self.bare_iris),
            bare_light=fine(self.bare_light),
            margin=fine(self.margin),
            centre=self.centre * FINER,
            radius=self.radius * FINER,
        )


def decompose_eye(frame: UInt8Array, lids: Float32Array, centre: Float32Array, radius: float) -> EyeTexture:
    """Decompose one eye of the neutral `frame` (H, W, 3).

    `lids` (N, 2) is the contour of the visible eye, inside of the lids' margins; `centre` and `radius` are
    the iris's; all in pixels.
    """
    pad = int(np.ceil(radius * 2.4))
    x0, y0 = np.maximum(np.floor(np.minimum(lids.min(0), centre - radius)).astype(int) - pad, 0)
    x1, y1 = np.minimum(
        np.ceil(np.maximum(lids.max(0), centre + radius)).astype(int) + pad, frame.shape[1::-1]
    )
    patch = frame[y0:y1, x0:x1].astype(np.float32)
    local, middle = lids - (x0, y0), centre - (x0, y0)
    h, w = patch.shape[:2]
    mask = np.zeros((h, w), np.uint8)
    corners = np.rint(local * 2**SUBPIXEL).astype(np.int32)
    cv2.fillPoly(mask, [corners], 255, lineType=cv2.LINE_AA, shift=SUBPIXEL)
    inside = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32)[..., None] / 255
    opening = mask > 127
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    dx, dy = xs - middle[0], ys - middle[1]
    distance = (np.hypot(dx, dy) / radius).astype(np.float32)
    alpha = (1 - smoothstep(*SOFT, distance)).astype(np.float32)

    known = opening & (distance > SOFT[1] + 0.04)
    if known.sum() <= 6:
        known = opening & (distance > 1)
    # What the iris hides lies in the middle of the opening, where lids shade the white the least.
    seen = patch.min(2)
    lit = known & (seen >= np.percentile(seen[known], LIT)) if known.any() else known
    sclera = extrapolate(patch, known.astype(np.float32))
    hides = (1 - smoothstep(*HIDDEN, distance))[..., None]
    facing = _facing_light(extrapolate(patch, lit.astype(np.float32)), patch, known, radius)
    sclera += (facing - sclera) * hides
    unmixed = (patch - sclera * (1 - alpha[..., None])) / np.maximum(alpha, 0.08)[..., None]
    colour: Float32Array = unmixed.astype(np.float32)
    profile = _radial_profile(colour, distance, opening & (distance < 1.1))
    # Behind the lids the iris is completed by its vertical mirror image, or else by its radial profile.
    depth = cv2.distanceTransform(np.pad(opening.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1] / radius
    visible = (opening & (depth > BESIDE_LID) & (distance < SOFT[1])).astype(np.float32)[..., None]
    mirrored, mirror_visible = (
        sample_bilinear(colour, xs, 2 * middle[1] - ys),
        sample_bilinear(visible, xs, 2 * middle[1] - ys),
    )
    hidden = profile + (mirrored - profile) * smoothstep(0.6, 1.0, mirror_visible)
    whole = hidden * (1 - inside) + colour * inside
    rim = ((1 - smoothstep(*UNDER_LID, depth)) * (dy < 0))[..., None].astype(np.float32)
    below = known & (rim[..., 0] < 0.5)
    white_below = extrapolate(patch, (below if below.any() else known).astype(np.float32))
    uncovered = sclera + (white_below - sclera) * rim
    # A ball in the light is round still: half of its shading stays.
    level = np.clip((uncovered @ LUMA) / np.maximum(sclera[known] @ LUMA, 1.0).max(initial=1.0), 0, 1)
    uncovered += (facing * np.sqrt(level)[..., None] - uncovered) * _between_corners(local, w)
    white = max(float(np.percentile(patch[opening] @ LUMA, 95)), 1.0) if opening.any() else 255.0
    bright = smoothstep(0.22, 0.55, (whole @ LUMA - profile @ LUMA) / white)[..., None]
    light = (whole - profile) * bright * (distance < 1.05)[..., None] * alpha[..., None] * inside
    bare, bare_light = whole + (hidden - whole) * rim, light * (1 - rim)
    return EyeTexture(
        origin=(int(x0), int(y0)),
        sclera=sclera,
        iris=np.dstack([whole * alpha[..., None] - light, alpha]).astype(np.float32),
        light=light.astype(np.float32),
        bare_sclera=uncovered.astype(np.float32),
        bare_iris=np.dstack([bare * alpha[..., None] - bare_light, alpha]).astype(np.float32),
        bare_light=bare_light.astype(np.float32),
        margin=np.dstack([patch * (1 - inside), 1 - inside]).astype(np.float32),
        centre=middle.astype(np.float32),
        radius=float(radius),
    )


def _facing_light(
    lit: Float32Array, patch: Float32Array, known: NDArray[np.bool_], radius: float
) -> Float32Array:
    """The white (h, w, 3) that an iris of `radius` pixels hides: brighter than its `lit` parts (h, w, 3), in
    the hue of the whitest of it; `known` (h, w) is what is seen of it in the picture's `patch` (h, w, 3)."""
    seen = float(known.sum()) / (np.pi * radius**2)
    brighter = BRIGHTER[1] + (BRIGHTER[0] - BRIGHTER[1]) * smoothstep_scalar(*LITTLE_SEEN, seen)
    luma = np.maximum(lit @ LUMA, 1.0)
    wanted = np.maximum(np.minimum(brighter * luma, WHITEST), luma)
    white = lit / luma[..., None]
    if known.any():
        least = patch.min(2)
        whitest = patch[known & (least >= np.percentile(least[known], PURE))].mean(0)
        white = 0.3 * white + 0.7 * whitest / max(float(whitest @ LUMA), 1.0)
    white **= OWN_HUE
    white /= (white @ LUMA)[..., None]
    return np.asarray(np.clip(white * wanted[..., None], 0, 255), np.float32)


def _between_corners(lids: Float32Array, width: int) -> Float32Array:
    """1 in columns (1, w, 1) between the corners of the contour `lids` (N, 2), 0 at and beyond them."""
    left, right = float(lids[:, 0].min()), float(lids[:, 0].max())
    inwards = np.minimum(np.arange(width) - left, right - np.arange(width)) / max(right - left, 1.0)
    return np.asarray(smoothstep(0.0, AT_CORNERS, inwards), np.float32)[None, :, None]


def _radial_profile(colour: Float32Array, distance: Float32Array, usable: NDArray[np.bool_]) -> Float32Array:
    """The median colour at each distance from the iris's centre, as an image of the patch (h, w, 3)."""
    edges = np.linspace(0, 1.2, 13)
    rows = []
    for low, high in pairwise(edges):
        ring = usable & (distance >= low - 0.04) & (distance < high + 0.04)
        rows.append(np.median(colour[ring], axis=0) if ring.sum() >= 3 else np.full(3, np.nan))
    table = np.array(rows)
    middle = (edges[:-1] + edges[1:]) / 2
    for k in range(3):
        good = ~np.isnan(table[:, k])
        table[:, k] = np.interp(middle, middle[good], table[good, k]) if good.any() else 40.0
    return np.stack([np.interp(distance, middle, table[:, k]) for k in range(3)], -1).astype(np.float32)


def sample_bilinear(
    picture: Float32Array, xs: NDArray[np.floating], ys: NDArray[np.floating]
) -> Float32Array:
    """`picture` (h, w, C) at points `xs`, `ys`, by bilinear interpolation; 0 outside."""
    out = cv2.remap(
        picture,
        xs.astype(np.float32),
        ys.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
    )
    return np.asarray(out if out.ndim == 3 else out[..., None], np.float32)
