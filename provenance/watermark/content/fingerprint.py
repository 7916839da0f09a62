"""Computes content fingerprints: what a frame shows, in a few bytes.

A mark that was lifted and laid over something else is found out, because the record keeps the fingerprints of
the marked video.

A frame in canonical pixels is averaged to 32 x 32 cells. Of each cell the fingerprint says whether it
is brighter than its surroundings; a record's fingerprint also says where that difference is clear, a received
file's where the canonical frame is in the picture at all. Only cells with both are compared. Nobody is
recognised from it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.carrier.pattern import PERIOD
from provenance.watermark.carrier.rectification import Geometry, mapped
from provenance.watermark.content.fingerprint_match import CELLS, FINGERPRINT_BYTES

Fingerprint = NDArray[np.uint8]  # (FINGERPRINT_BYTES,)

SURROUNDINGS = 3  # cells to a side; wider ones cannot tell two portraits before the same wall
CLEAR_SHARE = 0.5
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
    contrast = _contrast(luma, geometry)
    clear = np.abs(contrast) > np.quantile(np.abs(contrast), 1 - CLEAR_SHARE)
    return _packed(contrast > 0, clear)


def fingerprint_of_found(
    luma: NDArray[np.uint8], geometry: Geometry, held: NDArray[np.bool_] | None = None
) -> Fingerprint:
    """The fingerprint of a received frame under the geometry at which a mark was found in it.

    `held` (n, n), n a divisor of CELLS: the parts of the picture in which it was; all of them unless given.
    """
    ends = (np.arange(CELLS) + 0.5) * PERIOD / CELLS
    centres = np.stack(np.meshgrid(ends, ends), -1).reshape(-1, 2)
    place = mapped(centres, geometry)
    inside = (place > 2).all(1) & (place < np.array([luma.shape[1], luma.shape[0]]) - 2).all(1)
    counts = inside.reshape(CELLS, CELLS)
    if held is not None:
        part = CELLS // len(held)
        counts &= np.kron(held, np.ones((part, part), np.bool_))
    return _packed(_contrast(luma, geometry) > 0, counts)


def _contrast(luma: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.float32]:
    """(32, 32) how much brighter each cell is than its surroundings, in grey levels."""
    half = np.diag([2.0, 2.0, 1.0])  # half the canonical resolution is plenty
    side = PERIOD // 2
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    frame = cv2.warpPerspective(
        luma, geometry @ half, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    cells = cv2.resize(frame.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return np.asarray(cells - cv2.blur(cells, (SURROUNDINGS, SURROUNDINGS)), np.float32)


def _packed(brighter: NDArray[np.bool_], counts: NDArray[np.bool_]) -> Fingerprint:
    return np.concatenate([np.packbits(brighter), np.packbits(counts)]).reshape(FINGERPRINT_BYTES)
