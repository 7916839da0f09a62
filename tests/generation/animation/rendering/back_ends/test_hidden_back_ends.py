"""The hidden layer drawn by both back ends from a few triangles, whose edges lie on their box's border."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generation.animation.rendering.backends.batch import HiddenMesh, Scene
from generation.animation.rendering.backends.torch_backend import TorchBackend
from generation.animation.rendering.hidden_kernels import bounds, draw_hidden

SIZE, TEXTURE = 64, 96
FACES = np.array([[0, 1, 2], [3, 4, 5]], np.int32)


def scene(draw: np.random.Generator, opacity: np.ndarray) -> Scene:
    texture = np.empty((TEXTURE, TEXTURE, 4), np.uint8)
    texture[..., 3] = opacity
    texture[..., :3] = draw.integers(0, 256, (TEXTURE, TEXTURE, 3)) * (opacity / 255)[..., None]
    plate = draw.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    source = draw.uniform(8, TEXTURE - 8, (6, 2)).astype(np.float32)
    shade = draw.uniform(0.8, 1.1, 6).astype(np.float32)
    return Scene(texture, np.s_[0:2, 0:2], plate, texture, source, shade)


def triangles(draw: np.random.Generator) -> np.ndarray:
    points = draw.uniform(-12, SIZE + 12, (6, 3))
    points[:, 2] = np.repeat(draw.uniform(0, 20, 2), 3)
    return points.astype(np.float32)


def compiled(scene: Scene, points: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    out, beside = scene.plate.copy(), np.zeros((SIZE, SIZE), np.uint8)
    draw_hidden(
        points.copy(),
        FACES,
        scene.hidden_source,
        scene.hidden_shade,
        scene.hidden_texture,
        alpha,
        beside,
        out,
    )
    assert not beside.any()
    return out


@pytest.mark.parametrize("seed", range(12))
def test_torch_softens_what_the_kernel_softens(seed):
    draw = np.random.default_rng(seed)
    # Opaque in the middle, and less and less so outwards.
    radius = np.hypot(*(np.mgrid[:TEXTURE, :TEXTURE] - TEXTURE / 2))
    drawn = scene(draw, np.clip(400 - 8 * radius, 0, 255).astype(np.uint8))
    points = triangles(draw)
    alpha = np.where(draw.random((SIZE, SIZE)) < 0.3, 255, 100).astype(np.uint8)
    backend = TorchBackend(FACES, SIZE, "cpu")
    mesh = HiddenMesh(points, FACES, bounds(points, FACES, SIZE))
    found = backend._over_hidden(
        torch.from_numpy(drawn.plate).float()[None],
        torch.from_numpy(alpha).float()[None],
        backend._on_device(drawn),
        {0: mesh},
    )
    off = np.abs(compiled(drawn, points, alpha).astype(int) - found[0].numpy()).max(2)
    assert (off <= 1).mean() > 0.999


def test_a_hidden_layer_that_ends_transparent_leaves_the_plate_beside_it_as_it_is():
    draw = np.random.default_rng(1)
    points = np.array([[10, 10, 0], [50, 12, 0], [14, 55, 0]] * 2, np.float32)
    alpha = np.zeros((SIZE, SIZE), np.uint8)
    clear, opaque = (scene(draw, np.full((TEXTURE, TEXTURE), level, np.uint8)) for level in (0, 255))

    def changed(drawn: Scene) -> np.ndarray:
        return np.asarray((compiled(drawn, points, alpha) != drawn.plate).any(2))

    assert changed(opaque).sum() > 500
    assert not changed(clear).any()
