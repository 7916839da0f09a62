"""Detects the fixed watermarks of open image generators (library `invisible-watermark`, dwtDct).

Its method dwtDct takes the U channel and one level of the Haar transform; of each 4x4 block of the low band
the largest of all values but the first is moved to where, in intervals of 36, it says one bit, and the word
is repeated over the blocks. Anybody can write these words, and hardly any survives an encoder: they are worth
telling, and prove nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

INTERVAL = 36.0
BLOCK = 4
SMALLEST_SIDE = 256  # the library marks nothing smaller
# Correlation of a word's bits with the shares of blocks that say one. In smooth pictures the library cannot
# read all bits of its own word, so not every single one is asked for. Measured: 0.86 to 1.0 with a word,
# below 0.3 without.
LIKE_THE_WORD = 0.8


def _bits(word: bytes) -> NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(word, np.uint8)).astype(bool)


def _number(value: int) -> NDArray[np.bool_]:
    """The bits as the generators' scripts make them, which lose leading zeros."""
    return np.array([digit == "1" for digit in f"{value:b}"])


# Names and words as the generators' published scripts have them.
WORDS = {
    "Stable Diffusion 1": _bits(b"StableDiffusionV1"),
    "Stable Diffusion 2": _bits(b"SDV2"),
    "Stable Diffusion XL": _number(0xB3EC907BB19E),
    "FLUX": _number(0x2AFE879CF52E),
}


def detect_generator_watermark(picture: NDArray[np.uint8]) -> str | None:
    """The image generator whose watermark an (H, W, 3) uint8 RGB picture carries at its own size, or None."""
    if min(picture.shape[:2]) < SMALLEST_SIDE:
        return None
    says_one = _blocks(picture)
    for name, word in WORDS.items():
        place = np.arange(len(says_one)) % len(word)
        shares = np.bincount(place, says_one, len(word)) / np.bincount(place, minlength=len(word))
        if shares.std() > 0 and np.corrcoef(shares, word)[0, 1] >= LIKE_THE_WORD:
            return name
    return None


def _blocks(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(blocks,) what each block says, in raster order."""
    chroma = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV)[..., 1].astype(np.float32)
    height, width = (side // BLOCK * BLOCK for side in chroma.shape)
    low = chroma[:height, :width].reshape(height // 2, 2, width // 2, 2).sum((1, 3)) / 2
    rows, columns = low.shape[0] // BLOCK, low.shape[1] // BLOCK
    cut = low[: rows * BLOCK, : columns * BLOCK].reshape(rows, BLOCK, columns, BLOCK)
    values = np.abs(cut.transpose(0, 2, 1, 3).reshape(rows * columns, BLOCK * BLOCK))[:, 1:]
    return np.asarray(values.max(axis=1) % INTERVAL > INTERVAL / 2)
