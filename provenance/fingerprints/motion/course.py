"""The best course through scores of rows: runs along diagonals, and Viterbi's choice among lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def best_runs(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """(K + T - 1,): the greatest sum of a run along each diagonal of (K, T) scores, from offset 1 - K on."""
    rows, columns = scores.shape
    running = np.zeros(rows + columns - 1, np.float32)
    best = np.zeros_like(running)
    for row in range(rows):
        here = slice(rows - 1 - row, rows - 1 - row + columns)
        running[here] = np.maximum(running[here] + scores[row], 0)
        np.maximum(best[here], running[here], out=best[here])
    return best


def best_run(scores: NDArray[np.float32]) -> tuple[float, slice]:
    """The greatest sum of a run of (T,) scores, and the rows of that run."""
    total = np.concatenate([[0.0], np.cumsum(scores)])
    end = int((total - np.minimum.accumulate(total)).argmax())
    start = int(total[: end + 1].argmin())
    return float(total[end] - total[start]), slice(start, end)


def course(scores: NDArray[np.float32], price: float) -> NDArray[np.intp]:
    """The states (T,) of the course with the greatest sum of (S, T) scores (Viterbi's algorithm).

    Each change of state costs `price`, but for those to state 0.
    """
    states, count = scores.shape
    total = np.full(states, -price)
    total[0] = 0.0
    total += scores[:, 0]
    back = np.zeros((count, states), np.intp)
    for row in range(1, count):
        best = int(total.argmax())
        switched = np.full(states, total[best] - price)
        switched[0] = total[best]
        stays = total >= switched
        back[row] = np.where(stays, np.arange(states), best)
        total = np.where(stays, total, switched) + scores[:, row]
    state = np.zeros(count, np.intp)
    state[-1] = int(total.argmax())
    for row in range(count - 1, 0, -1):
        state[row - 1] = back[row, state[row]]
    return state


def runs(state: NDArray[np.intp]) -> Iterator[tuple[int, int, int]]:
    """State, first row and end of each run of equal states in (T,)."""
    ends = np.flatnonzero(np.diff(state)) + 1
    for start, end in zip([0, *ends], [*ends, len(state)], strict=True):
        yield int(state[start]), int(start), int(end)
