"""Face detection: the BlazeFace short-range detector, run over the whole picture and over tiles of it.

The network sees 128 x 128 pixels and was made for faces that fill a fifth or more of them. A small face in a
large picture is found in one of the tiles, a very close face in a view with a border around the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.tflite import face_model

INPUT_SIZE = 128
GRIDS = ((16, 2), (8, 6))  # (cells a side, anchors a cell): 896 anchors
MIN_SCORE = 0.5
SAME_FACE_OVERLAP = 0.3
CERTAIN_SCORE = 0.9
SMALLEST_TILE = 192  # pixels: twice the smallest face that can be animated
MOST_LEVELS = 4


@dataclass(frozen=True, eq=False)
class FaceDetection:
    """A face found: `box` is (x, y, width, height), `keypoints` (6, 2), all in picture pixels.

    Keypoints: the eye at the picture's left, the other eye, nose tip, mouth, the ear at the picture's left,
    the other ear. `score` is the network's own confidence, 0..1.
    """

    box: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    score: float


def find_faces(image: NDArray[np.uint8]) -> list[FaceDetection]:
    """Find the faces in `image` ((H, W, 3) uint8 RGB), the most certain first, or an empty list.

    Looks at the whole picture and then at smaller and smaller tiles, until one size after the first in which
    a face is certain: faces a quarter as large as the largest are found, still smaller ones may not be.
    """
    boxes: list[NDArray[np.float32]] = []
    scores: list[NDArray[np.float32]] = []
    is_last = False
    for views in _levels(*image.shape[:2]):
        found = [_detect_in_view(image, x, y, size) for x, y, size in views]
        boxes += [values for values, _ in found]
        scores += [score for _, score in found]
        if is_last:
            break
        is_last = any((score >= CERTAIN_SCORE).any() for _, score in found)
    return _merge(np.concatenate(boxes), np.concatenate(scores))


def _levels(height: int, width: int) -> Iterator[list[tuple[float, float, float]]]:
    """Squares (x, y, size) to look at: the picture with and without a border, then overlapping tiles."""
    longest, shortest = max(height, width), min(height, width)
    sizes = (longest * 1.7, float(longest))
    yield [((width - size) / 2, (height - size) / 2, size) for size in sizes]
    size = float(shortest) if shortest < 0.8 * longest else shortest / 2
    for _ in range(MOST_LEVELS):
        if size < SMALLEST_TILE:
            return
        yield [(x, y, size) for y in _starts(height, size) for x in _starts(width, size)]
        size /= 2


def _starts(length: int, size: float) -> list[float]:
    if length <= size:
        return [(length - size) / 2]
    count = int(np.ceil((length - size) / (size / 2))) + 1
    return [float(start) for start in np.linspace(0, length - size, count)]


def _detect_in_view(
    image: NDArray[np.uint8], x: float, y: float, size: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Detections in one square: (N, 16) box centre, size and keypoints in pixels; (N,) scores."""
    scale = INPUT_SIZE / size
    view = sample_square(image, np.array([[scale, 0, -x * scale], [0, scale, -y * scale]]), INPUT_SIZE)
    outputs = face_model("face_detection_short_range")((view.astype(np.float32) / 127.5 - 1.0)[None])
    score = 1.0 / (1.0 + np.exp(-np.clip(outputs["classificators"][0, :, 0], -50, 50)))
    keep = score >= MIN_SCORE
    values = outputs["regressors"][0][keep] / INPUT_SIZE
    anchors = _anchors()[keep]
    values[:, 0:2] += anchors
    values[:, 4:] += np.tile(anchors, 6)
    values *= size
    values[:, 0:2] += (x, y)
    values[:, 4:] += np.tile(np.array([x, y], np.float32), 6)
    return values.astype(np.float32), score[keep].astype(np.float32)


def sample_square(image: NDArray[np.uint8], matrix: NDArray[np.float64], size: int) -> NDArray[np.uint8]:
    """Sample `image` through the 2 x 3 picture-to-view `matrix` into (size, size, 3), edges repeated.

    Downscaling by more than two averages by area first, to avoid aliasing.
    """
    scale = float(np.hypot(matrix[0, 0], matrix[0, 1]))
    if scale < 0.5:
        # Only the visible part is downscaled, so that a tile of a large picture costs no more than its own
        # area.
        corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], np.float64)
        visible = (
            corners @ cv2.invertAffineTransform(matrix)[:, :2].T + cv2.invertAffineTransform(matrix)[:, 2]
        )
        margin = 2.0 / scale
        low = np.clip(np.floor(visible.min(0) - margin), 0, (image.shape[1] - 1, image.shape[0] - 1)).astype(
            int
        )
        high = np.clip(np.ceil(visible.max(0) + margin), low + 1, (image.shape[1], image.shape[0])).astype(
            int
        )
        part = image[low[1] : high[1], low[0] : high[0]]
        width = max(1, round(part.shape[1] * scale * 1.5))
        height = max(1, round(part.shape[0] * scale * 1.5))
        fx, fy = width / part.shape[1], height / part.shape[0]
        image = np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
        # Pixel centres: x_small = (x + 0.5 - low) * f - 0.5.
        to_large = np.array(
            [[1 / fx, 0, 0.5 / fx - 0.5 + low[0]], [0, 1 / fy, 0.5 / fy - 0.5 + low[1]], [0, 0, 1]]
        )
        matrix = matrix @ to_large
    view = cv2.warpAffine(
        image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(view, np.uint8)


def _merge(values: NDArray[np.float32], scores: NDArray[np.float32]) -> list[FaceDetection]:
    """Weighted non-maximum suppression: what overlaps the best detection is averaged into it by score."""
    corners = np.concatenate([values[:, :2] - values[:, 2:4] / 2, values[:, :2] + values[:, 2:4] / 2], axis=1)
    left = np.argsort(-scores, kind="stable")
    found: list[FaceDetection] = []
    while len(left):
        best = left[0]
        overlaps = overlap(corners[best], corners[left])
        group = left[overlaps > SAME_FACE_OVERLAP]
        weights = scores[group][:, None] / scores[group].sum()
        mean = (values[group] * weights).sum(0)
        box = np.array([mean[0] - mean[2] / 2, mean[1] - mean[3] / 2, mean[2], mean[3]], np.float32)
        found.append(FaceDetection(box, mean[4:].reshape(6, 2), float(scores[best])))
        left = left[overlaps <= SAME_FACE_OVERLAP]
    return found


def overlap(one: NDArray[np.float32], many: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one box with (N, 4) boxes, all as x0, y0, x1, ."""
    low = np.maximum(one[:2], many[:, :2])
    high = np.minimum(one[2:], many[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    area = np.clip(many[:, 2:] - many[:, :2], 0, None).prod(1)
    own = np.clip(one[2:] - one[:2], 0, None).prod()
    return np.asarray(shared / np.maximum(area + own - shared, 1e-9), np.float32)


@cache
def _anchors() -> NDArray[np.float32]:
    """(896, 2) anchor centres in 0..1, in the network's order: rows, columns, then the anchors of a cell."""
    centres = []
    for cells, count in GRIDS:
        axis = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(axis, axis, indexing="ij")
        centres.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), count, axis=0))
    return np.concatenate(centres).astype(np.float32)
