"""Blocks of which LivePortrait's networks are made. Attribute names are those of the published weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

LEAK = 0.2


class Block2d(nn.Module):
    """Convolution, batch normalisation, rectifier; then, with `halves`, the mean of two by two."""

    def __init__(self, before: int, after: int, *, halves: bool = False, leak: float = 0.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, 3, padding=1)
        self.norm = nn.BatchNorm2d(after)
        self._halves, self._leak = halves, leak

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, H, W) to (B, after, H, W), or half the height and width."""
        x = functional.leaky_relu(self.norm(self.conv(x)), self._leak)
        return functional.avg_pool2d(x, 2) if self._halves else x


class Block3d(nn.Module):
    """As Block2d in a volume: `scale` .5 halves height and width afterwards, 2 doubles them before."""

    def __init__(self, before: int, after: int, *, scale: float) -> None:
        super().__init__()
        self.conv = nn.Conv3d(before, after, 3, padding=1)
        self.norm = nn.BatchNorm3d(after)
        self._scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, D, H, W) to (B, after, D, H * scale, W * scale)."""
        if self._scale > 1:
            x = functional.interpolate(x, scale_factor=(1.0, self._scale, self._scale))
        x = functional.relu(self.norm(self.conv(x)))
        return functional.avg_pool3d(x, (1, 2, 2)) if self._scale < 1 else x


class Residual3d(nn.Module):
    """Two convolutions of a volume, each after normalisation and rectifier, added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, 3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, D, H, W), unchanged in shape."""
        inner = self.conv1(functional.relu(self.norm1(x)))
        return x + self.conv2(functional.relu(self.norm2(inner)))


class SpectralConv2d(nn.Module):
    """A convolution whose weights are divided by their spectral norm (Miyato et al. 2018).

    Weights are kept as trained, with the two vectors of the power iteration; the norm follows from the three.
    """

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, before: int, after: int, size: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.empty(after, before, size, size))
        self.bias = nn.Parameter(torch.empty(after)) if bias else None
        self.register_buffer("weight_u", torch.empty(after))
        self.register_buffer("weight_v", torch.empty(before * size * size))
        self._padding = size // 2

    def forward(self, x: Tensor) -> Tensor:
        """(B, before, H, W) to (B, after, H, W)."""
        norm = self.weight_u @ (self.weight_orig.flatten(1) @ self.weight_v)
        return functional.conv2d(x, self.weight_orig / norm, self.bias, padding=self._padding)


class Spade(nn.Module):
    """Spatially adaptive normalisation (Park et al. 2019): features set the scale and shift of each place."""

    def __init__(self, channels: int, features: int, hidden: int) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(features, hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        """`x` (B, channels, H, W) normalised by `features` (B, features, h, w)."""
        shared = self.mlp_shared(functional.interpolate(features, size=x.shape[2:], mode="nearest"))
        return functional.instance_norm(x) * (1 + self.mlp_gamma(shared)) + self.mlp_beta(shared)


class SpadeResidual(nn.Module):
    """Two convolutions, each after SPADE; where the number of channels changes, a third one in parallel."""

    def __init__(self, before: int, after: int, features: int, hidden: int) -> None:
        super().__init__()
        middle = min(before, after)
        self.conv_0 = SpectralConv2d(before, middle, 3)
        self.conv_1 = SpectralConv2d(middle, after, 3)
        self.norm_0 = Spade(before, features, hidden)
        self.norm_1 = Spade(middle, features, hidden)
        self.conv_s = SpectralConv2d(before, after, 1, bias=False) if before != after else None
        self.norm_s = Spade(before, features, hidden) if before != after else None

    def forward(self, x: Tensor, features: Tensor) -> Tensor:
        """(B, before, H, W) to (B, after, H, W)."""
        inner = self.conv_0(functional.leaky_relu(self.norm_0(x, features), LEAK))
        inner = self.conv_1(functional.leaky_relu(self.norm_1(inner, features), LEAK))
        if self.conv_s is None or self.norm_s is None:
            return x + inner
        return self.conv_s(self.norm_s(x, features)) + inner
