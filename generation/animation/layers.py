"""The still parts of a portrait: who is in front, and what the picture looks like behind them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.camera import FRAME
from generation.animation.portrait_crop import MARGIN

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

WORKING = 320  # pixels at which the plate's smooth part is made: what it hides is soft anyway


def background_plate(canvas: Bytes, matte: Floats) -> Bytes:
    """The picture with the person taken out: colours flow in from around, with the background's own grain.

    `canvas` (S, S, 3), `matte` (S, S) in 0..1. Where the matte is 0 the plate equals the canvas.
    """
    size = canvas.shape[0]
    small = cv2.resize(canvas, (WORKING, WORKING), interpolation=cv2.INTER_AREA).astype(np.float32)
    hidden = cv2.resize(matte, (WORKING, WORKING), interpolation=cv2.INTER_AREA)
    hidden = cv2.dilate(hidden, np.ones((5, 5), np.uint8))
    known = (hidden < 0.02).astype(np.float32)
    if known.sum() < 50:
        return canvas.copy()
    filled = _poured(small, known)
    smooth = cv2.resize(filled, (size, size), interpolation=cv2.INTER_CUBIC)
    grain = _grain(canvas, matte)
    hole = cv2.GaussianBlur(np.clip(matte * 50, 0, 1), (0, 0), size / 400)
    hole = np.maximum(hole, matte > 0)[..., None]
    plate = np.where(matte[..., None] > 0, smooth + grain, canvas)
    plate = canvas * (1 - hole) + plate * hole
    return np.clip(np.rint(plate), 0, 255).astype(np.uint8)


def _poured(picture: Floats, known: Floats) -> Floats:
    """Fill where `known` is 0 by pushing averages up a pyramid and pulling them down again."""
    if min(known.shape) <= 2:
        mean = (picture * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-6)
        return picture * known[..., None] + mean * (1 - known[..., None])
    half = (max(1, (known.shape[1] + 1) // 2), max(1, (known.shape[0] + 1) // 2))
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(picture * known[..., None], half, interpolation=cv2.INTER_AREA)
    below = _poured(colour / np.maximum(weight, 1e-6)[..., None], np.minimum(weight * 4, 1.0))
    wide = cv2.resize(below, (known.shape[1], known.shape[0]), interpolation=cv2.INTER_LINEAR)
    wide = cv2.GaussianBlur(wide, (0, 0), 1.0)
    return np.asarray(picture * known[..., None] + wide * (1 - known[..., None]), np.float32)


def _grain(canvas: Bytes, matte: Floats) -> Floats:
    """Fine texture of the background (weave, noise), mirrored into where the person stands."""
    picture = canvas.astype(np.float32)
    fine = picture - cv2.GaussianBlur(picture, (0, 0), canvas.shape[0] / 250)
    background = matte < 0.01
    if not background.any():
        return np.zeros_like(picture)
    limit = 2.0 * np.median(np.abs(fine[background])) + 0.5
    tile = np.where(background[..., None], np.clip(fine, -limit, limit), np.nan)
    found = np.where(np.isnan(tile), tile[:, ::-1], tile)
    found = np.where(np.isnan(found), tile[::-1, ::-1], found)
    return np.asarray(np.nan_to_num(found, nan=0.0), np.float32)


@dataclass(frozen=True, eq=False)
class SizedLayers:
    """The layers at one output size: `neutral` (S, S, 3) is the frame itself, `plate` the same without the person,
    `person` (M, M, 4) the person with margin, colour already multiplied by alpha."""

    neutral: Bytes
    plate: Bytes
    person: Bytes
    canvas: Bytes
    margin: int


def sized_layers(canvas: Bytes, matte: Floats, plate: Bytes, size: int) -> SizedLayers:
    """Bring the layers to an output of `size` pixels a side, so that person over plate is the neutral frame again."""
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
    # Where no foreground colour explains the picture, the plate gives way, not the picture.
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
    """Pixels of a canvas of `size` for one frame unit."""
    return size / (FRAME * (1 + 2 * MARGIN))
