"""The fixed words that open image generators write into pictures with the library `invisible-watermark`.

The library's method dwtDct takes the U channel and one level of the Haar transform, and moves one value of
each 4x4 block of the low band to where it says one bit of the word, which is repeated over the blocks. What
the blocks say, the library's own decoder reads; whose word that is, if any, is decided here. Anybody can
write these words, and few survive an encoder that halves the colour: worth telling, and no proof.
"""

from __future__ import annotations

import math
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 8  # pixels of the picture to a side of the library's 4x4 block, of which the low band has half
LEAST_PIXELS = 256 * 256  # the library marks no smaller picture
# The library reads 10 microseconds a block. Of larger pictures a band across the middle is read.
MOST_BLOCKS = 16_384
# Fisher's transform of the correlation of a word of n bits with the shares of blocks that say one, times
# sqrt(n - 3), is a standard normal deviate where there is no such word: chance reaches this in 2 of 10^9
# pictures.
# In smooth pictures the library cannot read all bits of its own word, so not every one is asked for.
# Measured with and without words: docs/watermark.md.
LEAST_DEVIATE = 5.9


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


def generator_of(picture: NDArray[np.uint8]) -> str | None:
    """The generator whose word an (H, W, 3) uint8 RGB picture carries at its own size, or None."""
    bits, start = blocks_of(picture)
    if not len(bits) or bits.all() or not bits.any():
        return None
    deviates = {name: _deviate(bits, start, word) for name, word in WORDS.items()}
    likeliest = max(deviates, key=deviates.__getitem__)
    return likeliest if deviates[likeliest] >= LEAST_DEVIATE else None


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
    # Asked for a word as long as there are blocks, the decoder says what each of them holds.
    bits = _DECODER(wmLen=read * columns).decode(np.ascontiguousarray(band))
    return np.asarray(bits, bool), first * columns


def _deviate(bits: NDArray[np.bool_], start: int, word: NDArray[np.bool_]) -> float:
    place = (start + np.arange(len(bits))) % len(word)
    shares = np.bincount(place, bits, len(word)) / np.maximum(1, np.bincount(place, minlength=len(word)))
    if shares.std() == 0:
        return 0.0
    correlation = min(float(np.corrcoef(shares, word)[0, 1]), 1 - 1e-9)
    return math.atanh(correlation) * math.sqrt(len(word) - 3)
