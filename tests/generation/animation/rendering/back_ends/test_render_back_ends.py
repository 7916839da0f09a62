from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from generation.animation.rendering.backends.torch_backend import TorchBackend
from generation.animation.rendering.renderer import FrameInputSequence, Renderer
from tests.generation.animation.rendered import fitted
from tests.generation.animation.rendering.test_render_stream import busy_track

pytestmark = pytest.mark.slow

torch_backend = partial(TorchBackend, device="cpu")


@pytest.mark.parametrize("size", [256, 512])
def test_torch_draws_the_frames_that_the_compiled_path_draws(size):
    compiled, torch = Renderer(fitted(), size), Renderer(fitted(), size, torch_backend)
    for inputs in list(FrameInputSequence().iter_frame_inputs(busy_track(24)))[::6]:
        off = np.abs(compiled.frame(*inputs).astype(int) - torch.frame(*inputs)).max(2)
        assert (off <= 2).mean() >= 0.995
        assert off.max() <= 12


def test_torch_draws_the_same_frame_twice():
    *_, inputs = FrameInputSequence().iter_frame_inputs(busy_track(12))
    once, again = (Renderer(fitted(), 256, torch_backend).frame(*inputs) for _ in range(2))
    assert (once == again).all()
