"""Attacks that make a picture anew from less than all of it, and may leave a mark behind.

No diffusion model or neural autoencoder is used. Stand-ins for them: wavelet and other still-image codecs at
strong compression, denoisers, and a linear autoencoder (principal components of patches) that is fitted to
the very frames.
"""

from __future__ import annotations

import io

import cv2
import numpy as np
import pywt
from PIL import Image

from benchmarks.watermark.attacks.changes import Frames, each


def jpeg2000(frames: Frames, ratio: float) -> Frames:
    """Each frame by itself through JPEG 2000, to 1 / `ratio` of its bytes."""

    def change(frame: np.ndarray) -> np.ndarray:
        data = io.BytesIO()
        Image.fromarray(frame).save(
            data, "JPEG2000", quality_mode="rates", quality_layers=[ratio], irreversible=True
        )
        return np.asarray(Image.open(data).convert("RGB"))

    return each(frames, change)


def webp(frames: Frames, quality: int) -> Frames:
    """Each frame by itself through WebP."""

    def change(frame: np.ndarray) -> np.ndarray:
        data = cv2.imencode(".webp", frame[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
        return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]

    return each(frames, change)


def gif(frames: Frames) -> Frames:
    """320 pixels, 64 colours with dithering, every second frame, as messengers make them."""
    small = [cv2.resize(frame, (320, 320), interpolation=cv2.INTER_AREA) for frame in frames[::2]]
    pictures = [Image.fromarray(frame).quantize(64) for frame in small]
    return np.stack([np.asarray(one.convert("RGB")) for one in pictures])


def bilateral(frames: Frames, colour: float) -> Frames:
    return each(frames, lambda frame: cv2.bilateralFilter(frame, 9, colour, 5))


def non_local(frames: Frames, strength: float) -> Frames:
    """Non-local means of light and of colour."""

    def change(frame: np.ndarray) -> np.ndarray:
        planes = cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb)
        planes[..., 0] = cv2.fastNlMeansDenoising(planes[..., 0], None, strength, 5, 13)
        return cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB)

    return each(frames, change)


def wavelet(frames: Frames, threshold: float) -> Frames:
    """Luma's wavelet coefficients shrunk by `threshold` grey levels."""

    def change(frame: np.ndarray) -> np.ndarray:
        planes = cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb)
        coarse, *details = pywt.wavedec2(planes[..., 0].astype(np.float32), "sym4", level=4)
        shrunk = [tuple(pywt.threshold(band, threshold, "soft") for band in level) for level in details]
        back = pywt.waverec2([coarse, *shrunk], "sym4")[: frame.shape[0], : frame.shape[1]]
        planes[..., 0] = np.clip(back + 0.5, 0, 255).astype(np.uint8)
        return cv2.cvtColor(planes, cv2.COLOR_YCrCb2RGB)

    return each(frames, change)


def autoencoded(frames: Frames, kept: int, side: int = 16) -> Frames:
    """Luma in patches of `side` pixels through the `kept` directions in which they differ most; twice, half a
    patch apart, and averaged.
    """
    height, width = (size // side * side for size in frames.shape[1:3])
    lumas = np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2YCrCb) for frame in frames])
    light = lumas[:, :height, :width, 0].astype(np.float32)
    patches = _patches(light[::5], side)
    mean = patches.mean(0)
    directions = np.linalg.eigh((patches - mean).T @ (patches - mean))[1][:, -kept:]

    def through(planes: np.ndarray) -> np.ndarray:
        coded = (_patches(planes, side) - mean) @ directions
        return _joined(coded @ directions.T + mean, planes.shape, side)

    half = side // 2
    rolled = np.roll(light, (-half, -half), (1, 2))
    both = (through(light) + np.roll(through(rolled), (half, half), (1, 2))) / 2
    lumas[:, :height, :width, 0] = np.clip(both + 0.5, 0, 255).astype(np.uint8)
    return each(lumas, lambda frame: cv2.cvtColor(frame, cv2.COLOR_YCrCb2RGB))


def _patches(planes: np.ndarray, side: int) -> np.ndarray:
    count, height, width = planes.shape
    cells = planes.reshape(count, height // side, side, width // side, side)
    return cells.transpose(0, 1, 3, 2, 4).reshape(-1, side * side)


def _joined(patches: np.ndarray, shape: tuple[int, ...], side: int) -> np.ndarray:
    count, height, width = shape
    cells = patches.reshape(count, height // side, width // side, side, side)
    return cells.transpose(0, 1, 3, 2, 4).reshape(shape)
