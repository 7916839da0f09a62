"""Detects the fixed watermarks of open image generators (library `invisible-watermark`, dwtDct).

The library's method dwtDct takes the U channel and one level of the Haar transform, and moves one value of
each 4x4 block of the low band to where it says one bit of the word, which is repeated over the blocks. What
the blocks say, the library's own decoder reads, all at once instead of one after the other; whose word that
is, if any, is decided here. Anybody can
write these words, and few survive an encoder that halves the colour: worth telling, and no proof.
"""

from __future__ import annotations

import math
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pywt
from numpy.typing import NDArray

BLOCK = 8  # pixels of the picture to a side of the library's 4x4 block, of which the low band has half
LEAST_PIXELS = 256 * 256  # the library marks no smaller picture
# More blocks say nothing new. Of larger pictures a band across the middle is read.
MOST_BLOCKS = 16_384
# Fisher's transform of the correlation of a word with the shares of blocks that say one, times the root of
# its degrees of freedom, is a standard normal deviate where there is no such word: by chance it reaches
# this in two of a thousand million pictures. In smooth pictures the library cannot read all bits of its own
# word, so not every one is asked for. Measured with and without words: docs/watermark.md.
LEAST_DEVIATE = 5.9
# Of the deviate, how much has to be left without what all texts have in common: the first bit of a letter
# is 0, the second 1, the third 1 in small letters. Else nine of ten texts of others pass for
# "StableDiffusionV1"; with this, 3 of 20,000 drawn ones. Words of generators keep at least 0.7 of it.
OWN_SHARE = 2 / 3


def _bits(word: bytes) -> NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(word, np.uint8)).astype(bool)


def _number(value: int) -> NDArray[np.bool_]:
    """The bits as the generators' scripts make them, which lose leading zeros."""
    return np.array([digit == "1" for digit in f"{value:b}"])


# Names and words as the generators' published scripts have them; docs/watermark.md names the files.
WORDS = {
    "Stable Diffusion 1": _bits(b"StableDiffusionV1"),
    "Stable Diffusion 1 inpainting": _bits(b"StableDiffusionV1-Inpainting"),
    "Stable Diffusion 2": _bits(b"SDV2"),
    "Stable Diffusion XL": _number(0xB3EC907BB19E),
    "FLUX": _number(0x2AFE879CF52E),
    "InvokeAI": _bits(b"InvokeAI"),
}


def _library_decoder() -> Any:
    """The library's decoder of dwtDct, without the rest of the library.

    `import imwatermark` also imports the decoder of another method and with it torch: 0.8 s and 187 MB in
    every process that reads a file. The module that holds this decoder needs OpenCV and PyWavelets only.
    """
    package = find_spec("imwatermark")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(
            "invisible-watermark is not installed: pip install --no-deps invisible-watermark"
        )
    source = Path(package.submodule_search_locations[0]) / "maxDct.py"
    spec = spec_from_file_location("imwatermark_max_dct", source)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EmbedMaxDct


# Loaded with this module, so that a process that forks readers has it before they give up their rights.
_DECODER = _library_decoder()


class _AllAtOnce(_DECODER):  # type: ignore[misc, valid-type]
    """The library's decoder, asked what each single block of a picture holds.

    The library takes a call for each block and one more for each bit of the word: 45 ms for 512 pixels.
    """

    def blocks(self, bgr: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """(blocks,) what its `decode` says of an (H, W, 3) picture for a word as long as there are blocks."""
        rows, columns = bgr.shape[0] // BLOCK, bgr.shape[1] // BLOCK
        channel = next(number for number, scale in enumerate(self._scales) if scale > 0)
        plane = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV)[: rows * BLOCK, : columns * BLOCK, channel]
        side, scale = self._block, self._scales[channel]
        low = np.abs(pywt.dwt2(plane, "haar")[0]).reshape(rows, side, columns, side)
        values = low.transpose(0, 2, 1, 3).reshape(rows * columns, side * side)[:, 1:]
        return np.asarray(values.max(1) % scale > 0.5 * scale, np.bool_)


def detect_generator_watermark(picture: NDArray[np.uint8]) -> str | None:
    """The image generator whose watermark an (H, W, 3) uint8 RGB picture carries at its own size, or None."""
    bits, start = blocks_of(picture)
    if not len(bits) or bits.all() or not bits.any():
        return None
    deviates = {name: deviates_of(bits, start, word) for name, word in WORDS.items()}
    name, (plain, own) = max(deviates.items(), key=lambda item: item[1])
    return name if plain >= LEAST_DEVIATE and own >= OWN_SHARE * plain else None


def blocks_of(picture: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], int]:
    """(blocks,) what each block says, in raster order, and how many come before the first of them.

    MOST_BLOCKS at the most; none of a picture that is smaller than the library marks.
    """
    rows, columns = picture.shape[0] // BLOCK, picture.shape[1] // BLOCK
    read = min(rows, MOST_BLOCKS // max(1, columns))
    if picture.shape[0] * picture.shape[1] < LEAST_PIXELS or not read * columns:
        return np.zeros(0, bool), 0
    first = (rows - read) // 2
    band = picture[first * BLOCK : (first + read) * BLOCK, :, ::-1]  # the library takes BGR
    return _AllAtOnce().blocks(np.ascontiguousarray(band)), first * columns


def deviates_of(bits: NDArray[np.bool_], start: int, word: NDArray[np.bool_]) -> tuple[float, float]:
    """How far the blocks agree with a word beyond chance, and beyond what all texts have in common too.

    `bits` and `start` as `blocks_of` gives them.
    """
    place = (start + np.arange(len(bits))) % len(word)
    shares = np.bincount(place, bits, len(word)) / np.maximum(1, np.bincount(place, minlength=len(word)))
    plain = _deviate(word, shares, planes=1)
    return plain, _deviate(word, shares, planes=8) if len(word) % 8 == 0 else plain


def _deviate(word: NDArray[np.bool_], shares: NDArray[np.float64], *, planes: int) -> float:
    """Of the correlation that is left when the mean of each of the bit planes is taken out of both."""
    of_word, of_blocks = (
        values.reshape(-1, planes) - values.reshape(-1, planes).mean(0) for values in (word, shares)
    )
    scale = math.sqrt(float((of_word**2).sum() * (of_blocks**2).sum()))
    if scale == 0:
        return 0.0
    correlation = min(float((of_word * of_blocks).sum()) / scale, 1 - 1e-9)
    return math.atanh(correlation) * math.sqrt(len(word) - planes - 2)
