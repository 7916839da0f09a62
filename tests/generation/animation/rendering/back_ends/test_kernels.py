from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.geometry.cubic import finish_pixels, sample_weighed, weigh_cubic
from generation.animation.geometry.curves import bilinear, interpolate
from generation.animation.geometry.jit import jit_kernel
from generation.animation.geometry.rasterize import FAR, draw_map
from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.portrait.surface import Surface
from generation.animation.rendering.backends.compiled_backend import CompiledBackend
from generation.animation.rendering.backends.surface_kernels import BAND
from generation.animation.rendering.deform import Deformer
from generation.animation.rendering.hidden_layer import HiddenLayer
from generation.animation.rendering.renderer import Renderer
from generation.animation.rendering.wrinkles import Wrinkles
from tests.generation.animation.rendered import fitted, renderer
from tests.generation.animation.rendering.plain import PlainBackend

SIZE = 256
# Expressions and poses between them call every kernel: folds, lids, lips, tongue, the back of the head.
ROWS = {
    "rest": ({}, (0, 0, 0), (0, 0)),
    "speech": ({"jawOpen": 0.5, "mouthLowerDownLeft": 0.3, "browInnerUp": 0.8}, (3, -2, 1), (4, 1)),
    "smile": ({"mouthSmileLeft": 0.9, "mouthSmileRight": 0.9, "cheekSquintLeft": 0.6}, (12, 5, -6), (-9, 0)),
    "blink": ({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 0.6, "mouthPucker": 0.8}, (-20, -8, 10), (0, 9)),
    "wide eyes": ({"eyeWideLeft": 0.9, "eyeWideRight": 0.9, "jawOpen": 0.2}, (0, 8, 0), (15, -6)),
}


def row(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    actions = np.zeros(52, np.float32)
    for action, value in ROWS[name][0].items():
        actions[ACTION_INDEX[action]] = value
    return actions, np.array((*ROWS[name][1], 0, 0, 0), np.float32), np.array(ROWS[name][2], np.float32)


@jit_kernel
def sampled(pixels: np.ndarray, side: int, us: np.ndarray, vs: np.ndarray, out: np.ndarray) -> None:
    """Fill `out` (N,) with what lies at `us` and `vs` (N,), N a multiple of four."""
    count, lefts, tops = len(us), np.floor(us), np.floor(vs)
    rights, downs, lights = us - lefts, vs - tops, np.ones(count, np.float32)
    across, along, levels = np.empty((3, 4 * count), np.float32)
    for i in range(0, count, 4):
        weigh_cubic(rights, i, across)
        weigh_cubic(downs, i, along)
    for i in range(count):
        offset = (int(tops[i]) - 1) * side * 4 + (int(lefts[i]) - 1) * 4
        sample_weighed(pixels, offset, side * 4, across, along, i, levels, i)
    lit = np.empty_like(out)
    for i in range(0, count, 4):
        finish_pixels(levels, lights, i, out, lit)


def test_a_picture_is_sampled_as_opencv_samples_it():
    draw = np.random.default_rng(1)
    picture = draw.integers(0, 256, (40, 40, 4), np.uint8)
    us, vs = draw.uniform(2, 36, (2, 3000)).astype(np.float32)
    out = np.empty(3000, np.uint32)
    sampled(picture.reshape(-1), 40, us, vs, out)
    expected = cv2.remap(picture, us[None], vs[None], cv2.INTER_CUBIC)[0]
    off = np.abs(out.view(np.uint8).reshape(-1, 4).astype(int) - expected)
    assert off.max() <= 1
    assert off.mean() < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_a_frame_is_that_of_plain_drawing_within_a_rounding(name):
    compiled, plain = Renderer(fitted(), SIZE), Renderer(fitted(), SIZE, PlainBackend)
    off = np.abs(compiled.frame(*row(name), 0.4).astype(int) - plain.frame(*row(name), 0.4))
    assert off.max() <= 1
    assert off.mean() < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("size", [258, 318])
def test_a_frame_that_no_band_and_no_four_pixels_divide_is_that_of_plain_drawing(size):
    compiled, plain = Renderer(fitted(), size), Renderer(fitted(), size, PlainBackend)
    assert size % BAND
    assert size % 4
    off = np.abs(compiled.frame(*row("smile"), 0.4).astype(int) - plain.frame(*row("smile"), 0.4))
    assert off.max() <= 1
    assert off.mean() < 0.001


def test_a_person_that_reaches_beyond_its_texture_is_sampled_with_nothing_around_it():
    person, size = np.full((16, 16, 4), 255, np.uint8), 32
    corners = np.array([[0, 0, 1], [31, 0, 1], [31, 31, 1], [0, 31, 1]], np.float32)
    sources = corners[:, :2] - 8  # the texture lies in the middle of the frame
    backend = CompiledBackend(np.array([[0, 1, 2], [0, 2, 3]], np.int32), size)
    plate = np.zeros((size, size, 3), np.uint8)
    light = np.ones(4, np.float32)
    frame = backend.draw(corners, np.ascontiguousarray(sources), light, person, lambda alpha: plate)
    assert (frame[9:23, 9:23] == 255).all()
    assert (frame[:6] == 0).all()
    assert (frame[:, 27:] == 0).all()


def test_of_two_triangles_the_nearer_one_shows_whichever_is_drawn_first():
    corners = np.array([[0, 0], [39, 0], [0, 39]], np.float32)
    far, near = (np.c_[corners, np.full(3, depth)].astype(np.float32) for depth in (9, 2))
    sources = np.repeat(np.array([[1, 1], [2, 2]], np.float32), 3, 0)
    for order in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        depth, found = np.full((40, 40), FAR), np.zeros((2, 40, 40), np.float32)
        draw_map(
            np.concatenate([far, near]), sources, np.ones(6, np.float32), np.array(order, np.int32), depth,
            found, np.zeros((40, 40), np.float32),
        )  # fmt: skip
        rows, columns = np.mgrid[:40, :40]
        inside = rows + columns <= 39
        assert (found[:, inside] == 2).all()
        assert (depth[inside] == 2).all()
        assert (found[:, ~inside] == 0).all()
        assert (depth[~inside] == FAR).all()


def test_a_frame_does_not_depend_on_the_frames_before_it():
    one, other = Renderer(fitted(), SIZE), Renderer(fitted(), SIZE)
    for name in ROWS:
        one.frame(*row(name), 0.0)
    assert (one.frame(*row("smile"), 0.4) == other.frame(*row("smile"), 0.4)).all()


def broken_off(layer: HiddenLayer, alpha: np.ndarray) -> np.ndarray:
    raise MemoryError


def test_a_frame_does_not_depend_on_one_before_it_that_was_broken_off(monkeypatch: pytest.MonkeyPatch):
    one, other = Renderer(fitted(), SIZE), Renderer(fitted(), SIZE)
    with monkeypatch.context() as broken:
        broken.setattr(HiddenLayer, "behind", broken_off)
        with pytest.raises(MemoryError):
            one.frame(*row("smile"), 0.4)
    assert (one.frame(*row("smile"), 0.4) == other.frame(*row("smile"), 0.4)).all()


@pytest.mark.parametrize("name", ROWS)
def test_vertices_move_by_the_sum_of_their_actions(name):
    surface: Surface = fitted().surface
    actions, *_ = row(name)
    deformer, still = Deformer(surface), np.zeros(6, np.float32)
    deformer.pose(actions, still, still, 0.0)
    moved = surface.rest + np.tensordot(actions, surface.actions, 1)
    assert np.abs(deformer.points - moved).max() < 1e-3


def test_folds_change_the_skin_as_their_shading_says():
    layers, points = renderer().layers, fitted().points[:, :2] + renderer().layers.margin
    wrinkles = Wrinkles(layers.canvas, points, 1.0, renderer().light)
    person = layers.person.copy()
    wrinkles.draw(person, row("speech")[0])
    plain = layers.person.copy()
    for group in wrinkles.groups:
        driven = min(sum(row("speech")[0][i] * share for i, share in group.drivers), 1.0)
        weight = (driven - group.begins) / (1 - group.begins)
        if weight > 0.01:
            patch = plain[group.rows, group.columns]
            lit = patch[..., :3] * (1 + weight * group.change) + 0.5
            patch[..., :3] = np.clip(lit, 0, patch[..., 3:])
    assert np.abs(person.astype(int) - plain).max() <= 1
    assert (person != layers.person).any()


def test_curves_and_pictures_are_interpolated_as_numpy_and_opencv_do():
    draw = np.random.default_rng(2)
    xs, ys = np.sort(draw.uniform(0, 9, 7)), draw.uniform(0, 9, 7)
    for x in draw.uniform(-2, 11, 50):
        assert interpolate(float(x), xs, ys) == pytest.approx(np.interp(x, xs, ys))
    picture, out = draw.uniform(0, 255, (9, 7, 3)).astype(np.float32), np.empty(3, np.float32)
    for x, y in draw.uniform(-2, 9, (50, 2)):
        bilinear(picture, float(x), float(y), 1.0, out)
        at = np.array([[[x, y]]], np.float32)
        expected = cv2.remap(picture, at, None, cv2.INTER_LINEAR, borderValue=(1, 1, 1))[0, 0]
        assert out == pytest.approx(expected, abs=0.01)
