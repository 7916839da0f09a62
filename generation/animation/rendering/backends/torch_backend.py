"""The torch back end, for CUDA devices; its frames agree with those of the compiled back end.

Every candidate pixel of every triangle is one row of a few long tensors. The depth test is done by two
scatter reductions, which do not depend on order, so that rendering is deterministic. Tests run it on the CPU.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from generation.animation.arrays import Float32Array, Int32Array, UInt8Array
from generation.animation.geometry.rasterize import EDGE, FOLD, NOWHERE
from generation.animation.rendering.backends.behind import Behind

SUBPIXELS = 32  # steps to which OpenCV's remap rounds its coordinates


class TorchBackend:
    """See `SurfaceBackend`. `device` is any torch device."""

    def __init__(self, faces: Int32Array, size: int, device: str) -> None:
        self._device, self._size = torch.device(device), size
        self._faces = torch.from_numpy(faces.astype(np.int64)).to(self._device)
        self._tent = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]], device=self._device).expand(3, 1, 3, 3)

    @torch.inference_mode()
    def draw(
        self,
        points: Float32Array,
        sources: Float32Array,
        shade: Float32Array,
        person: UInt8Array,
        behind: Behind,
    ) -> UInt8Array:
        """One frame (S, S, 3), a new array on the CPU."""
        drawn = self._map(*(torch.from_numpy(v).to(self._device) for v in (points, sources, shade)))
        source, light = drawn[..., :2], drawn[..., 2:]
        warped = _resampled(torch.from_numpy(person).to(self._device), source)
        alpha = warped[..., 3:]
        seen = behind(alpha[..., 0].to(torch.uint8).cpu().numpy())
        plate = torch.from_numpy(seen).to(self._device).float()
        lit = plate * ((255 - alpha) * (1 / 255)) + warped[..., :3] * light + 0.5
        frame = torch.where(alpha == 0, plate, lit.clamp(0, 255).floor())
        return np.ascontiguousarray(
            self._softened(frame, source, alpha[..., 0]).to(torch.uint8).cpu().numpy()
        )

    def _map(self, points: Tensor, sources: Tensor, shade: Tensor) -> Tensor:
        """Source coordinates and shade (S, S, 3) of the nearest triangle at each pixel."""
        size = self._size
        corner = points[self._faces]
        x, y, z = corner.unbind(-1)
        area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (y[:, 1] - y[:, 0]) * (x[:, 2] - x[:, 0])
        left, right = x.amin(1).ceil().clamp(min=0).long(), x.amax(1).floor().clamp(max=size - 1).long()
        top, bottom = y.amin(1).ceil().clamp(min=0).long(), y.amax(1).floor().clamp(max=size - 1).long()
        wide, high = (right - left + 1).clamp(min=0), (bottom - top + 1).clamp(min=0)
        count = torch.where(area.abs() >= 1e-9, wide * high, 0)
        triangle = torch.repeat_interleave(torch.arange(len(count), device=self._device), count)
        place = torch.arange(len(triangle), device=self._device) - (count.cumsum(0) - count)[triangle]
        px, py = left[triangle] + place % wide[triangle], top[triangle] + place // wide[triangle]
        cx, cy, inverse = x[triangle], y[triangle], 1 / area[triangle]
        wa = ((cy[:, 1] - cy[:, 2]) * (cx[:, 2] - px) - (cx[:, 1] - cx[:, 2]) * (cy[:, 2] - py)) * -inverse
        wb = ((cy[:, 2] - cy[:, 0]) * (cx[:, 0] - px) - (cx[:, 2] - cx[:, 0]) * (cy[:, 0] - py)) * -inverse
        weight = torch.stack([wa, wb, 1 - wa - wb], 1)
        inside = (weight >= EDGE).all(1)
        triangle, weight, pixel = triangle[inside], weight[inside], (py * size + px)[inside]
        depth = (weight * z[triangle]).sum(1)
        nearest = torch.full((size * size,), torch.inf, device=self._device)
        nearest = nearest.scatter_reduce(0, pixel, depth, "amin")
        row = torch.arange(len(pixel), device=self._device)
        first = torch.full((size * size,), len(pixel), device=self._device)
        won = depth == nearest[pixel]
        first = first.scatter_reduce(0, pixel[won], row[won], "amin")
        covered = first < len(pixel)
        row = first[covered]
        carried = torch.cat([sources, shade[:, None]], 1)[self._faces[triangle[row]]]
        out = torch.tensor([NOWHERE, NOWHERE, 1.0], device=self._device).repeat(size * size, 1)
        out[covered] = (weight[row][..., None] * carried).sum(1)
        return out.view(size, size, 3)

    def _softened(self, frame: Tensor, source: Tensor, alpha: Tensor) -> Tensor:
        """As `composite`."""
        beside = torch.zeros(alpha.shape, dtype=torch.bool, device=self._device)
        for here, there in ((np.s_[:-1, :-1], np.s_[:-1, 1:]), (np.s_[:-1, :-1], np.s_[1:, :-1])):
            jump = (source[here] - source[there]).abs().sum(-1) > FOLD
            jump &= (alpha[here] > 0) | (alpha[there] > 0)
            beside[here] |= jump
            beside[there] |= jump
        mean = functional.conv2d(frame.permute(2, 0, 1)[None], self._tent, groups=3)[0].permute(1, 2, 0)
        inner = np.s_[1:-1, 1:-1]
        frame[inner] = torch.where(beside[inner][..., None], ((mean + 8) / 16).floor(), frame[inner])
        return frame


def _resampled(person: Tensor, source: Tensor) -> Tensor:
    """`person` (M, M, 4) at `source` (S, S, 2), in whole levels: bicubic (-0.75), nothing outside."""
    at = (source * SUBPIXELS).round() / SUBPIXELS
    grid = at / (person.shape[0] - 1) * 2 - 1
    picture = person.float().permute(2, 0, 1)[None]
    found = functional.grid_sample(
        picture, grid[None], mode="bicubic", padding_mode="zeros", align_corners=True
    )[0].permute(1, 2, 0)
    return found.round().clamp(0, 255)
