from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from generation.animation.rendering.backends.torch_backend import TorchDrawing
from generation.animation.rendering.renderer import Moments, Renderer
from tests.generation.animation.rendered import fitted
from tests.generation.animation.rendering.test_render_stream import busy_track

pytestmark = pytest.mark.slow

drawn_by_torch = partial(TorchDrawing, device="cpu")


@pytest.mark.parametrize("size", [256, 512])
def test_torch_draws_the_frames_that_the_compiled_path_draws(size):
    compiled, torch = Renderer(fitted(), size), Renderer(fitted(), size, drawn_by_torch)
    for moment in list(Moments().of(busy_track(24)))[::6]:
        off = np.abs(compiled.frame(*moment).astype(int) - torch.frame(*moment)).max(2)
        assert (off <= 2).mean() >= 0.995
        assert off.max() <= 12


def test_torch_draws_the_same_frame_twice():
    *_, moment = Moments().of(busy_track(12))
    once, again = (Renderer(fitted(), 256, drawn_by_torch).frame(*moment) for _ in range(2))
    assert (once == again).all()
