"""Estimates the colours of teeth, gums, tongue and cavity from a portrait's lips, eye whites and cheeks."""

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


@dataclass(frozen=True, eq=False)
class MouthColours:
    """RGB colours (3,) float32 in 0..255."""

    lip: Float32Array
    enamel: Float32Array
    gum: Float32Array
    tongue: Float32Array
    dark: Float32Array


def estimate_mouth_colours(canvas: UInt8Array, points: NDArray[np.floating]) -> MouthColours:
    """Estimate the colours from a canvas (S, S, 3); `points` (478, 2) are landmarks in its pixels."""
    size = canvas.shape[0]

    def area(*contours: tuple[int, ...]) -> UInt8Array:
        mask = np.zeros((size, size), np.uint8)
        cv2.fillPoly(mask, [np.rint(points[list(c)]).astype(np.int32) for c in contours], 1)
        return mask

    lips = area(LIPS_OUTER) & (1 - cv2.dilate(area(LIPS_INNER), np.ones((3, 3), np.uint8)))
    lip = np.median(canvas[lips > 0], axis=0) if lips.any() else canvas.mean((0, 1))
    whites = cv2.erode(area(LEFT_EYE, RIGHT_EYE), np.ones((3, 3), np.uint8))
    for iris in (LEFT_IRIS, RIGHT_IRIS):
        radius = np.linalg.norm(points[list(iris[1:])] - points[iris[0]], axis=1).mean()
        cv2.circle(whites, np.rint(points[iris[0]]).astype(int).tolist(), int(np.ceil(radius * 1.2)), 0, -1)
    skin = canvas[cv2.erode(area(LIPS_OUTER), np.ones((3, 3), np.uint8)) > 0]
    cheeks = np.stack(
        [canvas[tuple(np.rint(points[i, ::-1]).astype(int))] for i in (50, 280, 205, 425, 101, 330)]
    )
    cheek_luma = float(np.max(cheeks.astype(np.float32) @ LUMA))
    if whites.sum() >= 8:
        found = canvas[whites > 0].astype(np.float32)
        luma = found @ LUMA
        white = found[luma >= np.percentile(luma, 70)].mean(0)
    else:
        white = skin.mean(0)
    white_luma = float(white @ LUMA)
    # Teeth are about as bright as the whites of the eyes, which the lids shade, and at most 1.45 times as
    # bright as the cheeks.
    luma = float(np.clip(white_luma * 1.12, 0.80 * cheek_luma, max(1.45 * cheek_luma, 0.9 * white_luma)))
    cheek = cheeks.astype(np.float32).mean(0)
    warm = np.array([1.04, 1.0, 0.91])
    hue = 0.40 * white / max(white_luma, 1) + 0.25 * cheek / max(float(cheek @ LUMA), 1) + 0.35 * warm
    enamel = np.clip(hue * luma * 0.97, 0, 244)
    lip_luma = max(float(lip @ LUMA), 1.0)
    flesh = 0.6 * lip / lip_luma + 0.4 * np.array([1.45, 0.86, 0.84])
    tongue = 0.35 * flesh + 0.65 * hue * np.array([1.52, 0.60, 0.60])
    return MouthColours(
        lip=lip.astype(np.float32),
        enamel=enamel.astype(np.float32),
        gum=np.clip(flesh * (0.55 * lip_luma + 0.2 * luma), 0, 235).astype(np.float32),
        tongue=np.clip(tongue * (0.50 * lip_luma + 0.14 * luma), 0, 220).astype(np.float32),
        dark=(tongue * lip_luma * 0.16).astype(np.float32),
    )
