from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from generation.pipeline.encode import luma_of, to_yuv
from generation.pipeline.finishing import on_device
from generation.pipeline.finishing.on_device import DeviceFinisher, to_planes
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.torch_embedder import TorchEmbedder
from tests.generation.animation.pictures import portrait

KEY, PAYLOAD, STRENGTH = WatermarkKey(b"a key of the tests, of no service"), WatermarkPayload(7), 56


@pytest.fixture(scope="module")
def frames() -> np.ndarray:
    """A picture that drifts, (5, 256, 192, 3)."""
    picture = cv2.resize(portrait("amara"), (320, 320), interpolation=cv2.INTER_AREA)
    return np.stack([picture[8 + i : 264 + i, 40 + 2 * i : 232 + 2 * i] for i in range(5)])


def planes_of(picture) -> list[np.ndarray]:
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].astype(int)
        for plane in picture.planes
    ]


def test_colours_are_those_of_the_encoders_conversion_to_within_a_level(frames):
    made = [plane.numpy().astype(int) for plane in to_planes(torch.from_numpy(frames))]
    for place, frame in enumerate(frames):
        for plane, converted in zip(made, planes_of(to_yuv(frame)), strict=True):
            off = np.abs(plane[place] - converted)
            assert off.max() <= 2
            assert (off <= 1).mean() >= 0.999


def test_every_colour_is_converted_alike():
    colours = np.random.default_rng(3).integers(0, 256, (40, 2, 3), np.uint8).repeat(2, 0).repeat(2, 1)[None]
    luma, *_ = to_planes(torch.from_numpy(colours))
    assert np.abs(luma[0].numpy().astype(int) - luma_of(to_yuv(colours[0]))).max() <= 1


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 2, 5])
def test_the_mark_is_bit_by_bit_that_of_the_embedder_in_whatever_batches(frames, batch):
    lumas = np.stack([luma_of(to_yuv(frame)) for frame in frames])
    embedder = Embedder(PAYLOAD, KEY, STRENGTH)
    expected = np.stack([embedder.mark(luma) for luma in lumas])
    on_card = TorchEmbedder(PAYLOAD, KEY, STRENGTH, "cpu")
    marked = [on_card.mark(torch.from_numpy(lumas[at : at + batch])) for at in range(0, len(lumas), batch)]
    assert (torch.cat(marked).numpy() == expected).all()
    assert (expected != lumas).any()


def test_planes_that_the_embedder_refuses_are_refused():
    on_card = TorchEmbedder(PAYLOAD, KEY, STRENGTH, "cpu")
    with pytest.raises(ValueError, match="even sides"):
        on_card.mark(torch.zeros((1, 255, 256), dtype=torch.uint8))
    with pytest.raises(ValueError, match="too small"):
        on_card.mark(torch.zeros((1, 64, 64), dtype=torch.uint8))


def test_pictures_come_in_order_and_each_marked_plane_is_looked_at(frames, monkeypatch):
    monkeypatch.setattr(on_device, "PIXELS", 2 * frames[0].shape[0] * frames[0].shape[1])
    seen: list[np.ndarray] = []
    finish = DeviceFinisher(TorchEmbedder(PAYLOAD, KEY, STRENGTH, "cpu"), "cpu", seen.append)
    pictures = list(finish(iter(frames)))
    assert [(one.width, one.height, one.format.name) for one in pictures] == [(192, 256, "yuv420p")] * 5
    assert all((luma_of(one) == plane).all() for one, plane in zip(pictures, seen, strict=True))
    unmarked = to_planes(torch.from_numpy(frames))[0].numpy()
    assert all(1 <= np.abs(a.astype(int) - b).max() <= 8 for a, b in zip(unmarked, seen, strict=True))
