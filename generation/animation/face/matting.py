"""Portrait matting: the soft alpha matte of the person, from a segmentation network and a guided filter."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.face.tflite import face_model

INPUT_SIZE = 256
# The guided filter (He, Sun, Tang 2010) aligns the network's coarse edge with the picture's. WINDOW is its
# radius as a share of the picture; EDGE its regularisation: edges of less contrast than its square root (of a
# range of 1) stay where the network has them.
WINDOW = 1.5 / INPUT_SIZE
EDGE = 0.03**2
# Larger pictures are filtered at this size; the filter's coefficients are applied to all their pixels.
FILTER_SIZE = 1024


def person_matte(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much of each pixel of `image` ((H, W, 3) uint8 RGB) belongs to a person: (H, W) float32, 0..1.

    Made for head-and-shoulders pictures. Where hair and background look alike, as on some paintings, the edge
    stays soft.
    """
    small = cv2.resize(image, (INPUT_SIZE, INPUT_SIZE), interpolation=cv2.INTER_AREA)
    tensor = small.astype(np.float32) / 255.0
    model = face_model("selfie_segmentation")
    straight = model(tensor[None])["activation_10"][0, :, :, 0]
    mirrored = model(tensor[None, :, ::-1])["activation_10"][0, :, ::-1, 0]
    return _follow_edges(((straight + mirrored) / 2).astype(np.float32), image)


def _follow_edges(coarse: NDArray[np.float32], image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Guided filter of `coarse` (any size) by the colours of `image`: matte = slope . colour + offset."""
    height, width = image.shape[:2]
    shrink = min(1.0, FILTER_SIZE / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    guide = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    matte = cv2.resize(coarse, size, interpolation=cv2.INTER_LINEAR)
    radius = max(2, round(WINDOW * max(size)))

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        box = (2 * radius + 1, 2 * radius + 1)
        return np.asarray(cv2.blur(values, box, borderType=cv2.BORDER_REFLECT), np.float32)

    r, g, b = (np.ascontiguousarray(guide[..., i]) for i in range(3))
    mean_r, mean_g, mean_b, level = mean(r), mean(g), mean(b), mean(matte)
    rr, gg, bb = (mean(c * c) - m * m + EDGE for c, m in ((r, mean_r), (g, mean_g), (b, mean_b)))
    rg, rb, gb = mean(r * g) - mean_r * mean_g, mean(r * b) - mean_r * mean_b, mean(g * b) - mean_g * mean_b
    with_r, with_g, with_b = (mean(c * matte) - m * level for c, m in ((r, mean_r), (g, mean_g), (b, mean_b)))
    # The symmetric 3 x 3 system of every pixel, solved by cofactors.
    c00, c01, c02 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c11, c12, c22 = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    scale = 1.0 / (rr * c00 + rg * c01 + rb * c02)
    slope_r = (c00 * with_r + c01 * with_g + c02 * with_b) * scale
    slope_g = (c01 * with_r + c11 * with_g + c12 * with_b) * scale
    slope_b = (c02 * with_r + c12 * with_g + c22 * with_b) * scale
    offset = level - slope_r * mean_r - slope_g * mean_g - slope_b * mean_b
    result = _enlarged(mean(offset), width, height)
    for channel, slope in enumerate((slope_r, slope_g, slope_b)):
        result += _enlarged(mean(slope), width, height) * (image[..., channel] / np.float32(255.0))
    return np.clip(result, 0.0, 1.0)


def _enlarged(values: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
