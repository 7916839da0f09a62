"""LivePortrait's networks on a small scale, with seeded weights: nothing of theirs is at hand here."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from generation.animation.liveportrait.networks import Networks, Options
from generation.animation.liveportrait.sizes import Sizes

SMALL = Sizes(
    first=4, most=16, channels=4, depth=4, volume_blocks=1, hourglass_first=4, hourglass_most=8,
    hourglass_levels=2, compressed=2, generator_blocks=1, hidden=4, backbone=(8, 8, 8, 16),
    backbone_blocks=(1, 1, 1, 1), stitching=(16,), lips=(16,), eyes=(16, 8),
)  # fmt: skip


@cache
def seeded_weights(seed: int = 0) -> dict[str, dict[str, Tensor]]:
    """Weights for SMALL, the same for the same seed."""
    with torch.device("meta"):
        parts = Networks(SMALL).parts()
    made = torch.Generator().manual_seed(seed)
    weights: dict[str, dict[str, Tensor]] = {}
    for name, part in parts.items():
        weights[name] = {}
        for key, like in part.state_dict().items():
            value = 0.1 * torch.randn(like.shape, generator=made)
            if key.endswith("running_var"):
                value = value.abs() + 1
            elif key.endswith("num_batches_tracked"):
                value = torch.zeros((), dtype=torch.long)
            weights[name][key] = value
        for key, vector in list(weights[name].items()):
            if key.endswith("weight_u"):  # as the power iteration leaves them
                matrix = weights[name][key.replace("weight_u", "weight_orig")].flatten(1)
                left, _, right = torch.linalg.svd(matrix, full_matrices=False)
                weights[name][key] = left[:, 0].contiguous()
                weights[name][key.replace("weight_u", "weight_v")] = right[0].contiguous()
                assert vector.shape == left[:, 0].shape
    return weights


def small_networks(options: Options | None = None) -> Networks:
    """Networks of SMALL with the weights of seed 0."""
    return Networks.build(seeded_weights(), sizes=SMALL, options=options)
