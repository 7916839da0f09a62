"""PSNR and SSIM of luma between a marked and an unmarked plane."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

_FULL_RANGE = 255 / 219  # planes are in 16..235


def luma_psnr(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """Peak signal-to-noise ratio in dB, of the mean error over all planes, in full range."""
    errors = [np.mean(((a.astype(float) - b) * _FULL_RANGE) ** 2) for a, b in zip(before, after, strict=True)]
    return float(10 * np.log10(255**2 / np.mean(errors)))


def luma_ssim(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """Mean structural similarity (Wang et al. 2004: Gaussian window of 11 pixels, K = 0.01 and 0.03)."""
    return float(np.mean([_ssim(a, b) for a, b in zip(before, after, strict=True)]))


def _ssim(first: np.ndarray, second: np.ndarray) -> float:
    a, b = first.astype(float) * _FULL_RANGE, second.astype(float) * _FULL_RANGE
    mean_a, mean_b = _windowed(a), _windowed(b)
    spread_a, spread_b = _windowed(a * a) - mean_a**2, _windowed(b * b) - mean_b**2
    shared = _windowed(a * b) - mean_a * mean_b
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * mean_a * mean_b + light) * (2 * shared + contrast)
    below = (mean_a**2 + mean_b**2 + light) * (spread_a + spread_b + contrast)
    return float((above / below).mean())


def _windowed(values: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5))
