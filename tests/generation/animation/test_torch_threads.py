"""Live speech works on one thread of torch, and leaves the caller's setting as it was."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from generation.animation.motion.generator import stream
from generation.animation.motion.motion_flow import MotionFlow
from generation.animation.speech.articulation_net import ArticulationNet
from generation.animation.torch_threads import one_torch_thread


@pytest.fixture
def _two_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
@pytest.mark.usefixtures("_two_threads")
def test_networks_of_live_speech_work_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    for network in (MotionFlow, ArticulationNet):
        plain = network.forward

        def counted(*given: object, _plain: object = plain, **named: object) -> object:
            seen.append(torch.get_num_threads())
            return _plain(*given, **named)  # type: ignore[operator]

        monkeypatch.setattr(network, "forward", counted)
    pieces = list(stream([np.zeros(8000, np.float32)], 16_000))
    assert pieces
    assert set(seen) == {1}
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("_two_threads")
def test_the_number_of_threads_comes_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), one_torch_thread():
        raise ValueError("broken")
    assert torch.get_num_threads() == 2
