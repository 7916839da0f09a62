"""W of the paper: the feature volume warped from the source's keypoints to the driven ones."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.liveportrait.blocks import Block2d, Block3d
from generation.animation.liveportrait.sizes import PUBLISHED, Sizes

_VARIANCE = 0.01  # of the bell about a keypoint
_LEAK = 0.01


class WarpingModule(nn.Module):
    """Dense motion from sparse keypoints, the warp, and two convolutions to two-dimensional features."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.dense_motion_network = _DenseMotion(sizes)
        self.third = Block2d(sizes.channels * sizes.depth, sizes.features, leak=_LEAK)
        self.fourth = nn.Conv2d(sizes.features, sizes.features, 1)

    def forward(self, volume: Tensor, driven: Tensor, source: Tensor) -> Tensor:
        """`volume` (B, C, D, H, W), keypoints `driven` and `source` (B, K, 3) in -1..1 to (B, F, H, W)."""
        flow, seen = self.dense_motion_network(volume, driven, source)
        warped = functional.grid_sample(volume, flow, align_corners=False)
        features: Tensor = self.fourth(self.third(warped.flatten(1, 2)))
        return features * seen


class _DenseMotion(nn.Module):
    """Which keypoint each place of the volume moves with, and whether the source shows it."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        moves = sizes.keypoints + 1  # and the background, which stays
        self.compress = nn.Conv3d(sizes.channels, sizes.compressed, 1)
        self.norm = nn.BatchNorm3d(sizes.compressed)
        self.hourglass = _Hourglass(moves * (sizes.compressed + 1), sizes)
        self.mask = nn.Conv3d(self.hourglass.width, moves, 7, padding=3)
        self.occlusion = nn.Conv2d(self.hourglass.width * sizes.depth, 1, 7, padding=3)

    def forward(self, volume: Tensor, driven: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Where each place is taken from (B, D, H, W, 3), and how far it is seen (B, 1, H, W)."""
        compressed = functional.relu(self.norm(self.compress(volume)))
        grid = places(compressed)
        flows = _flows(grid, driven, source)
        looked_up = _looked_up(compressed, flows)
        bells = _bells(grid, driven) - _bells(grid, source)
        bells = functional.pad(bells, (0, 0, 0, 0, 0, 0, 1, 0)).unsqueeze(2)
        x = self.hourglass(torch.cat([bells.to(looked_up.dtype), looked_up], 2).flatten(1, 2))
        shares = functional.softmax(self.mask(x), 1)
        flow = torch.einsum("bkdhw,bkdhwc->bdhwc", shares, flows.to(shares.dtype))
        return flow.to(volume.dtype), torch.sigmoid(self.occlusion(x.flatten(1, 2)))


def places(volume: Tensor) -> Tensor:
    """The places (D, H, W, 3) of a volume (B, C, D, H, W): x, y, z from -1 to 1, at the corners' centres."""
    z, y, x = (torch.linspace(-1, 1, n, dtype=torch.float32, device=volume.device) for n in volume.shape[2:])
    return torch.stack(torch.meshgrid(z, y, x, indexing="ij")[::-1], -1)


def _flows(grid: Tensor, driven: Tensor, source: Tensor) -> Tensor:
    """Where each place came from if it moved with a keypoint (B, 1 + K, D, H, W, 3); first: it stayed."""
    shift = (source - driven).float()[:, :, None, None, None]
    return torch.cat([grid.expand(len(driven), 1, *grid.shape), grid + shift], 1)


def _looked_up(volume: Tensor, flows: Tensor) -> Tensor:
    """The volume at each of `flows`: (B, 1 + K, C, D, H, W)."""
    batch, moves = flows.shape[:2]
    repeated = volume.repeat_interleave(moves, 0)
    found = functional.grid_sample(repeated, flows.flatten(0, 1).to(volume.dtype), align_corners=False)
    return found.unflatten(0, (batch, moves))


def _bells(grid: Tensor, keypoints: Tensor) -> Tensor:
    """A bell about each keypoint (B, K, D, H, W)."""
    apart = grid - keypoints.float()[:, :, None, None, None]
    return torch.exp(-0.5 * apart.square().sum(-1) / _VARIANCE)


class _Hourglass(nn.Module):
    """Down by halves and up again, each level beside what it was on the way down."""

    def __init__(self, before: int, sizes: Sizes) -> None:
        super().__init__()
        widths = [
            min(sizes.hourglass_most, sizes.hourglass_first * 2**n) for n in range(sizes.hourglass_levels + 1)
        ]
        self.encoder = _Encoder([before, *widths[1:]])
        self.decoder = _Decoder(before, widths)
        self.width = before + sizes.hourglass_first

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(x))
        return out


class _Encoder(nn.Module):
    def __init__(self, widths: list[int]) -> None:
        super().__init__()
        pairs = itertools.pairwise(widths)
        self.down_blocks = nn.ModuleList(Block3d(before, after, scale=0.5) for before, after in pairs)

    def forward(self, x: Tensor) -> list[Tensor]:
        levels = [x]
        for down in self.down_blocks:
            levels.append(down(levels[-1]))
        return levels


class _Decoder(nn.Module):
    def __init__(self, before: int, widths: list[int]) -> None:
        super().__init__()
        ups = []
        for level in range(len(widths) - 1, 0, -1):
            beside = 1 if level == len(widths) - 1 else 2
            ups.append(Block3d(beside * widths[level], widths[level - 1], scale=2))
        self.up_blocks = nn.ModuleList(ups)
        self.conv = nn.Conv3d(before + widths[0], before + widths[0], 3, padding=1)
        self.norm = nn.BatchNorm3d(before + widths[0])

    def forward(self, levels: list[Tensor]) -> Tensor:
        *beside, x = levels
        for up, skipped in zip(self.up_blocks, reversed(beside), strict=True):
            x = torch.cat([up(x), skipped], 1)
        return functional.relu(self.norm(self.conv(x)))
