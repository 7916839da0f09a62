"""Face descriptor: 128 numbers that lie close together for pictures of one person (dlib's residual network).

The weights are those of the MIT-licensed @vladmandic/face-api (`weights/CARD.md`), in 8 bits as they came.
A face is laid upright into a square of 150 pixels as dlib lays it, from the eyes, the nose and the corners of
the mouth; the square and its mirror image are described and averaged.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file
from torch import Tensor
from torch.nn import functional

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.face.face_detection import sample_square

WEIGHTS: Final = Path(__file__).parents[1] / "weights" / "face_descriptor.safetensors"
VALUES: Final = 128
SIDE: Final = 150
# Width, number of blocks that keep the size, and whether a last block halves it without adding width.
_STAGES: Final = (("conv32", 3, False), ("conv64", 3, True), ("conv128", 2, True), ("conv256", 2, True))
_MEAN: Final = (122.782, 117.001, 104.298)
# Where dlib's mean face has the eyes, the nose's tip and the corners of the mouth, in parts of the face, and
# the border around it.
_PLACES: Final = np.array(
    ((0.22549, 0.21599), (0.75476, 0.21599), (0.49013, 0.62811), (0.25415, 0.78023), (0.72610, 0.78023))
)
_BORDER: Final = 0.25
# The same places among the 478 landmarks of `face_topology`: the corners of each eye, tip, corners.
_LANDMARKS: Final = ((33, 133), (362, 263), (1,), (61,), (291,))


def describe_face(image: UInt8Array, points: Float32Array) -> Float32Array:
    """The descriptor (128,) of the face with landmarks `points` (478, 3) in `image` ((H, W, 3) uint8 RGB).

    Euclidean distances between descriptors tell people apart; `weights/CARD.md` has what was measured.
    """
    square = upright_square(image, points)
    return np.asarray(describe_squares(np.stack([square, square[:, ::-1]])).mean(0), np.float32)


def upright_square(image: UInt8Array, points: Float32Array) -> UInt8Array:
    """The face (150, 150, 3) as the network wants it: turned, moved and scaled, nothing else."""
    here = np.array([points[list(places), :2].mean(0) for places in _LANDMARKS], np.float64)
    there = (_BORDER + _PLACES) / (1 + 2 * _BORDER) * SIDE
    return sample_square(image, _similarity(here, there), SIDE)


def _similarity(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2 x 3 matrix of the turn, scale and shift that brings points (N, 2) closest to others."""
    start, end = here.mean(0), there.mean(0)
    from_, to = here - start, there - end
    a = float((from_ * to).sum())
    b = float((from_[:, 0] * to[:, 1] - from_[:, 1] * to[:, 0]).sum())
    turn = np.array([[a, -b], [b, a]]) / float((from_**2).sum())
    return np.column_stack([turn, end - turn @ start])


def describe_squares(squares: UInt8Array) -> Float32Array:
    """Descriptors (N, 128) of upright squares (N, 150, 150, 3) uint8 RGB."""
    pixels = (torch.from_numpy(squares.astype(np.float32)) - torch.tensor(_MEAN)) / 255
    with torch.inference_mode():
        x = functional.relu(_convolved(pixels.permute(0, 3, 1, 2), "conv32_down", stride=2))
        x = functional.max_pool2d(x, 3, 2)
        for stage, blocks, has_last in _STAGES:
            if stage != "conv32":
                x = _halved(x, f"{stage}_down")
            for block in range(1, blocks + 1):
                x = _kept(x, f"{stage}_{block}")
            if has_last and stage == "conv256":
                x = _halved(x, f"{stage}_down_out")
        described: Tensor = x.mean((2, 3)) @ _weights()["fc"]
    return np.asarray(described.numpy(), np.float32)


def _kept(x: Tensor, name: str) -> Tensor:
    y = functional.relu(_convolved(x, f"{name}.conv1", padding=1))
    return functional.relu(_convolved(y, f"{name}.conv2", padding=1) + x)


def _halved(x: Tensor, name: str) -> Tensor:
    y = functional.relu(_convolved(x, f"{name}.conv1", stride=2))
    y = _convolved(y, f"{name}.conv2", padding=1)
    pooled = functional.avg_pool2d(x, 2, 2)
    height, width = max(y.shape[2], pooled.shape[2]), max(y.shape[3], pooled.shape[3])
    return functional.relu(_padded(y, y.shape[1], height, width) + _padded(pooled, y.shape[1], height, width))


def _padded(x: Tensor, channels: int, height: int, width: int) -> Tensor:
    return functional.pad(x, (0, width - x.shape[3], 0, height - x.shape[2], 0, channels - x.shape[1]))


def _convolved(x: Tensor, name: str, *, stride: int = 1, padding: int = 0) -> Tensor:
    weights = _weights()
    y = functional.conv2d(
        x, weights[f"{name}.conv.filters"], weights[f"{name}.conv.bias"], stride=stride, padding=padding
    )
    scaled: Tensor = y * weights[f"{name}.scale.weights"][:, None, None]
    return scaled + weights[f"{name}.scale.biases"][:, None, None]


@cache
def _weights() -> dict[str, Tensor]:
    """All tensors in single precision by name, convolutions as (out, in, 3, 3)."""
    stored = load_file(WEIGHTS)
    weights = {}
    for name, values in stored.items():
        if name.endswith((".scale", ".least")):
            continue
        real = values.astype(np.float32)
        if f"{name}.scale" in stored:
            real = (values * stored[f"{name}.scale"][0] + stored[f"{name}.least"][0]).astype(np.float32)
        if name.endswith("filters"):
            real = np.ascontiguousarray(real.transpose(3, 2, 0, 1))
        weights[name] = torch.from_numpy(real)
    return weights
