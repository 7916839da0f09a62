"""Matrices lie as products with few rows want them, and say the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from generation.animation.motion.motion_flow import load_motion_flow
from generation.animation.speech.articulation_net import load_articulation_net
from generation.animation.speech.whisper_encoder import load_encoder
from generation.animation.weight_layout import lay_out_by_column


def test_a_network_says_the_same_however_its_weights_lie() -> None:
    network = nn.Sequential(nn.Linear(24, 48), nn.GELU(), nn.Linear(48, 12)).requires_grad_(False)
    rows = torch.randn(7, 24, generator=torch.Generator().manual_seed(0))
    before = network(rows)
    lay_out_by_column(network)
    assert torch.allclose(network(rows), before, rtol=0, atol=1e-6)
    assert network[0].weight.shape == (48, 24)


@pytest.mark.parametrize("load", [load_encoder, load_articulation_net, load_motion_flow])
def test_the_networks_of_live_motion_lie_by_column(load: Callable[[], nn.Module]) -> None:
    layers = [layer for layer in load().modules() if isinstance(layer, nn.Linear)]
    assert layers
    assert all(layer.weight.stride() == (1, layer.weight.shape[0]) for layer in layers)
