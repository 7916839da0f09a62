"""Continuing the known pixels of a patch over its unknown ones."""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.arrays import Float32Array

SUBPIXEL = 4  # bits of fraction in polygon corners


def extrapolate(picture: Float32Array, known: Float32Array) -> Float32Array:
    """Continue the known pixels smoothly over the whole patch."""
    total, share = np.zeros_like(picture), np.zeros_like(known)
    for sigma in (1.2, 2.5, 5, 10, 20, 40):
        near = cv2.GaussianBlur(known, (0, 0), sigma)
        weight = np.minimum(near * 3, 1) / sigma**2.5
        total += (
            cv2.GaussianBlur(picture * known[..., None], (0, 0), sigma)
            * (weight / np.maximum(near, 1e-6))[..., None]
        )
        share += weight
    spread = total / np.maximum(share, 1e-12)[..., None]
    return np.asarray(np.where(known[..., None] > 0, picture, spread), np.float32)
