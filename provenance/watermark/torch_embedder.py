"""Embeds the watermark in torch, many luma planes at once, on any device: bit by bit as `Embedder`.

Only what makes videos on a graphics card imports it; nothing that reads marks needs torch.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from provenance.watermark.carrier import masking
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.embedder import HALF, SHIFT, fitted, pattern_of, require_plane

_COEFFICIENT = 2048  # of OpenCV's linear interpolation, in whole numbers


class TorchEmbedder:
    """As `Embedder`, for the luma planes of one clip that come in batches."""

    def __init__(self, payload: WatermarkPayload, key: WatermarkKey, strength: int, device: str) -> None:
        self._pattern = pattern_of(payload, key)
        self._device = torch.device(device)
        self._of_activity, self._of_light, self._of_motion = (
            torch.from_numpy(table.copy()).to(self._device).float()
            for table in (masking.of_activity(strength), masking.OF_LIGHT, masking.OF_MOTION)
        )
        self._fitted = torch.zeros((0, 0), dtype=torch.int32, device=self._device)
        self._before: Tensor | None = None

    @torch.inference_mode()
    def mark(self, lumas: Tensor) -> Tensor:
        """The marked copies of the clip's next luma planes, (B, H, W) uint8 on the device.

        Raises as `Embedder.mark`.
        """
        height, width = lumas.shape[1:]
        require_plane((height, width), lumas.dtype == torch.uint8)
        if self._fitted.shape != lumas.shape[1:]:
            pattern = torch.from_numpy(fitted(self._pattern, height, width).copy())
            self._fitted, self._before = pattern.to(self._device).int(), None
        half = _halved(lumas)
        first = half[:1] if self._before is None else self._before
        allowed = self._strengths(half, torch.cat([first, half[:-1]]))
        self._before = half[-1:]
        change = (_doubled(allowed) * self._fitted + int(HALF)) >> SHIFT
        return (lumas.int() + change).clamp(0, 255).to(torch.uint8)

    def _strengths(self, half: Tensor, before: Tensor) -> Tensor:
        """As `masking.strengths`, (B, h, w) float whole numbers. A frame after its own like has no motion,
        which allows what a first frame allows."""
        mean = _mean(half, 7)
        activity = _mean(((half - mean).abs() * 8).clamp(max=255), 7)
        reach = masking.CORNERS_REACH
        around = functional.pad(activity, (reach,) * 4, value=255.0)
        h, w = half.shape[1:]
        least = activity
        for y in (0, 2 * reach):
            for x in (0, 2 * reach):
                least = torch.minimum(least, around[:, y : y + h, x : x + w])
        share = self._of_light[mean.long()]
        motion = _mean(((half - before).abs() * 8).clamp(max=255), 9)
        usual = motion[:, ::16, ::16].flatten(1).sort(1).values
        relative = (motion - usual[:, usual.shape[1] // 2, None, None]).clamp(min=0)
        share = _scaled(share * self._of_motion[relative.long()])
        return _scaled(self._of_activity[least.long()] * share)


def _scaled(product: Tensor) -> Tensor:
    """A product of two levels in sixty-fourths, as a level."""
    return (product / 64).round().clamp(max=255)  # half to even, as OpenCV rounds


def _halved(lumas: Tensor) -> Tensor:
    """Planes (B, H, W) at half their resolution, whole numbers as floats."""
    whole = lumas.float()
    total = whole[:, ::2, ::2] + whole[:, ::2, 1::2] + whole[:, 1::2, ::2] + whole[:, 1::2, 1::2]
    return ((total + 2) / 4).floor()


def _mean(planes: Tensor, side: int) -> Tensor:
    """The mean of `side` x `side` around each pixel, rounded; mirrored at the border."""
    area = side * side
    padded = functional.pad(planes[:, None], (side // 2,) * 4, mode="reflect")
    total = functional.avg_pool2d(padded, side, stride=1, divisor_override=1)[:, 0]
    return ((total + area // 2) / area).floor()


def _doubled(planes: Tensor) -> Tensor:
    """Planes (B, h, w) at twice their resolution, int32, as OpenCV's linear interpolation of bytes."""
    near, far = _COEFFICIENT * 3 // 4, _COEFFICIENT // 4
    wide = planes.int()
    left = torch.cat([wide[:, :, :1], wide[:, :, :-1]], 2)
    right = torch.cat([wide[:, :, 1:], wide[:, :, -1:]], 2)
    across = torch.stack([left * far + wide * near, wide * near + right * far], 3).flatten(2)
    above = torch.cat([across[:, :1], across[:, :-1]], 1)
    below = torch.cat([across[:, 1:], across[:, -1:]], 1)
    rows = []
    for first, second, weights in ((above, across, (far, near)), (across, below, (near, far))):
        parts = [
            ((rows_ >> 4) * weight) >> 16 for rows_, weight in zip((first, second), weights, strict=True)
        ]
        rows.append((parts[0] + parts[1] + 2) >> 2)
    return torch.stack(rows, 2).flatten(1, 2)
