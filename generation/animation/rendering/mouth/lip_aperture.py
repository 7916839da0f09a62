"""Lip aperture: the outline of the opening between parted lips, and the shading of their inner sides."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, UInt8Array
from generation.animation.geometry.smoothstep import smoothstep
from generation.animation.rendering.mouth.lip_gap import LipGap

EDGE_SMOOTHING = 0.03  # of the aperture's width, standard deviation
COVER = (1.8, 0.7)  # pixels outside of the edges at which the layer starts, and is opaque
SAMPLE = 2.4  # frame units outside of the edges at which the lips' own colour is sampled
ALONG = 3.0  # frame units over which that colour is averaged
UPPER_ROLL, LOWER_ROLL = 0.005, 0.008  # head widths of inner lip that are visible below and above the edges
UPPER_SHARE, LOWER_SHARE = 0.08, 0.10  # of the aperture's height, their limits
UPPER_DARK, LOWER_DARK = 0.58, 0.36  # darkening of the inner lip at its inner end
SEAM = (0.15, 0.22, 0.26, 0.22, 0.15)  # weights of the rows that are averaged across the seam of closed lips
WET = 0.10  # strength of the specular line along the lower lip


@dataclass(frozen=True, eq=False)
class LipAperture:
    """The aperture in a box of pixels: y (w,) of its smooth edges `upper`, `lower` and of the skin's own
    edges, distances (h, w) in pixels inwards from the smooth ones (`below` the upper lip, `above` the lower),
    and the y of each row, `rows` (h, 1)."""

    upper: Float32Array
    lower: Float32Array
    skin_upper: Float32Array
    skin_lower: Float32Array
    below: Float32Array
    above: Float32Array
    rows: Float32Array

    @property
    def height(self) -> Float32Array:
        """Height (w,) of the aperture in pixels."""
        return np.asarray(np.maximum(self.lower - self.upper, 0), np.float32)


def find_aperture(
    upper: NDArray[np.floating], lower: NDArray[np.floating], skin: NDArray[np.bool_], samples: int
) -> LipAperture:
    """The aperture between edges `upper`, `lower` (w,), which start and end at the mouth's corners, minus the
    lip skin in front of it, the mask `skin` (h * samples, w * samples)."""
    h, w = skin.shape[0] // samples, len(upper)
    middle = (upper + lower) / 2
    at = (np.arange(h * samples, dtype=np.float32)[:, None] + 0.5) / samples - 0.5
    half = 0.5 / samples
    # The aperture's corners are where the lips meet; skin counts from the column's middle outwards.
    covered = skin.reshape(h * samples, w, samples).mean(2) > 0.5
    over = np.where(covered & (at <= middle), at + half, -1e3).max(0)
    under = np.where(covered & (at >= middle), at - half, 1e3).min(0)
    shut = covered[
        np.clip(np.rint((middle + 0.5) * samples - 0.5), 0, h * samples - 1).astype(int), np.arange(w)
    ]
    skin_upper = np.where(shut, middle, np.maximum(upper, over))
    skin_lower = np.where(shut, middle, np.minimum(lower, under))
    sigma = max(EDGE_SMOOTHING * w, 0.6)
    top, bottom = _smooth_edge(skin_upper, sigma), _smooth_edge(skin_lower, sigma)
    crossed = bottom < top
    both = (top + bottom) / 2
    top, bottom = np.where(crossed, both, top), np.where(crossed, both, bottom)
    rows = np.arange(h, dtype=np.float32)[:, None]
    return LipAperture(
        upper=top.astype(np.float32),
        lower=bottom.astype(np.float32),
        skin_upper=np.minimum(skin_upper, top).astype(np.float32),
        skin_lower=np.maximum(skin_lower, bottom).astype(np.float32),
        below=((rows - top) / _slant(top)).astype(np.float32),
        above=((bottom - rows) / _slant(bottom)).astype(np.float32),
        rows=rows,
    )


def _smooth_edge(edge: NDArray[np.floating], sigma: float) -> NDArray[np.floating]:
    """A curve (w,) smoothed by a Gaussian of `sigma` pixels; its end points are kept."""
    chord = np.linspace(edge[0], edge[-1], len(edge))
    off = edge - chord
    pad = len(edge) - 1
    whole = np.concatenate([-off[pad:0:-1], off, -off[-2 : -pad - 2 : -1]])
    smooth = cv2.GaussianBlur(whole[None].astype(np.float64), (0, 0), sigma)[0]
    return np.asarray(chord + smooth[pad : pad + len(edge)])


def _slant(edge: NDArray[np.floating]) -> NDArray[np.floating]:
    """The ratio (w,) of the vertical distance from a curve to the perpendicular distance."""
    return np.asarray(np.sqrt(1 + np.minimum(np.gradient(edge) ** 2, 9.0)))


def paint_aperture(
    aperture: LipAperture,
    under: UInt8Array,
    inside: Float32Array,
    scale: float,
    head_width: float,
    *,
    darkening: Float32Array,
) -> tuple[Float32Array, Float32Array]:
    """Colour (h, w, 3) and alpha (h, w, 1) of the aperture: `inside` (h, w, 3) framed by the shaded inner
    lips.

    `under` (h, w, 3) is the frame, from which the lips' colour is sampled; `scale` is pixels per frame unit,
    `head_width` in pixels; `darkening` (3,) are the exponents of brightness on flesh."""
    lip_above = _lip_colour(under, aperture.skin_upper - SAMPLE * scale, scale)
    lip_below = _lip_colour(under, aperture.skin_lower + SAMPLE * scale, scale)
    gap = aperture.height
    thick_above = np.maximum(np.minimum(UPPER_ROLL * head_width, UPPER_SHARE * gap), 0.7)
    thick_below = np.maximum(np.minimum(LOWER_ROLL * head_width, LOWER_SHARE * gap), 0.7)
    t_above, t_below = aperture.below / thick_above, aperture.above / thick_below
    colour = inside
    for lip, t, dark, wet in ((lip_above, t_above, UPPER_DARK, 0.0), (lip_below, t_below, LOWER_DARK, WET)):
        light = (1 - dark * smoothstep(-0.3, 1.2, t))[..., None] ** darkening
        moist = wet * np.exp(-(((t - 0.35) / 0.2) ** 2)) * smoothstep(2.0, 6.0, gap)
        share = (1 - smoothstep(0.45, 1.2, t))[..., None]
        colour = colour + share * (lip * light + (moist * 120)[..., None] - colour)
    begin, full = COVER
    cover = smoothstep(-begin, -full, aperture.rows - aperture.skin_upper) * smoothstep(
        -begin, -full, aperture.skin_lower - aperture.rows
    )
    cover = cover * smoothstep(0.15, 1.0, gap)
    return colour.astype(np.float32), cover[..., None].astype(np.float32)


def soften_seam(frame: UInt8Array, lip_gap: LipGap, strength: NDArray[np.floating]) -> None:
    """Average `frame` (H, W, 3), in place, across the line along which closed lips meet, with
    `strength` (COLUMNS,) 0..1.

    There the texture jumps from one lip to the other, and would show the steps of the pixels."""
    x = np.arange(int(np.ceil(lip_gap.x[0])), int(lip_gap.x[-1]) + 1)
    reach = len(SEAM) // 2
    middle = np.rint(np.interp(x, lip_gap.x, (lip_gap.upper + lip_gap.lower) / 2)).astype(int)
    inside = (x >= 0) & (x < frame.shape[1]) & (middle > 2 * reach) & (middle < len(frame) - 2 * reach - 1)
    x, middle = x[inside], middle[inside]
    band = frame[middle + np.arange(-2 * reach, 2 * reach + 1)[:, None], x].astype(np.float32)
    even = sum(weight * band[i : i + 2 * reach + 1] for i, weight in enumerate(SEAM))
    share = np.interp(x, lip_gap.x, strength).astype(np.float32)[None, :, None]
    mixed = band[reach:-reach] * (1 - share) + even * share
    frame[middle + np.arange(-reach, reach + 1)[:, None], x] = np.rint(mixed).astype(np.uint8)


def _lip_colour(under: UInt8Array, rows: Float32Array, scale: float) -> Float32Array:
    """The lip's colour (w, 3) at y `rows` (w,), averaged along the lip."""
    x = np.arange(len(rows), dtype=np.float32)[None]
    found = sum(
        cv2.remap(
            under,
            x,
            (rows + d * scale).astype(np.float32)[None],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)
        for d in (-0.7, 0.7)
    )
    even = cv2.GaussianBlur(found / 2, (0, 0), ALONG * scale, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(even[0], np.float32)
