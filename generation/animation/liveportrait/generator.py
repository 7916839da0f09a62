"""G of the paper: the picture from warped features, by SPADE."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.liveportrait.blocks import LEAK, SpadeResidual
from generation.animation.liveportrait.sizes import PUBLISHED, Sizes


class SpadeGenerator(nn.Module):
    """Residual blocks at the features' size, two doublings, and a last one by shuffling channels."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        width, hidden = sizes.features, sizes.hidden
        self.fc = nn.Conv2d(width, 2 * width, 3, padding=1)
        for number in range(sizes.generator_blocks):
            self.add_module(f"G_middle_{number}", SpadeResidual(2 * width, 2 * width, width, hidden))
        self.up_0 = SpadeResidual(2 * width, width, width, hidden)
        self.up_1 = SpadeResidual(width, sizes.first, width, hidden)
        self.conv_img = nn.Sequential(nn.Conv2d(sizes.first, 3 * 4, 3, padding=1), nn.PixelShuffle(2))
        self._middle = sizes.generator_blocks

    def forward(self, features: Tensor) -> Tensor:
        """(B, F, H, W) to (B, 3, 8H, 8W) in 0..1."""
        x = self.fc(features)
        for number in range(self._middle):
            x = self.get_submodule(f"G_middle_{number}")(x, features)
        x = self.up_0(functional.interpolate(x, scale_factor=2.0), features)
        x = self.up_1(functional.interpolate(x, scale_factor=2.0), features)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, LEAK)))
