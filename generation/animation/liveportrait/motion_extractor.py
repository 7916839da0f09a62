"""M of the paper: keypoints, pose and expression of a face, by ConvNeXt V2 (Woo et al. 2023)."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.liveportrait.sizes import PUBLISHED, Sizes

_EPSILON = 1e-6
DEGREES_PER_BIN, FIRST_BIN_DEGREES = 3.0, -97.5


class SourceMotion(NamedTuple):
    """What a picture shows: canonical keypoints (B, K, 3), pitch, yaw, roll (B,) in degrees, translation
    (B, 3), expression (B, K, 3) and scale (B, 1)."""

    keypoints: Tensor
    pitch: Tensor
    yaw: Tensor
    roll: Tensor
    translation: Tensor
    expression: Tensor
    scale: Tensor


class MotionExtractor(nn.Module):
    """The backbone with seven heads. Published weights name it `detector`."""

    def __init__(self, sizes: Sizes = PUBLISHED) -> None:
        super().__init__()
        self.detector = _Detector(sizes)

    def forward(self, picture: Tensor) -> SourceMotion:
        """(B, 3, H, W) in 0..1."""
        motion: SourceMotion = self.detector(picture)
        return motion


class _Detector(nn.Module):
    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        widths = sizes.backbone
        stem = nn.Sequential(nn.Conv2d(3, widths[0], 4, stride=4), _ChannelNorm(widths[0]))
        between = [
            nn.Sequential(_ChannelNorm(before), nn.Conv2d(before, after, 2, stride=2))
            for before, after in itertools.pairwise(widths)
        ]
        self.downsample_layers = nn.ModuleList([stem, *between])
        self.stages = nn.ModuleList(
            nn.Sequential(*(_Block(width) for _ in range(count)))
            for width, count in zip(widths, sizes.backbone_blocks, strict=True)
        )
        last = widths[-1]
        self.norm = nn.LayerNorm(last, eps=_EPSILON)
        self.fc_kp = nn.Linear(last, 3 * sizes.keypoints)
        self.fc_scale = nn.Linear(last, 1)
        self.fc_pitch = nn.Linear(last, sizes.angle_bins)
        self.fc_yaw = nn.Linear(last, sizes.angle_bins)
        self.fc_roll = nn.Linear(last, sizes.angle_bins)
        self.fc_t = nn.Linear(last, 3)
        self.fc_exp = nn.Linear(last, 3 * sizes.keypoints)

    def forward(self, x: Tensor) -> SourceMotion:
        for down, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(down(x))
        x = self.norm(x.mean((-2, -1)))
        return SourceMotion(
            keypoints=self.fc_kp(x).unflatten(1, (-1, 3)),
            pitch=degrees(self.fc_pitch(x)),
            yaw=degrees(self.fc_yaw(x)),
            roll=degrees(self.fc_roll(x)),
            translation=self.fc_t(x),
            expression=self.fc_exp(x).unflatten(1, (-1, 3)),
            scale=self.fc_scale(x),
        )


def degrees(bins: Tensor) -> Tensor:
    """The mean angle (B,) of scores (B, bins) of bins three degrees wide."""
    numbers = torch.arange(bins.shape[1], dtype=torch.float32, device=bins.device)
    return (functional.softmax(bins.float(), 1) * numbers).sum(1) * DEGREES_PER_BIN + FIRST_BIN_DEGREES


class _Block(nn.Module):
    """Depthwise convolution, then two layers at each place with global response normalisation between."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=_EPSILON)
        self.pwconv1 = nn.Linear(width, 4 * width)
        self.grn = _ResponseNorm(4 * width)
        self.pwconv2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norm(self.dwconv(x).movedim(1, -1))
        inner = self.pwconv2(self.grn(functional.gelu(self.pwconv1(inner))))
        return x + inner.movedim(-1, 1)


class _ResponseNorm(nn.Module):
    """Scales each channel by its norm over the picture, beside the mean norm of all channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(1, 1, 1, width))
        self.beta = nn.Parameter(torch.empty(1, 1, 1, width))

    def forward(self, x: Tensor) -> Tensor:
        response = x.norm(dim=(1, 2), keepdim=True)
        share = response / (response.mean(-1, keepdim=True) + _EPSILON)
        return x + self.gamma * (x * share) + self.beta


class _ChannelNorm(nn.Module):
    """Layer normalisation over the channels of (B, C, H, W)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))
        self.bias = nn.Parameter(torch.empty(width))

    def forward(self, x: Tensor) -> Tensor:
        normed = functional.layer_norm(x.movedim(1, -1), self.weight.shape, self.weight, self.bias, _EPSILON)
        return normed.movedim(-1, 1)
