"""The carrier is the library's dwtDctSvd method: each reads what the other wrote."""

from __future__ import annotations

import numpy as np
import pytest
from imwatermark import WatermarkDecoder, WatermarkEncoder

from provenance.watermark import carrier
from tests.generation.pipeline.moving_portrait import CAST, portrait

SCALES = [0, int(carrier.STEP), 0]  # of the library's three channels, Y, U and V, only U is marked


def random_bits(count: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 2, count, dtype=np.uint8)


def library_bits(frame: np.ndarray) -> np.ndarray:
    """Every block's bit as the library reads it; it wants blue first."""
    blocks = carrier.block_count(*frame.shape[:2])
    return np.asarray(
        WatermarkDecoder("bits", blocks).decode(frame[..., ::-1].copy(), "dwtDctSvd", scales=SCALES), np.uint8
    )


def library_marked(frame: np.ndarray, bits: np.ndarray) -> np.ndarray:
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", bits)
    return np.ascontiguousarray(
        encoder.encode(frame[..., ::-1].copy(), "dwtDctSvd", scales=SCALES)[..., ::-1]
    )


def decibels(first: np.ndarray, second: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / np.mean((first.astype(float) - second) ** 2)))


@pytest.mark.parametrize("name", CAST)
def test_the_library_reads_our_frames(name: str) -> None:
    frame = portrait(name)
    bits = random_bits(carrier.block_count(512, 512))
    marked = carrier.mark(frame, bits)
    assert (library_bits(marked) == (carrier.read(marked) > 0)).mean() > 0.999
    assert (library_bits(marked) == bits).mean() > 0.99  # saturated colours have no room in one direction


@pytest.mark.parametrize("name", CAST)
def test_we_read_the_librarys_frames(name: str) -> None:
    marked = library_marked(portrait(name), random_bits(carrier.block_count(512, 512)))
    assert ((carrier.read(marked) > 0) == library_bits(marked)).mean() > 0.999


@pytest.mark.parametrize("name", CAST)
def test_it_is_seen_less_than_the_librarys_mark(name: str) -> None:
    frame = portrait(name)
    bits = random_bits(carrier.block_count(512, 512))
    ours = decibels(frame, carrier.mark(frame, bits))
    assert ours > 44
    assert ours > decibels(frame, library_marked(frame, bits))


def test_it_leaves_the_given_frame_alone() -> None:
    frame = portrait("maya", 256)
    before = frame.copy()
    carrier.mark(frame, random_bits(carrier.block_count(256, 256)))
    assert (frame == before).all()


def test_it_leaves_pixels_beyond_the_last_whole_block_alone() -> None:
    frame = portrait("maya", 300)
    marked = carrier.mark(frame, random_bits(carrier.block_count(300, 300)))
    assert (marked[296:] == frame[296:]).all()
    assert (marked[:, 296:] == frame[:, 296:]).all()
    assert (marked[:296, :296] != frame[:296, :296]).any()


@pytest.mark.parametrize(
    "colour",
    [(0, 0, 0), (128, 128, 128), (255, 255, 255), (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)],
)
def test_flat_colours_hold_every_bit(colour: tuple[int, int, int]) -> None:
    """Also those in which blue has no room in one direction."""
    frame = np.full((256, 256, 3), colour, np.uint8)
    bits = random_bits(carrier.block_count(256, 256))
    marked = carrier.mark(frame, bits)
    assert decibels(frame, marked) > 38
    assert ((carrier.read(marked) > 0) == bits).all()
