"""Computes content fingerprints: what a frame shows, in a few bytes.

A mark that was lifted and laid over something else is found out, because the record keeps the fingerprints of
the marked video.

A frame in canonical pixels is averaged to 32 x 32 cells. Of each cell the fingerprint says whether it
is brighter than its surroundings; a record's fingerprint also says where that difference is clear, a received
file's where the canonical frame is in the picture at all, how great the difference is among all cells,
where the mark was seen, and which way brightness changes. Only cells with both are compared. Nobody is
recognised from it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD
from provenance.watermark.carrier.rectification import Geometry, mapped
from provenance.watermark.content.fingerprint_match import (
    CELLS,
    FINGERPRINT_BYTES,
    FOUND_BYTES,
    RANKS,
    ways,
)

Fingerprint = NDArray[np.uint8]  # (FINGERPRINT_BYTES,) of a record, (FOUND_BYTES,) of a found frame

SURROUNDINGS = 3  # cells to a side; wider ones cannot tell two portraits before the same wall
CLEAR_SHARE = 0.5
SAMPLES = 4  # to a cell's side, at which a received frame is averaged
_LINE_STEP = 4.0  # grey levels to a sample, below which noise says which way brightness changes
_LINES_AROUND = 5  # cells to a side, as strongly as in which each way counts
_LONGEST = 2.0  # times as strong: a way counts for no more
LEAST_BEYOND = 16  # a frame that is longer by this part of its shorter side is wide or tall


def fingerprints_of_marked(luma: NDArray[np.uint8]) -> list[Fingerprint]:
    """The fingerprints of a frame as it was marked, (H, W) uint8, for the record.

    One of the square at its top left; of a wide or tall frame another of the square that follows, because a
    mark that is read in a part of such a picture may be about either.
    """
    height, width = luma.shape
    places = [(0, 0)]
    if max(height, width) - min(height, width) >= min(height, width) / LEAST_BEYOND:
        places.append((1, 0) if width > height else (0, 1))
    return [fingerprint_of_marked(luma, place) for place in places]


def fingerprint_of_marked(luma: NDArray[np.uint8], place: tuple[int, int] = (0, 0)) -> Fingerprint:
    """The fingerprint of a square of a frame as it was marked, (H, W) uint8, as long as its shorter side: the
    `place` is its column and row.
    """
    height, width = luma.shape
    scale = min(height, width) / PERIOD
    start_x, start_y = np.array(place) * min(height, width)
    geometry = np.array([[scale, 0, start_x], [0, scale, start_y], [0, 0, 1.0]])
    contrast = _contrast(_straightened(luma, geometry))
    clear = np.abs(contrast) > np.quantile(np.abs(contrast), 1 - CLEAR_SHARE)
    return _packed(contrast > 0, clear)


def fingerprint_of_found(
    luma: NDArray[np.uint8],
    geometry: Geometry,
    held: NDArray[np.bool_] | None = None,
    marked: NDArray[np.bool_] | None = None,
) -> Fingerprint:
    """The fingerprint of a received frame under the geometry at which a mark was found in it.

    `held` (n, n), n a divisor of CELLS: the parts of the picture in which it was; all of them unless given.
    `marked` likewise: the parts in which nothing was laid over it.
    """
    counts = cells_inside(luma.shape, geometry) & _in_cells(held)
    frame = _straightened(*_evened(luma, geometry))
    contrast = _contrast(frame)
    ranks = _ranks(np.abs(contrast), counts)
    planes = [contrast > 0, counts, ranks >= RANKS // 2, ranks % 2 == 1, _in_cells(marked)]
    packed = [*(np.packbits(one) for one in planes), _ways(frame).view(np.uint8).ravel()]
    return np.concatenate(packed).reshape(FOUND_BYTES)


def cells_inside(shape: tuple[int, ...], geometry: Geometry) -> NDArray[np.bool_]:
    """(CELLS, CELLS): the cells of a canonical frame whose middles lie in a picture of (height, width)."""
    ends = (np.arange(CELLS) + 0.5) * PERIOD / CELLS
    centres = np.stack(np.meshgrid(ends, ends), -1).reshape(-1, 2)
    place = mapped(centres, geometry)
    inside = (place > 2).all(1) & (place < np.array([shape[1], shape[0]]) - 2).all(1)
    return np.asarray(inside.reshape(CELLS, CELLS), np.bool_)


def _in_cells(parts: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    """(CELLS, CELLS) of (n, n) parts; all of them without any."""
    if parts is None:
        return np.ones((CELLS, CELLS), np.bool_)
    part = CELLS // len(parts)
    return np.kron(parts, np.ones((part, part), np.bool_))


def _ranks(values: NDArray[np.float32], counts: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(CELLS, CELLS) 0 to RANKS - 1: into which part of all values that count each falls."""
    if not counts.any():
        return np.zeros(values.shape, np.intp)
    bounds = np.quantile(values[counts], np.arange(1, RANKS) / RANKS)
    return np.searchsorted(bounds, values.ravel()).reshape(values.shape)


def _evened(luma: NDArray[np.uint8], geometry: Geometry) -> tuple[NDArray[np.uint8], Geometry]:
    """A frame of which squares of a few pixels are averaged, and the geometry in it.

    A dithered picture has its grey in the mean of many pixels only; sampled, it shows its dots.
    """
    reach = PERIOD / CELLS / SAMPLES
    width = float(np.sqrt(abs(np.linalg.det(geometry[:2, :2]))) * reach)  # of a square, in pixels
    halvings = max(0, int(np.log2(max(width, 1.0))))
    step = 1 << halvings
    height, across = (side // step * step for side in luma.shape)
    if not halvings or min(height, across) < CELLS * step:
        return luma, geometry
    even = luma[:height, :across]
    for _ in range(halvings):  # faster than all at once
        even = np.asarray(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    middle = (step - 1) / 2 / step
    to_even = np.array([[1 / step, 0, -middle], [0, 1 / step, -middle], [0, 0, 1.0]])
    return even, to_even @ geometry


def _straightened(luma: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.uint8]:
    """The canonical frame at half its resolution, which is plenty."""
    half = np.diag([2.0, 2.0, 1.0])
    side = PERIOD // 2
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frame = cv2.warpPerspective(
        luma, geometry @ half, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(frame, np.uint8)


def _contrast(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(32, 32) how much brighter each cell is than its surroundings, in grey levels."""
    cells = cv2.resize(frame.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return np.asarray(cells - cv2.blur(cells, (SURROUNDINGS, SURROUNDINGS)), np.float32)


def _ways(frame: NDArray[np.uint8]) -> NDArray[np.int8]:
    """(2, 32, 32): which way brightness changes in each cell, the mean of its samples' ways, so long
    that faint lines count about as much as strong ones.
    """
    fine = cv2.resize(frame, (CELLS * SAMPLES, CELLS * SAMPLES), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(fine.astype(np.float32), (0, 0), 0.8)  # samples
    to_right, downwards = (
        np.asarray(cv2.Sobel(soft, cv2.CV_32F, *one, scale=0.25), np.float32) for one in ((1, 0), (0, 1))
    )
    samples = ways(to_right, downwards, _LINE_STEP)
    length = cv2.resize(np.hypot(*samples), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    near = cv2.blur(length, (_LINES_AROUND, _LINES_AROUND))
    even = np.sqrt(near * length + _LINE_STEP**-2) + float(length.mean()) / 10
    ways_of_cells = [cv2.resize(one, (CELLS, CELLS), interpolation=cv2.INTER_AREA) / even for one in samples]
    return np.asarray(np.rint(np.clip(np.stack(ways_of_cells) / _LONGEST, -1, 1) * 127), np.int8)


def _packed(brighter: NDArray[np.bool_], counts: NDArray[np.bool_]) -> Fingerprint:
    return np.concatenate([np.packbits(brighter), np.packbits(counts)]).reshape(FINGERPRINT_BYTES)
