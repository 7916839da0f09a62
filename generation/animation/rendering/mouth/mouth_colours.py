"""Estimates the colours of teeth, gums and flesh in a mouth from a portrait's skin, lips and eye whites."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_topology import (
    LEFT_EYE,
    LEFT_IRIS,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_EYE,
    RIGHT_IRIS,
)
from generation.animation.geometry.light import LUMA

CHEEKS = (50, 280, 205, 425, 101, 330)
AROUND_CHEEK = 3  # pixels to each side of a cheek's landmark that are averaged
# Brightness relative to the cheeks', or to the whites of the eyes', which the lids shade. Dark skin tells
# less of the light than the whites do, pale skin more: the brighter estimate counts.
TEETH_TO_CHEEK, TEETH_TO_WHITE = 1.19, 0.94
TEETH_TO_CHEEK_LIMITS = (1.0, 1.9)
TONGUE_TO_CHEEK, TONGUE_TO_TEETH = 0.84, 0.52
GUM_TO_TONGUE = 1.02
BRIGHTEST = 242.0
# Hues (RGB over luma) of enamel and of wet flesh in white light.
WARM = np.array((1.05, 1.0, 0.88))
FLESH = np.array((1.37, 0.84, 0.88))
PLAIN, COLOURED = (
    0.03,
    0.16,
)  # difference of hue between lips and cheeks of a monochrome, and of a colour picture
DARKER_IS_REDDER = np.array((0.92, 1.13, 1.07))  # per-channel exponents of brightness on flesh
GRAIN_PATCH = 48  # pixels a side of the skin from which the picture's grain is sampled


@dataclass(frozen=True, eq=False)
class MouthColours:
    """RGB colours (3,) float32 in 0..255, as lit in front of the mouth. `flesh` at a share b of that light is
    `flesh * b ** darkening`. `grain` (2G, 2G) is the finest texture of the picture's skin, relative to its
    brightness, and repeats without a seam."""

    enamel: Float32Array
    gum: Float32Array
    flesh: Float32Array
    darkening: Float32Array
    grain: Float32Array


def estimate_mouth_colours(canvas: UInt8Array, points: NDArray[np.floating]) -> MouthColours:
    """Estimate the colours from a canvas (S, S, 3); `points` (478, 2) are landmarks in its pixels."""
    lip = _lip_colour(canvas, points)
    cheek = np.mean([_around(canvas, points[i]) for i in CHEEKS], axis=0)
    cheek_luma, lip_luma = max(float(cheek @ LUMA), 1.0), max(float(lip @ LUMA), 1.0)
    white = _eye_white(canvas, points)
    white_luma = 0.0 if white is None else float(white @ LUMA)
    low, high = (limit * cheek_luma for limit in TEETH_TO_CHEEK_LIMITS)
    teeth_luma = max(TEETH_TO_CHEEK * cheek_luma, TEETH_TO_WHITE * white_luma)
    teeth_luma = min(float(np.clip(teeth_luma, low, high)), BRIGHTEST)
    cheek_hue, lip_hue = cheek / cheek_luma, lip / lip_luma
    # In a grey, sepia or engraved picture lips have the hue of skin: nothing in the mouth has another one.
    apart = float(np.abs(lip_hue - cheek_hue).max())
    colourful = float(np.clip((apart - PLAIN) / (COLOURED - PLAIN), 0, 1))
    white_hue = cheek_hue if white is None else white / max(white_luma, 1.0)
    # The light's own hue is what it leaves of neutral things: the whites of the eyes, and less surely skin.
    tint = 0.55 * white_hue + 0.45 * cheek_hue
    enamel_hue = tint + colourful * (0.48 * tint + 0.52 * WARM - tint)
    flesh_hue = lip_hue + colourful * (0.30 * lip_hue + 0.70 * FLESH * (0.7 + 0.3 * tint) - lip_hue)
    flesh_luma = max(TONGUE_TO_CHEEK * cheek_luma, TONGUE_TO_TEETH * teeth_luma)
    enamel, flesh = (
        hue / max(float(hue @ LUMA), 1e-3) * luma
        for hue, luma in ((enamel_hue, teeth_luma), (flesh_hue, flesh_luma))
    )
    gum = flesh * GUM_TO_TONGUE
    return MouthColours(
        enamel=np.clip(enamel, 0, 250).astype(np.float32),
        gum=np.clip(gum, 0, 240).astype(np.float32),
        flesh=np.clip(flesh, 0, 240).astype(np.float32),
        darkening=(1 + colourful * (DARKER_IS_REDDER - 1)).astype(np.float32),
        grain=_grain(canvas, points),
    )


def _area(size: int, points: NDArray[np.floating], *contours: tuple[int, ...]) -> UInt8Array:
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.rint(points[list(c)]).astype(np.int32) for c in contours], 1)
    return mask


def _lip_colour(canvas: UInt8Array, points: NDArray[np.floating]) -> NDArray[np.floating]:
    size = canvas.shape[0]
    inner = cv2.dilate(_area(size, points, LIPS_INNER), np.ones((3, 3), np.uint8))
    lips = _area(size, points, LIPS_OUTER) & (1 - inner)
    return np.asarray(np.median(canvas[lips > 0], axis=0) if lips.any() else canvas.mean((0, 1)))


def _eye_white(canvas: UInt8Array, points: NDArray[np.floating]) -> NDArray[np.floating] | None:
    """The mean colour (3,) of the brighter parts of the whites, or None where none are seen."""
    whites = cv2.erode(_area(canvas.shape[0], points, LEFT_EYE, RIGHT_EYE), np.ones((3, 3), np.uint8))
    for iris in (LEFT_IRIS, RIGHT_IRIS):
        radius = np.linalg.norm(points[list(iris[1:])] - points[iris[0]], axis=1).mean()
        cv2.circle(whites, np.rint(points[iris[0]]).astype(int).tolist(), int(np.ceil(radius * 1.2)), 0, -1)
    if whites.sum() < 8:
        return None
    found = canvas[whites > 0].astype(np.float32)
    luma = found @ LUMA
    return np.asarray(found[luma >= np.percentile(luma, 70)].mean(0))


def _around(canvas: UInt8Array, point: NDArray[np.floating]) -> NDArray[np.floating]:
    x, y = (int(v) for v in np.clip(np.rint(point), AROUND_CHEEK, canvas.shape[0] - 1 - AROUND_CHEEK))
    patch = canvas[y - AROUND_CHEEK : y + AROUND_CHEEK + 1, x - AROUND_CHEEK : x + AROUND_CHEEK + 1]
    return np.asarray(np.median(patch.reshape(-1, 3), axis=0))


def _grain(canvas: UInt8Array, points: NDArray[np.floating]) -> Float32Array:
    """The smoother of both cheeks without its low frequencies, mirrored so that it repeats."""
    tiles = []
    for i in (205, 425):
        x, y = (
            int(v) for v in np.clip(np.rint(points[i]) - GRAIN_PATCH // 2, 0, canvas.shape[0] - GRAIN_PATCH)
        )
        luma = canvas[y : y + GRAIN_PATCH, x : x + GRAIN_PATCH].astype(np.float32) @ LUMA
        smooth = cv2.GaussianBlur(luma, (0, 0), 1.5)
        bound = 3 * float(np.median(np.abs(luma - smooth))) + 0.2
        tiles.append(np.clip(luma - smooth, -bound, bound) / np.maximum(smooth, 16.0))
    tile = min(tiles, key=lambda t: float(np.abs(t).mean()))
    half = np.concatenate([tile, tile[::-1]])
    return np.ascontiguousarray(np.concatenate([half, half[:, ::-1]], 1), np.float32)
