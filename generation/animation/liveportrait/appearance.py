"""F of the paper: from the portrait to a volume of appearance features."""

from __future__ import annotations

import itertools

from torch import Tensor, nn

from generation.animation.liveportrait.blocks import Block2d, Residual3d
from generation.animation.liveportrait.sizes import PUBLISHED, Sizes


class AppearanceExtractor(nn.Module):
    """Convolutions over the picture whose channels become the depth of a volume."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        widths = [min(sizes.most, sizes.first * 2**level) for level in range(sizes.halvings + 1)]
        self.first = Block2d(3, sizes.first)
        self.down_blocks = nn.ModuleList(
            Block2d(before, after, halves=True) for before, after in itertools.pairwise(widths)
        )
        self.second = nn.Conv2d(widths[-1], sizes.channels * sizes.depth, 1)
        self.resblocks_3d = nn.Sequential()
        for number in range(sizes.volume_blocks):
            self.resblocks_3d.add_module(f"3dr{number}", Residual3d(sizes.channels))
        self._volume = (sizes.channels, sizes.depth)

    def forward(self, picture: Tensor) -> Tensor:
        """(B, 3, 4H, 4W) in 0..1 to (B, channels, depth, H, W)."""
        x = self.first(picture)
        for down in self.down_blocks:
            x = down(x)
        volume: Tensor = self.resblocks_3d(self.second(x).unflatten(1, self._volume))
        return volume
