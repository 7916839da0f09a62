"""Fades from one colour and to one, taken back: a picture that grows out of black moves as it would without.

While it fades, each row of levels is that of the picture times a gain, and a colour. Beside a fade the
picture is seen as it is, which tells the gain. Of rows in which hardly anything of it is left, nothing is
known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import scipy.ndimage
from numpy.typing import NDArray

from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion

_LEAST_CELLS: Final = 12  # that the file shows
_PLAIN: Final = 0.12  # of the usual spread of levels over the picture, below which it is one colour
_REACHED: Final = 0.97  # of the largest spread nearby, from which the picture has faded in
_MOST_ROWS: Final = round(3 * FOUND_RATE)  # of a fade
_LEAST_ROWS: Final = 3  # of a fade: what is there at once is a cut
_FIRST_GAIN: Final = 0.5  # of the row beside the colour, at most: else the picture is there at once
_ALIKE: Final = 0.9  # correlation of a faded row with the picture
_TOLD_GAIN: Final = 0.3  # from which a row is asked for it
_LONGEST_PLAIN: Final = round(0.5 * FOUND_RATE)  # rows of one colour that belong to a fade, and are no title


def without_fades(found: FoundMotion) -> FoundMotion:
    """The same with fades taken back. Rows in which nothing can be seen of the picture count as not seen, but
    not the rows of a title of one colour.
    """
    shown = found.levels[:, found.is_inside]
    if shown.shape[1] < _LEAST_CELLS or len(found) < _LEAST_ROWS:
        return found
    spread = shown.std(axis=1)
    is_plain = spread < _PLAIN * float(np.quantile(spread, 0.75))
    levels, is_seen = found.levels.copy(), found.is_seen.copy()
    labels, count = scipy.ndimage.label(is_plain)
    for number in range(1, count + 1):
        plain = np.flatnonzero(labels == number)
        faded = [fade for step in (1, -1) for fade in _fades(shown, spread, is_plain, plain, step)]
        for rows, gains, light in faded:
            means = shown[rows].mean(axis=1, keepdims=True)
            levels[rows] = (found.levels[rows] - means) / gains[:, None] + light
        if faded and len(plain) <= _LONGEST_PLAIN:
            is_seen[plain] = False
    return replace(found, levels=levels, is_seen=is_seen)


def _fades(
    shown: NDArray[np.float32],
    spread: NDArray[np.float32],
    is_plain: NDArray[np.bool_],
    plain: NDArray[np.intp],
    step: int,
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float32], float]]:
    """The fade behind (1) or before (-1) rows of one colour, if there is one: its rows, the gain of each, and
    the mean level of the picture beside it.
    """
    start = int(plain[-1] if step > 0 else plain[0]) + step
    rows = np.arange(start, start + step * _MOST_ROWS, step)
    rows = rows[(rows >= 0) & (rows < len(spread))]
    again = np.flatnonzero(is_plain[rows])
    rows = rows[: again[0]] if len(again) else rows
    if len(rows) <= _LEAST_ROWS:
        return
    reached = int(np.argmax(spread[rows] >= _REACHED * spread[rows].max()))
    fading, picture = rows[:reached], shown[rows[reached]]
    if len(fading) < _LEAST_ROWS:
        return
    about = picture - picture.mean()
    beside = shown[fading] - shown[fading].mean(axis=1, keepdims=True)
    gains = beside @ about / float(about @ about)
    alike = gains * float(np.sqrt(about @ about)) / np.sqrt(np.square(beside).sum(axis=1))
    if gains[0] > _FIRST_GAIN or (gains <= 0).any() or (alike[gains >= _TOLD_GAIN] < _ALIKE).any():
        return
    yield fading, np.asarray(gains, np.float32), float(picture.mean())
