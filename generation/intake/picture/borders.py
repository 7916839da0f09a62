"""Borders: bars of one colour around a picture, as screens, scanners and video players leave them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EVEN = (
    14  # levels up to which a pixel counts as of a border's colour: noise, and what compression leaves of it
)
MOST_UNEVEN = 0.02  # of a border's row: dust, scratches, the ringing of compression
OTHER = 24  # levels from which the picture behind a border differs from it
MIN_SHARE_OTHER = 0.5  # of the first row behind a border; a plain background ends in a few columns only
SOFT_PX = 10  # in which a border may go over into the picture: scaling, and the blocks of compression
MIN_BORDER_PX = 2
ROWS_AT_ONCE = 64


def content_box(image: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what lies inside of even borders of (H, W, 3) uint8 RGB."""
    left, top, right, bottom = 0, 0, image.shape[1], image.shape[0]
    for _ in range(2):  # rows again once columns are off: corners belong to both
        top, bottom = _inside(image[:, left:right], top, bottom)
        columns = image[top:bottom].transpose(1, 0, 2)
        left, right = _inside(columns, left, right)
    return left, top, right, bottom


def _inside(rows: NDArray[np.uint8], first: int, last: int) -> tuple[int, int]:
    """First and last (exclusive) row inside of the borders, which take at most half of the rows."""
    before = _border(rows[first:last])
    after = _border(rows[first:last][::-1])
    if before + after > (last - first) // 2:
        return first, last
    return first + before, last - after


def _border(rows: NDArray[np.uint8]) -> int:
    """How many of the first rows are a border; 0 for none."""
    colour = np.rint(np.median(rows[0], axis=0)).astype(np.int16)
    half = len(rows) // 2
    count = half
    for start in range(0, half, ROWS_AT_ONCE):
        uneven = _share_from(rows[start : min(start + ROWS_AT_ONCE, half)], colour, EVEN + 1) > MOST_UNEVEN
        if uneven.any():
            count = start + int(uneven.argmax())
            break
    if count < MIN_BORDER_PX or count >= half:
        return 0
    is_other = _share_from(rows[count : count + SOFT_PX], colour, OTHER) >= MIN_SHARE_OTHER
    # The first one that is other may be half border and half picture.
    return count + int(is_other.argmax()) + 1 if is_other.any() else 0


def _share_from(rows: NDArray[np.uint8], colour: NDArray[np.int16], levels: int) -> NDArray[np.float64]:
    """The part of each row's pixels that differ from the colour by so many levels or more, 0..1."""
    red, green, blue = (np.abs(rows[..., i].astype(np.int16) - colour[i]) >= levels for i in range(3))
    return np.asarray((red | green | blue).mean(axis=1), np.float64)
