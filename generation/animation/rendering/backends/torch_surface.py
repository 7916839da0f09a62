"""Drawing of surfaces in torch, for several frames at once.

Every candidate pixel of every triangle of every frame is one row of a few long tensors. The depth test is
done by two scatter reductions, which do not depend on order, so that rendering is deterministic.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from generation.animation.geometry.rasterize import EDGE, FOLD, NOWHERE


def draw_maps(points: Tensor, carried: Tensor, faces: Tensor, frame_of: Tensor, shape: torch.Size) -> Tensor:
    """Values (B, S, S, 3) of the nearest triangle at each pixel: source coordinates and brightness.

    `points` (V, 3) are the vertices of all frames in pixels with their depth, `carried` (V, 3) their values;
    `faces` (T, 3) are triangles of these vertices, `frame_of` (T,) the frame that each belongs to. `shape` is
    (B, S, S)."""
    count, size, _ = shape
    device, pixels = points.device, count * size * size
    corner = points[faces]
    x, y, z = corner.unbind(-1)
    area = (x[:, 1] - x[:, 0]) * (y[:, 2] - y[:, 0]) - (y[:, 1] - y[:, 0]) * (x[:, 2] - x[:, 0])
    left, right = x.amin(1).ceil().clamp(min=0).long(), x.amax(1).floor().clamp(max=size - 1).long()
    top, bottom = y.amin(1).ceil().clamp(min=0).long(), y.amax(1).floor().clamp(max=size - 1).long()
    wide, high = (right - left + 1).clamp(min=0), (bottom - top + 1).clamp(min=0)
    candidates = torch.where(area.abs() >= 1e-9, wide * high, 0)
    triangle = torch.repeat_interleave(torch.arange(len(faces), device=device), candidates)
    place = torch.arange(len(triangle), device=device) - (candidates.cumsum(0) - candidates)[triangle]
    px, py = left[triangle] + place % wide[triangle], top[triangle] + place // wide[triangle]
    cx, cy, inverse = x[triangle], y[triangle], 1 / area[triangle]
    wa = ((cy[:, 1] - cy[:, 2]) * (cx[:, 2] - px) - (cx[:, 1] - cx[:, 2]) * (cy[:, 2] - py)) * -inverse
    wb = ((cy[:, 2] - cy[:, 0]) * (cx[:, 0] - px) - (cx[:, 2] - cx[:, 0]) * (cy[:, 0] - py)) * -inverse
    weight = torch.stack([wa, wb, 1 - wa - wb], 1)
    inside = (weight >= EDGE).all(1)
    triangle, weight = triangle[inside], weight[inside]
    pixel = ((frame_of[triangle] * size + py[inside]) * size) + px[inside]
    depth = (weight * z[triangle]).sum(1)
    nearest = torch.full((pixels,), torch.inf, device=device).scatter_reduce(0, pixel, depth, "amin")
    row = torch.arange(len(pixel), device=device)
    first = torch.full((pixels,), len(pixel), device=device)
    won = depth == nearest[pixel]
    first = first.scatter_reduce(0, pixel[won], row[won], "amin")
    covered = first < len(pixel)
    row = first[covered]
    out = torch.tensor([NOWHERE, NOWHERE, 1.0], device=device).repeat(pixels, 1)
    out[covered] = (weight[row][..., None] * carried[faces[triangle[row]]]).sum(1)
    return out.view(count, size, size, 3)


def sample(pictures: Tensor, source: Tensor, mode: str) -> Tensor:
    """`pictures` (B, 4, M, M) at `source` (B, S, S, 2), (B, S, S, 4): "bicubic" (-0.75) or "bilinear", with
    nothing outside."""
    grid = source / (pictures.shape[-1] - 1) * 2 - 1
    found = functional.grid_sample(pictures, grid, mode=mode, padding_mode="zeros", align_corners=True)
    return found.permute(0, 2, 3, 1)


def whole_levels(values: Tensor) -> Tensor:
    """Values as levels 0..255, rounded as kernels round them."""
    return (values + 0.5).clamp(0, 255).floor()


def beside_jumps(source: Tensor, shown: Tensor) -> Tensor:
    """Where (B, S, S) the surface folds over itself, a jump of `source` (B, S, S, 2) whose one side is
    `shown` (B, S, S): the pixels on both sides."""
    beside = torch.zeros_like(shown)
    for here, there in (
        (np.s_[:, :-1, :-1], np.s_[:, :-1, 1:]),
        (np.s_[:, :-1, :-1], np.s_[:, 1:, :-1]),
    ):
        jump = (source[here] - source[there]).abs().sum(-1) > FOLD
        jump &= shown[here] | shown[there]
        beside[here] |= jump
        beside[there] |= jump
    return beside


def softened(frames: Tensor, beside: Tensor) -> Tensor:
    """`frames` (B, S, S, 3), whole levels, with the weighted mean of 3 x 3 where `beside` (B, S, S) is, but
    for the border; changed in place."""
    tent = torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]], device=frames.device).expand(3, 1, 3, 3)
    mean = functional.conv2d(frames.permute(0, 3, 1, 2), tent, groups=3).permute(0, 2, 3, 1)
    inner = np.s_[:, 1:-1, 1:-1]
    frames[inner] = torch.where(beside[inner][..., None], ((mean + 8) / 16).floor(), frames[inner])
    return frames
