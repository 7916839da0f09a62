"""The library writes the words, we read them."""

from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from imwatermark import WatermarkDecoder, WatermarkEncoder
from PIL import Image

from provenance.watermark.third_party_marks import (
    _DECODER,
    MOST_BLOCKS,
    WORDS,
    blocks_of,
    detect_generator_watermark,
)
from tests.generation.pipeline.moving_portrait import CAST, portrait


def written(name: str, picture: np.ndarray) -> np.ndarray:
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", WORDS[name].astype(int).tolist())
    return np.ascontiguousarray(encoder.encode(picture[..., ::-1].copy(), "dwtDct")[..., ::-1])


def as_jpeg(picture: np.ndarray, quality: int, *, subsampling: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(file).convert("RGB"))


@pytest.mark.parametrize("name", WORDS)
@pytest.mark.parametrize("portrayed", CAST)
def test_it_knows_a_generator_by_its_word(name: str, portrayed: str) -> None:
    assert detect_generator_watermark(written(name, portrait(portrayed))) == name


@pytest.mark.parametrize("name", WORDS)
def test_it_knows_the_word_in_a_jpeg_that_keeps_all_colour(name: str) -> None:
    assert detect_generator_watermark(as_jpeg(written(name, portrait("maya")), 90, subsampling=0)) == name


def test_sizes_that_are_no_multiple_of_a_block_are_read() -> None:
    assert (
        detect_generator_watermark(written("Stable Diffusion 1", portrait("kenji")[:391, :502]))
        == "Stable Diffusion 1"
    )


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1500, 1800), (2040, 1100)])
def test_of_a_large_picture_a_band_is_read(shape: tuple[int, int]) -> None:
    large = written("Stable Diffusion XL", portrait("tomas", 2048)[: shape[0], : shape[1]])
    bits, before = blocks_of(large)
    assert MOST_BLOCKS - shape[1] // 8 < len(bits) <= MOST_BLOCKS
    assert before > 0
    assert detect_generator_watermark(large) == "Stable Diffusion XL"


def test_a_low_and_wide_picture_is_read() -> None:
    assert detect_generator_watermark(written("InvokeAI", portrait("amara", 1024)[400:520])) == "InvokeAI"


def test_what_the_blocks_say_is_what_the_library_decodes() -> None:
    picture = written("FLUX", portrait("amara"))
    length = len(WORDS["FLUX"])
    bits, _ = blocks_of(picture)
    shares = [bits[place::length].mean() for place in range(length)]
    decoded = WatermarkDecoder("bits", length).decode(np.ascontiguousarray(picture[..., ::-1]), "dwtDct")
    assert (np.array(shares) * 255 > 127).tolist() == decoded.tolist()


def test_it_takes_no_word_for_another() -> None:
    other = np.random.default_rng(7).integers(0, 2, 48)
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", other.tolist())
    assert (
        detect_generator_watermark(encoder.encode(portrait("maya")[..., ::-1].copy(), "dwtDct")[..., ::-1])
        is None
    )


@pytest.mark.parametrize("text", [b"test", b"watermark", b"Painter by somebody", b"https://example.org/"])
def test_it_takes_no_text_of_others_for_a_generators(text: bytes) -> None:
    """All texts agree in some bits of each letter."""
    encoder = WatermarkEncoder()
    encoder.set_watermark("bytes", text)
    assert (
        detect_generator_watermark(encoder.encode(portrait("maya")[..., ::-1].copy(), "dwtDct")[..., ::-1])
        is None
    )


@pytest.mark.parametrize("name", CAST)
def test_it_sees_nothing_in_plain_portraits(name: str) -> None:
    assert detect_generator_watermark(portrait(name)) is None


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_it_sees_nothing_in_flat_or_tiny_pictures(shade: int) -> None:
    assert detect_generator_watermark(np.full((300, 300, 3), shade, np.uint8)) is None
    assert detect_generator_watermark(np.full((64, 64, 3), shade, np.uint8)) is None
    assert detect_generator_watermark(np.full((4, 90_000, 3), shade, np.uint8)) is None


@pytest.mark.slow
def test_what_reads_files_loads_the_librarys_decoder_without_torch() -> None:
    """Each reader process would be 190 MB larger and start seconds later."""
    program = (
        "import sys; from provenance.verify.reader import inspect; inspect.preload();"
        "from provenance.watermark.third_party_marks import _DECODER;"
        "print(_DECODER.__name__, [name for name in ('torch', 'imwatermark') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "EmbedMaxDct []"


@pytest.mark.parametrize("shape", [(512, 512), (391, 502), (264, 270)])
def test_all_blocks_at_once_say_what_the_library_asks_of_each(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    for picture in (noise, portrait("kenji")[: shape[0], : shape[1]]):
        bits, _ = blocks_of(picture)
        band = np.ascontiguousarray(picture[: shape[0] // 8 * 8, :, ::-1])
        assert bits.tolist() == _DECODER(wmLen=len(bits)).decode(band).tolist()
