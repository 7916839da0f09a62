"""Layers of a portrait: the person's matte, the inpainted background plate, and both at an output size."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array, greatest_channel
from generation.animation.geometry.camera import FRAME
from generation.animation.portrait.portrait_crop import MARGIN

WORKING = 320  # pixels a side at which the low frequencies of the plate are inpainted
PERSON_THRESHOLD = 0.02  # matte above which a pixel counts as person
DETAIL = 0.02  # of the canvas's side: what is finer than this counts as detail
BLUR_SIGMA = 5.0  # pixels of a reduced picture by which it is blurred
BAND = 0.022  # of the canvas's side: width of the band around the matte that is searched for missed hair


def inpaint_person(canvas: UInt8Array, matte: Float32Array) -> tuple[Float32Array, UInt8Array]:
    """Inpaint the background behind the person: a completed matte (S, S) and the plate (S, S, 3).

    `canvas` is (S, S, 3) uint8, `matte` (S, S) the network's, 0..1. In a band around the person, pixels that
    differ from the inpainted background (hair that the network missed) are added to the matte."""
    size = canvas.shape[0]
    person = (matte > PERSON_THRESHOLD).astype(np.uint8)
    radius = max(2, round(BAND * size))
    away = cv2.distanceTransform(1 - person, cv2.DIST_L2, 5)
    hidden = away < radius
    small = cv2.resize(canvas, (WORKING, WORKING), interpolation=cv2.INTER_AREA).astype(np.float32)
    known = cv2.resize(hidden.astype(np.float32), (WORKING, WORKING), interpolation=cv2.INTER_AREA) < 0.01
    if known.sum() < 50:
        return np.ones_like(matte), canvas.copy()
    smooth = cv2.resize(
        _inpaint(small, known.astype(np.float32)), (size, size), interpolation=cv2.INTER_CUBIC
    )
    if not hidden.any():
        return matte.copy(), canvas.copy()
    picture = canvas.astype(np.float32)
    roughness = background_roughness(picture, ~hidden)
    # Beyond the band the plate is the picture itself.
    rows, columns = (slice(*_span(hidden.any(axis))) for axis in (1, 0))
    detail = _mirrored_detail(picture, ~hidden, rows, columns)
    picture = picture[rows, columns]
    filled = np.clip(smooth[rows, columns] + detail, 0, 255)
    # Blend plate and picture over the outer half of the band, to avoid an edge.
    join = np.clip(2 - 2 * away[rows, columns] / radius, 0, 1)[..., None]
    plate = picture * (1 - join) + filled * join

    darker = 1 - picture / np.maximum(plate, 1)
    lighter = (picture - plate) / np.maximum(255 - plate, 1)
    needed = greatest_channel(np.maximum(darker, lighter))
    floor = min(0.02 + 3 * roughness / 255, 0.35)
    found = np.clip((needed - 0.6 * floor) / (0.8 * floor), 0, 1)
    missed = np.zeros_like(matte)
    missed[rows, columns] = np.clip(needed, 0, 1) * found * found * (3 - 2 * found) * join[..., 0]
    complete = np.maximum(matte, cv2.GaussianBlur(missed, (0, 0), size / 1200) * (matte < 0.98))
    whole = canvas.copy()
    whole[rows, columns] = np.rint(np.clip(plate, 0, 255)).astype(np.uint8)
    return np.asarray(np.clip(complete, 0, 1), np.float32), whole


def _span(is_in: NDArray[np.bool_]) -> tuple[int, int]:
    """The first of `is_in` (N,), and where the last ends; nothing where there is none."""
    inside = np.flatnonzero(is_in)
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)


def _inpaint(picture: Float32Array, known: Float32Array) -> Float32Array:
    """Inpaint `picture` (h, w, 3) where `known` (h, w) is 0, by push-pull on an image pyramid (Gortler et al.
    1996)."""
    if min(known.shape) <= 2:
        mean = (picture * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-6)
        return np.asarray(picture * known[..., None] + mean * (1 - known[..., None]), np.float32)
    half = (max(1, (known.shape[1] + 1) // 2), max(1, (known.shape[0] + 1) // 2))
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(picture * known[..., None], half, interpolation=cv2.INTER_AREA)
    below = _inpaint(colour / np.maximum(weight, 1e-6)[..., None], np.minimum(weight * 4, 1.0))
    wide = cv2.resize(below, (known.shape[1], known.shape[0]), interpolation=cv2.INTER_LINEAR)
    wide = cv2.GaussianBlur(wide, (0, 0), 1.0)
    return np.asarray(picture * known[..., None] + wide * (1 - known[..., None]), np.float32)


def _mirrored_detail(
    picture: Float32Array, known: NDArray[np.bool_], rows: slice, columns: slice
) -> Float32Array:
    """High frequencies of the background behind the person, of these `rows` and `columns` of the canvas: a
    mirror image across the matte's edge."""
    weight = known.astype(np.float32)
    sigma = picture.shape[0] * DETAIL
    near = _wide_blur(weight, sigma)
    smooth = _wide_blur(picture * weight[..., None], sigma) / np.maximum(near, 1e-3)[..., None]
    detail = (picture - smooth) * weight[..., None]
    depth, labels = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    edge = np.zeros(labels.max() + 1, np.int32)
    at = np.flatnonzero(known)
    edge[labels.ravel()[at]] = at
    edge_y, edge_x = np.divmod(edge, picture.shape[1])
    labels = labels[rows, columns]
    xs, ys = np.arange(columns.start, columns.stop), np.arange(rows.start, rows.stop)[:, None]
    across_x, across_y = (2 * edge_x[labels] - xs, 2 * edge_y[labels] - ys)
    mirrored = cv2.remap(
        detail,
        across_x.astype(np.float32),
        across_y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    # Faded out far inside, where mirror images of different edges would meet in seams and nothing is visible.
    fade = np.exp(-((depth[rows, columns] / (picture.shape[0] * 0.14)) ** 2))
    return np.asarray(mirrored * fade[..., None], np.float32)


def _wide_blur(picture: Float32Array, sigma: float) -> Float32Array:
    """A Gaussian blur by many pixels, on a picture reduced so far that it hardly differs from the whole's."""
    times = max(int(sigma / BLUR_SIGMA), 1)
    size = (picture.shape[1], picture.shape[0])
    small = cv2.resize(picture, (-(-size[0] // times), -(-size[1] // times)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), sigma * small.shape[0] / picture.shape[0])
    return np.asarray(cv2.resize(blurred, size, interpolation=cv2.INTER_CUBIC), np.float32)


def background_roughness(picture: Float32Array, background: NDArray[np.bool_]) -> float:
    """Median amplitude of the background's finest texture (canvas weave, noise), in the levels of `picture`
    (S, S) or (S, S, 3)."""
    at = np.flatnonzero(background)[::7]
    if not len(at):
        return 0.0
    blurred = cv2.GaussianBlur(picture, (0, 0), picture.shape[0] / 250)
    seen, smooth = (values.reshape(background.size, -1)[at] for values in (picture, blurred))
    return float(np.median(np.abs(seen - smooth)))


@dataclass(frozen=True, eq=False)
class SizedLayers:
    """The layers at one output size: `neutral` (S, S, 3) is the frame itself, `plate` (S, S, 3) the
    background, `person` (M, M, 4) the person with margin, premultiplied alpha, `canvas` (M, M, 3) the whole
    picture with margin, `margin` its width in pixels."""

    neutral: UInt8Array
    plate: UInt8Array
    person: UInt8Array
    canvas: UInt8Array
    margin: int


def sized_layers(canvas: UInt8Array, matte: Float32Array, plate: UInt8Array, size: int) -> SizedLayers:
    """Scale the layers to `size` pixels a side, such that person over plate gives the neutral frame
    exactly."""
    margin = round(size * MARGIN)
    total = size + 2 * margin
    # Both canvases hold the frame and MARGIN of it on each side, to within a fraction of a pixel.
    interpolation = cv2.INTER_AREA if total <= canvas.shape[0] else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(canvas, (total, total), interpolation=interpolation), np.uint8)
    alpha = np.clip(cv2.resize(matte, (total, total), interpolation=cv2.INTER_AREA), 0, 1)
    alpha8 = np.rint(alpha * 255)
    behind = cv2.resize(plate, (total, total), interpolation=interpolation).astype(np.float32)
    rest = (255 - alpha8)[..., None] / 255
    premultiplied = np.clip(np.rint(scaled - behind * rest), 0, alpha8[..., None])
    # Where no foreground colour 0..alpha reproduces the picture, the plate is changed, not the picture.
    explained = (scaled - premultiplied) / np.maximum(rest, 1e-3)
    behind = np.where((rest > 0.1) & (alpha8[..., None] > 0), np.clip(explained, 0, 255), behind)
    behind = np.where(alpha8[..., None] == 0, scaled, behind)
    inner = slice(margin, margin + size)
    person = np.dstack([premultiplied, alpha8]).astype(np.uint8)
    return SizedLayers(
        neutral=np.ascontiguousarray(scaled[inner, inner]),
        plate=np.ascontiguousarray(np.rint(behind[inner, inner]).astype(np.uint8)),
        person=np.ascontiguousarray(person),
        canvas=scaled,
        margin=margin,
    )


def matte_units(size: int) -> float:
    """Pixels per frame unit on a canvas of `size` pixels a side."""
    return size / (FRAME * (1 + 2 * MARGIN))
