"""Borders: bars of one colour around a picture, as screens, scanners and video players leave them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EVEN = 6  # levels up to which a row counts as of one colour
OTHER = 24  # levels from which the picture behind a border differs from it
MIN_SHARE_OTHER = 0.5  # of the first row behind a border; a plain background ends in a few columns only
MIN_BORDER_PX = 2


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
    colour = np.median(rows[0], axis=0)
    count = 0
    while count < len(rows) // 2 and np.abs(rows[count] - colour).max() <= EVEN:
        count += 1
    if count < MIN_BORDER_PX or count >= len(rows) // 2:
        return 0
    # One row may be half border and half picture, where a picture was scaled.
    behind = np.abs(rows[min(count + 1, len(rows) - 1)] - colour).max(axis=-1)
    return count + 1 if float((behind >= OTHER).mean()) >= MIN_SHARE_OTHER else 0
