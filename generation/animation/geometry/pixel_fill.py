"""Extrapolates the known pixels of an image patch to its unknown ones."""

from __future__ import annotations

import cv2
import numpy as np

from generation.animation.arrays import Float32Array

SUBPIXEL = 4  # bits of fraction in polygon corners


def extrapolate(picture: Float32Array, known: Float32Array) -> Float32Array:
    """Extrapolate `picture` (h, w, 3) smoothly from where `known` (h, w) is 1 to where it is 0.

    Normalised convolution with Gaussians of growing width; known pixels stay as they are.
    """
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
