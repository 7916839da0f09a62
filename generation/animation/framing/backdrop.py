"""Backdrop: what a view shows of the picture before anything moves, and the chosen fill beyond it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.framing.video_format import BLUR
from generation.animation.framing.view import View
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.portrait.portrait_crop import SHOULDER_SLOPE

# Beyond the picture its edge is repeated, at the sides along a downward slope, as shoulders fall; mirrored, a
# second head would come into view. It runs out of focus: blur radii in shares of the output's shorter side,
# and the distances from the picture, in the same unit, at which each is reached.
BLURS = (0.0, 0.012, 0.035, 0.08)
BLUR_AT = (0.0, 0.03, 0.1, 0.25)
# Share of the shorter side: how far from its edge, and averaged over how much, the picture is repeated. Scans
# and cropped pictures end in a few pixels of something else.
INSIDE = 0.012
JOINED = 0.4  # of that, from which on the picture itself begins to show
SPARE = 1.5  # output pixels by which rounding may carry a view over the picture's edge, without a fill


def draw_backdrop(picture: UInt8Array, view: View, fill: str) -> UInt8Array:
    """The view of `picture` (H, W, 3) uint8 RGB, (height, width, 3) of the view; `fill` as in VideoFormat."""
    shown = _sampled(picture, view)
    inside = picture_box(view, picture.shape[1], picture.shape[0])
    if inside == (0, 0, view.width, view.height):
        return shown
    x0, y0, x1, y1 = inside
    content = shown[y0:y1, x0:x1]
    if fill != BLUR:
        out = np.empty_like(shown)
        out[:] = np.frombuffer(bytes.fromhex(fill[1:]), np.uint8)
        out[y0:y1, x0:x1] = content
        return out
    return _blurred_outwards(_edges_repeated(shown, inside), inside)


def picture_box(view: View, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom (exclusive) output pixels in which a picture of this size lies."""
    box = []
    for begin, extent, out in ((view.left, width, view.width), (view.top, height, view.height)):
        first, last = -begin * view.scale, (extent - begin) * view.scale
        box.append(0 if first <= SPARE else int(np.ceil(first)))
        box.append(out if last >= out - SPARE else int(np.floor(last)))
    return box[0], box[2], box[1], box[3]


def _sampled(picture: UInt8Array, view: View) -> UInt8Array:
    height, width = picture.shape[:2]
    factor = min(1.0, view.scale)
    small = picture
    if factor < 1.0:  # average before sampling: no moire from fine texture
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    kx, ky = small.shape[1] / width, small.shape[0] / height
    to_small = np.array(
        [
            [kx / view.scale, 0, (view.left + 0.5 / view.scale) * kx - 0.5],
            [0, ky / view.scale, (view.top + 0.5 / view.scale) * ky - 0.5],
        ]
    )
    shown = cv2.warpAffine(
        small,
        to_small,
        (view.width, view.height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(shown, np.uint8)


def _edges_repeated(shown: UInt8Array, inside: tuple[int, int, int, int]) -> UInt8Array:
    """What lies `inside`, and around it the colours of its edges."""
    x0, y0, x1, y1 = inside
    content = shown[y0:y1, x0:x1]
    step = INSIDE * min(shown.shape[:2])
    edges = cv2.GaussianBlur(content, (0, 0), step, borderType=cv2.BORDER_REPLICATE)
    x, y = np.meshgrid(
        np.arange(shown.shape[1], dtype=np.float32), np.arange(shown.shape[0], dtype=np.float32)
    )
    beside = np.maximum(np.maximum(x0 - x, x - (x1 - 1)), 0)
    y -= np.float32(SHOULDER_SLOPE) * beside
    repeated = cv2.remap(
        edges,
        np.clip(x - x0, 2 * step, x1 - x0 - 1 - 2 * step),
        np.clip(y - y0, 2 * step, y1 - y0 - 1 - 2 * step),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    # The picture's own last pixels go over into that, along the sides beyond which there is something.
    height, width = shown.shape[:2]
    inward = np.full(content.shape[:2], 2 * step, np.float32)
    across, down = np.arange(x1 - x0, dtype=np.float32)[None], np.arange(y1 - y0, dtype=np.float32)[:, None]
    for has_end, distance in (
        (x0 > 0, across),
        (y0 > 0, down),
        (x1 < width, across[:, ::-1]),
        (y1 < height, down[::-1]),
    ):
        if has_end:
            inward = np.minimum(inward, distance)
    share = smoothstep(JOINED * step, 2 * step, inward)[..., None]
    part = repeated[y0:y1, x0:x1]
    part[:] = np.rint(part + (content.astype(np.float32) - part) * share)
    return np.asarray(repeated, np.uint8)


def _blurred_outwards(extended: UInt8Array, inside: tuple[int, int, int, int]) -> UInt8Array:
    """`extended` (H, W, 3) as it is `inside`, and more and more blurred with the distance from there."""
    height, width = extended.shape[:2]
    unit = min(height, width)
    x0, y0, x1, y1 = inside
    x, y = np.arange(width), np.arange(height)
    beside = np.maximum(np.maximum(x0 - x, x - (x1 - 1)), 0)
    above = np.maximum(np.maximum(y0 - y, y - (y1 - 1)), 0)
    distance = np.hypot(beside[None], above[:, None]).astype(np.float32) / unit
    level = np.interp(distance, BLUR_AT, np.arange(len(BLURS))).astype(np.float32)
    out = np.zeros(extended.shape, np.float32)
    for i, radius in enumerate(BLURS):
        weight: Float32Array = np.clip(1 - np.abs(level - i), 0, 1)[..., None]
        out += weight * _blurred(extended, radius * unit)
    return np.asarray(np.rint(out), np.uint8)


def _blurred(picture: UInt8Array, sigma: float) -> NDArray[np.float32]:
    if sigma == 0:
        return picture.astype(np.float32)
    # Wide blurs are made small: nothing fine is left in them.
    step = max(1, int(sigma // 4))
    size = (max(2, picture.shape[1] // step), max(2, picture.shape[0] // step))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.GaussianBlur(small, (0, 0), sigma / step, borderType=cv2.BORDER_REFLECT)
    return np.asarray(cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32)
