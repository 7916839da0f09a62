"""S and R of the paper: stitching, and retargeting of eyes and lips, each a few layers over keypoints."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from torch import Tensor, nn

from generation.animation.liveportrait.sizes import PUBLISHED, Sizes


class KeypointHead(nn.Module):
    """Layers with rectifiers between them."""

    def __init__(self, before: int, hidden: Sequence[int], after: int) -> None:
        super().__init__()
        widths = [before, *hidden]
        layers: list[nn.Module] = []
        for one, other in itertools.pairwise(widths):
            layers += [nn.Linear(one, other), nn.ReLU()]
        self.mlp = nn.Sequential(*layers, nn.Linear(widths[-1], after))

    def forward(self, x: Tensor) -> Tensor:
        """(B, before) to (B, after)."""
        out: Tensor = self.mlp(x)
        return out


def stitching_head(sizes: Sizes = PUBLISHED) -> KeypointHead:
    """Source and driven keypoints to what is added to the driven ones, and to all of their x and y."""
    return KeypointHead(6 * sizes.keypoints, sizes.stitching, 3 * sizes.keypoints + 2)


def lip_head(sizes: Sizes = PUBLISHED) -> KeypointHead:
    """Source keypoints, its lips' opening and the one wanted to what is added to the driven keypoints."""
    return KeypointHead(3 * sizes.keypoints + 2, sizes.lips, 3 * sizes.keypoints)


def eye_head(sizes: Sizes = PUBLISHED) -> KeypointHead:
    """Source keypoints, the opening of each of its eyes and the one wanted to what is added."""
    return KeypointHead(3 * sizes.keypoints + 3, sizes.eyes, 3 * sizes.keypoints)
