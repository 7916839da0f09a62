from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.landmarks import detect_faces
from generation.animation.portrait.fit import fit_portrait
from generation.animation.rendering.renderer import Renderer
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted, frame, neutral, psnr, renderer

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_in_which_nothing_moves_is_the_portrait(name):
    assert psnr(frame(name=name), neutral(name)) >= 40


def test_a_portrait_with_parted_lips_keeps_its_own_teeth():
    talking = frame({"jawOpen": 0.22, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4})
    (face,) = detect_faces(talking)
    render = Renderer(fit_portrait(talking, face), 512)
    still = render.frame(np.zeros(52, np.float32), np.zeros(6, np.float32), np.zeros(2, np.float32), 0.0)
    assert psnr(still, render.layers.neutral) >= 40


@pytest.mark.parametrize("size", [256, 720, 1024])
def test_it_renders_at_any_size_and_is_the_portrait_there_too(size):
    out = frame(size=size)
    assert out.shape == (size, size, 3)
    assert out.dtype == np.uint8
    assert psnr(out, neutral(size=size)) >= 38


@pytest.mark.parametrize("size", [0, 128, 511, 2048])
def test_it_refuses_sizes_that_it_cannot_render(size):
    with pytest.raises(ValueError, match="256 to 1280"):
        renderer(size=size)


@pytest.mark.parametrize("pose", [(15,), (-15,), (0, 10), (0, -10), (0, 0, 10), (8, -5, 4, 0.1, 0.0, 0.5)])
def test_the_background_stays_still_while_the_head_moves(pose):
    matte = fitted().matte
    margin = (matte.shape[0] - round(matte.shape[0] / 1.25)) // 2
    inner = matte[margin:-margin, margin:-margin]
    far = inner[:: inner.shape[0] // 64, :: inner.shape[0] // 64]
    out, still = frame({"jawOpen": 0.4}, pose=pose), neutral()
    # Cells of the frame that are background, and so are all their neighbours up to an eighth of the frame.
    step = 512 // 64
    for y in range(40):
        for x in [*range(6), *range(58, 63)]:
            if far[y, max(0, x - 8) : x + 9].max() < 0.01:
                a, b = (
                    out[y * step : y * step + step, x * step : x * step + step],
                    still[y * step : y * step + step, x * step : x * step + step],
                )
                assert np.abs(a.astype(int) - b).max() <= 1
