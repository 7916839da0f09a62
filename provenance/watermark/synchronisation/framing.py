"""Finds the box of the picture within a frame that has bars, blurred borders or a screen window around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Box = tuple[int, int, int, int]  # left, top, right, bottom

SHARP = 2.0  # grey levels between neighbours
SHARE = 0.06  # of a row's or column's pixels that are sharp where a picture is
SMALLEST_SIDE = 160
SMALLEST_JUDGED = 320  # a side in pixels; of marks shown smaller, encoders leave too little
SMALL_SHARE = 0.2  # of the frame
PART = 0.4  # of the frame; detail that fills more of it is searched with all that is around it
STRAYS = 0.01  # of all sharp detail may lie beyond each end of what counts as the picture
PAGE_SHARE = 0.2  # of a page at least has the one level of its ground
OF_PAGE = 6.0  # grey levels about that
DENSE = 0.6  # of the pixels are of another level where a picture is; of lines of words hardly half
FILLED = 0.85  # of its box is so in a picture
LEAST_WORDS = 0.01  # of the frame, beside the picture
_STEP = 4  # pixels to a side of a place that is looked at
_REACH = 7  # places to a side
EDGE_REACH = 6  # pixels around the rough box in which its edge is looked for


def boxes_to_search(mean_picture: NDArray[np.float32]) -> list[Box]:
    """Where a picture may lie in the frame: one place, or two where it cannot be told."""
    height, width = mean_picture.shape
    on_page = picture_on_page(mean_picture)
    if on_page is not None:
        return [on_page, (0, 0, width, height)]
    box = picture_box(mean_picture)
    if box is None:
        return [(0, 0, width, height)]
    if is_window(mean_picture, box):
        return [box]
    left, top, right, bottom = box
    is_part = (right - left) * (bottom - top) < PART * width * height
    return [box, (0, 0, width, height)] if is_part else [(0, 0, width, height)]


def picture_box(mean_picture: NDArray[np.float32]) -> Box | None:
    """The box of a picture that does not fill the frame, or None when it fills it or none stands out."""
    height, width = mean_picture.shape
    down = np.abs(np.diff(mean_picture, axis=0))
    across = np.abs(np.diff(mean_picture, axis=1))
    sharp = (down[:, :-1] > SHARP) | (across[:-1] > SHARP)
    span_x = _span(sharp.mean(0))
    if span_x is None:
        return None
    span_y = _span(sharp[:, span_x[0] : span_x[1]].mean(1))
    if span_y is None:
        return None
    span_x = _span(sharp[span_y[0] : span_y[1]].mean(0)) or span_x
    left, right = _snapped(across[span_y[0] : span_y[1]].mean(0), span_x, width)
    if right - left < SMALLEST_SIDE:
        return None
    top, bottom = _snapped(down[:, left:right].mean(1), span_y, height)
    if bottom - top < SMALLEST_SIDE:
        return None
    if (right - left) * (bottom - top) > 0.94 * width * height:
        return None
    return left, top, right, bottom


def picture_on_page(mean_picture: NDArray[np.float32]) -> Box | None:
    """The box of the one picture on a page of words, or None where there is none or there are several.

    Words are sharp detail as well, but the page shows between them. A picture by itself, with bars or in a
    window, is no page: of that `picture_box` tells.
    """
    height, width = mean_picture.shape
    levels = np.bincount(np.clip(np.rint(mean_picture), 0, 255).astype(np.uint8).ravel(), minlength=256)
    page = int(levels.argmax())
    if levels[page] < PAGE_SHARE * mean_picture.size:
        return None
    other = (np.abs(mean_picture - page) > OF_PAGE).astype(np.float32)
    small = cv2.resize(other, (width // _STEP, height // _STEP), interpolation=cv2.INTER_AREA)
    dense = (cv2.blur(small, (_REACH, _REACH)) > DENSE).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(dense)
    large = [one for one in stats[1:count] if min(one[2], one[3]) * _STEP >= SMALLEST_SIDE]
    if len(large) != 1:
        return None
    left, top, across, down, area = (int(value) for value in large[0])
    words = float(small.sum()) - float(small[top : top + down, left : left + across].sum())
    if area < FILLED * across * down or words < LEAST_WORDS * small.size:
        return None
    steps_x = np.abs(np.diff(mean_picture[_STEP * top : _STEP * (top + down)], axis=1)).mean(0)
    steps_y = np.abs(np.diff(mean_picture[:, _STEP * left : _STEP * (left + across)], axis=0)).mean(1)
    begin, end = _snapped(steps_x, (_STEP * left, _STEP * (left + across)), width)
    first, last = _snapped(steps_y, (_STEP * top, _STEP * (top + down)), height)
    return begin, first, end, last


def is_window(mean_picture: NDArray[np.float32], box: Box) -> bool:
    """Whether straight steps run along those sides of the box that are not the frame's own.

    A face before a soft background is a box of sharp detail too, and the mark goes on around it.
    """
    left, top, right, bottom = box
    across = np.abs(np.diff(mean_picture[top:bottom], axis=1)).mean(0)
    down = np.abs(np.diff(mean_picture[:, left:right], axis=0)).mean(1)
    return all(
        _is_step(steps, end)
        for steps, ends in ((across, (left, right)), (down, (top, bottom)))
        for end in ends
        if 0 < end <= len(steps)
    )


def is_large_enough(mean_picture: NDArray[np.float32]) -> bool:
    """Whether what the frame shows is large enough that a mark on it would be found.

    All sharp detail in one small place of a large frame is what a window on a screen looks like, with or
    without an edge that can be seen: there an absent mark and one that an encoder took look the same.
    """
    height, width = mean_picture.shape
    down = np.maximum(np.abs(np.diff(mean_picture, axis=0)) - SHARP, 0).sum(1)
    across = np.maximum(np.abs(np.diff(mean_picture, axis=1)) - SHARP, 0).sum(0)
    sides = [_extent(across), _extent(down)]
    return min(sides) >= SMALLEST_JUDGED or sides[0] * sides[1] >= SMALL_SHARE * width * height


def _extent(detail: NDArray[np.floating]) -> int:
    """How many rows or columns hold all the detail but for strays; all of them where there is none at all."""
    if not detail.any():
        return len(detail)
    shares = np.cumsum(detail) / detail.sum()
    return int((shares < 1 - STRAYS).sum() - (shares < STRAYS).sum()) + 1


def _is_step(steps: NDArray[np.floating], end: int) -> bool:
    around = steps[max(0, end - 1 - EDGE_REACH) : end + EDGE_REACH]
    return bool(steps[end - 1] > 3 * np.median(around) and steps[end - 1] > SHARP)


def _span(shares: NDArray[np.floating]) -> tuple[int, int] | None:
    """The longest run of rows or columns that hold a picture, small gaps closed."""
    smooth = cv2.blur(shares.astype(np.float32).reshape(1, -1), (9, 1)).reshape(-1)
    held = np.concatenate([[False], smooth > SHARE, [False]])
    starts, ends = np.flatnonzero(held[1:] & ~held[:-1]), np.flatnonzero(~held[1:] & held[:-1])
    if len(starts) == 0:
        return None
    gaps = starts[1:] - ends[:-1] > 24
    starts, ends = starts[np.concatenate([[True], gaps])], ends[np.concatenate([gaps, [True]])]
    longest = int((ends - starts).argmax())
    return int(starts[longest]), int(ends[longest])


def _snapped(steps: NDArray[np.floating], span: tuple[int, int], size: int) -> tuple[int, int]:
    """The rough span moved to the strongest step near each end; the frame's own ends stay."""
    ends = []
    for end in span:
        if end <= EDGE_REACH or end >= size - EDGE_REACH:
            ends.append(0 if end <= EDGE_REACH else size)
            continue
        begin = end - EDGE_REACH
        ends.append(begin + int(steps[begin : end + EDGE_REACH].argmax()) + 1)
    return ends[0], ends[1]
