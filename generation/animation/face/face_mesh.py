"""The attention mesh network (Grishchenko et al. 2020): 478 landmarks from one 192 x 192 crop of a face.

A first network gives 468 points. Around the lips and each eye its feature map is then sampled in a turned
rectangle that fits those points, and a small network places lips, or lids, brow and iris, more exactly.
`assets/MODELS.md` tells how the four files were cut from one; sampling and placing are done here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.face.face_topology import (
    LEFT_EYE,
    LEFT_IRIS,
    MESH_POINTS,
    POINTS,
    RIGHT_EYE,
    RIGHT_IRIS,
)
from generation.animation.face.tflite import face_model

Points = NDArray[np.float32]

MESH_INPUT = 192
FEATURES_SCALE = 0.25  # the feature map is 48 x 48
REGION_FEATURES = 16
REGION_MARGIN = 1.5
REGION_OUTPUT = 64  # the region networks place their points in a square of this many units
# The cells' centres, row by row.
_ROW, _COLUMN = np.mgrid[0:REGION_FEATURES, 0:REGION_FEATURES].reshape(2, -1).astype(np.float32) + np.float32(
    0.5
)


@dataclass(frozen=True)
class Region:
    """A part of the face: its landmarks and the two of them that set its angle.

    Where a region network places them more exactly, also its file and outputs.
    """

    points: tuple[int, ...]
    left: int
    right: int
    model: str = ""
    points_output: str = ""
    iris_output: str = ""
    iris: tuple[int, ...] = ()
    lids: tuple[int, ...] = ()


LIPS = Region(
    (
        61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78, 95,
        88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415, 76, 77, 90, 180,
        85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408, 62, 96, 89, 179, 86, 15,
        316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
    ),
    left=61,
    right=291,
    model="face_mesh_lips",
    points_output="conv_lips",
)  # fmt: skip
LEFT = Region(
    (
        33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110, 24, 23,
        22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232, 233, 244, 113,
        225, 224, 223, 222, 221, 189, 35, 124, 46, 53, 52, 65, 143, 111, 117, 118, 119, 120, 121, 128, 245,
        156, 70, 63, 105, 66, 107, 55, 193,
    ),
    left=33,
    right=133,
    model="face_mesh_left_eye",
    points_output="conv_left_eye",
    iris_output="conv_left_iris",
    iris=LEFT_IRIS,
    lids=LEFT_EYE,
)  # fmt: skip
RIGHT = Region(
    (
        263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255, 339, 254,
        253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449, 450, 451, 452, 453,
        464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295, 372, 340, 346, 347, 348, 349,
        350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417,
    ),
    left=362,
    right=263,
    model="face_mesh_right_eye",
    points_output="conv_right_eye",
    iris_output="conv_right_iris",
    iris=RIGHT_IRIS,
    lids=RIGHT_EYE,
)  # fmt: skip


def measure_mesh(crop: NDArray[np.uint8]) -> tuple[Points, float]:
    """Landmarks of the face in `crop` ((192, 192, 3) uint8 RGB), and the probability that there is one, 0..1.

    The landmarks are (478, 3) in crop pixels, numbered as in `face_topology`; z has the scale of x and y.
    """
    outputs = _run(crop)
    mesh = outputs["output_mesh"].reshape(MESH_POINTS, 3)
    features = outputs["p_re_lu_3"][0]
    points = np.zeros((POINTS, 3), np.float32)
    points[:MESH_POINTS] = mesh
    for region in (LIPS, LEFT, RIGHT):
        _refine(points, mesh, features, region)
    presence = 1.0 / (1.0 + float(np.exp(-outputs["conv_faceflag"].item())))
    return points, presence


def region_features(crop: NDArray[np.uint8], regions: Sequence[Region]) -> list[NDArray[np.float32]]:
    """The network's features in each of `regions`: (16, 16, 32), rotated and scaled to fit the region.

    `crop` is (192, 192, 3) uint8 RGB, as for `measure_mesh`.
    """
    outputs = _run(crop)
    mesh = outputs["output_mesh"].reshape(MESH_POINTS, 3)[:, :2] * FEATURES_SCALE
    return [_sample(outputs["p_re_lu_3"][0], _region_to_features(mesh, region)) for region in regions]


def _run(crop: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    return face_model("face_mesh")((crop.astype(np.float32) / 255.0)[None])


def _refine(points: Points, mesh: Points, features: NDArray[np.float32], region: Region) -> None:
    """Replace x and y of one region's landmarks by those of its own network, in place."""
    matrix = _region_to_features(mesh[:, :2] * FEATURES_SCALE, region)
    outputs = face_model(region.model)(_sample(features, matrix)[None])
    turn, origin = matrix[:, :2], matrix[:, 2] / FEATURES_SCALE
    scale = REGION_FEATURES / REGION_OUTPUT / FEATURES_SCALE
    points[list(region.points), :2] = outputs[region.points_output].reshape(-1, 2) @ turn.T * scale + origin
    if region.iris:
        points[list(region.iris), :2] = outputs[region.iris_output].reshape(-1, 2) @ turn.T * scale + origin
        points[list(region.iris), 2] = mesh[list(region.lids), 2].mean()


def _region_to_features(mesh: Points, region: Region) -> NDArray[np.float32]:
    """(2, 3) from the region's 16 x 16 cells to feature-map pixels: a turned rectangle around its points."""
    along = mesh[region.right] - mesh[region.left]
    u = along / max(float(np.hypot(*along)), 1e-6)
    v = np.array([-u[1], u[0]], np.float32)
    turned = mesh[list(region.points)] @ np.stack([u, v], axis=1)
    low, high = turned.min(0), turned.max(0)
    middle = (low + high) / 2
    cell_u, cell_v = (high - low) * REGION_MARGIN / REGION_FEATURES
    centre = middle[0] * u + middle[1] * v
    origin = centre - (u * cell_u + v * cell_v) * REGION_FEATURES / 2
    return np.stack([u * cell_u, v * cell_v, origin], axis=1).astype(np.float32)


def _sample(features: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sample (H, W, C) `features` linearly at the cells of `matrix`: (16, 16, C), zero outside the map.

    Cells and feature pixels count from their corners, so centres are at one half. With whole numbers instead,
    the lips land 3 % of the inter-ocular distance away from where mediapipe's own runtime places them.
    """
    x, y = (matrix[i, 0] * _COLUMN + matrix[i, 1] * _ROW + matrix[i, 2] - 0.5 for i in (0, 1))
    height, width, channels = features.shape
    across, along = _neighbours(x, width), _neighbours(y, height)
    cells = features.reshape(-1, channels)
    sampled = np.zeros((REGION_FEATURES**2, channels), np.float32)
    for column, left in across:
        for row, upper in along:
            sampled += cells[row * width + column] * (left * upper)[:, None]
    return sampled.reshape(REGION_FEATURES, REGION_FEATURES, channels)


def _neighbours(x: NDArray[np.float32], size: int) -> list[tuple[NDArray[np.intp], NDArray[np.float32]]]:
    """The whole numbers around each `x` (N,) with their weights (N,), which are 0 beyond 0..`size` - 1."""
    first = np.floor(x).astype(np.intp)
    return [
        (
            np.minimum(np.maximum(at, 0), size - 1),
            ((1 - np.abs(x - at)) * ((at >= 0) & (at < size))).astype(np.float32),
        )
        for at in (first, first + 1)
    ]
