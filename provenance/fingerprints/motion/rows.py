"""Rows of motion: by how much each cell of a picture changes from one row to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

QUIET: Final = 0.2  # of the mean energy of a row, below which a row counts for little
_AGREEMENT = 0.5  # where two changes agree by as much, a row counts for nothing


@dataclass(frozen=True, eq=False)
class MovingRows:
    """Changes from row to row, (T, n), with what each cell usually changes by as the unit, and a weight for
    each row: 0 where it was not seen."""

    changes: NDArray[np.float32]
    weights: NDArray[np.float32]

    @property
    def energy(self) -> NDArray[np.float32]:
        return np.asarray(np.square(self.changes).sum(axis=1) * self.weights, np.float32)

    def agreements(self, found: MovingRows) -> NDArray[np.float32]:
        """(K, T): the agreement of each found row with each of these."""
        e_theirs = np.square(found.changes).sum(1)[:, None]
        e_ours = np.square(self.changes).sum(1)[None]
        floor = QUIET * max(float(np.square(self.changes).sum(1).mean()), 1e-6)
        both = e_theirs + e_ours
        alike = (2 * found.changes @ self.changes.T - _AGREEMENT * both) / (both + floor)
        return np.asarray(alike * found.weights[:, None], np.float32)

    def agreements_along(
        self, found: MovingRows, offset: int, cells: NDArray[np.bool_] | slice = slice(None)
    ) -> NDArray[np.float32]:
        """(K,): the agreement of found row i with row i + `offset` of these; -1 where there is none."""
        scores = np.full(len(found.weights), -1, np.float32)
        places = np.arange(len(found.weights)) + offset
        here = (places >= 0) & (places < len(self.weights))
        theirs, ours = found.changes[here][:, cells], self.changes[places[here]][:, cells]
        floor = QUIET * max(float(np.square(self.changes[:, cells]).sum(1).mean()), 1e-6)
        both = np.square(theirs).sum(1) + np.square(ours).sum(1)
        scores[here] = (2 * (theirs * ours).sum(1) - _AGREEMENT * both) / (both + floor) * found.weights[here]
        return scores

    def agreements_if_copied(
        self, weights: NDArray[np.float32], offset: int, cells: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """(K,): what `agreements_along` would be for a found file that moves just as these rows do."""
        energy = np.square(self.changes[:, cells]).sum(1)
        floor = QUIET * max(float(energy.mean()), 1e-6)
        places = np.arange(len(weights)) + offset
        here = (places >= 0) & (places < len(energy))
        expected = np.zeros(len(weights), np.float32)
        expected[here] = (energy / (2 * energy + floor))[places[here]] * weights[here]
        return expected


def changes_between(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(T, n): by how much levels (T, n) change from the row before each to the one behind it."""
    if len(levels) < 2:
        return np.zeros_like(levels)
    padded = np.concatenate([levels[:1], levels, levels[-1:]])
    return np.asarray(padded[2:] - padded[:-2], np.float32)


def smoothness(rows: MovingRows) -> float:
    """How alike changes are to those of the next row: about 0 in noise, towards 1 where something moves."""
    if len(rows.changes) < 2:
        return 0.0
    product = float((rows.changes[1:] * rows.changes[:-1]).sum())
    return product / max(float(np.square(rows.changes).sum()), 1e-9)


def without_flicker(changes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without what the middle of all cells does together, which is the light of the whole picture."""
    return changes - np.median(changes, axis=1, keepdims=True) if changes.size else changes
