"""A picture that fades from one colour or to one is still the picture that it is."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprints.motion.edits import motion_edits
from provenance.fingerprints.motion.fingerprint import MotionFingerprint
from provenance.fingerprints.motion.match import compare_motion
from provenance.fingerprints.motion.measuring import FOUND_RATE
from tests.provenance.fingerprints.performances import CELLS, MOUTH, Rows, performance, recorded, seen

STILL = np.random.default_rng(5).normal(0, 35, CELLS)  # what does not move in the picture
OURS = np.clip(performance(8, seed=1) + STILL, 0, 255).astype(np.float32)
OTHER = np.clip(performance(8, seed=2) + STILL, 0, 255).astype(np.float32)
RECORD = recorded(OURS)
LIPS = MotionFingerprint(np.arange(CELLS, dtype=np.uint8), np.zeros((0, CELLS), np.int8), MOUTH).mouth_cells
BLACK, WHITE = 16.0, 235.0


def faded(rows: Rows, gains: list[tuple[float, float]], colour: float) -> Rows:
    """Rows with the gain that goes straight between (second, gain)."""
    times, values = zip(*gains, strict=True)
    gain = np.interp(np.arange(len(rows)) / FOUND_RATE, times, values)[:, None]
    return np.asarray(colour + gain * (rows - colour), np.float32)


FADES: dict[str, tuple[list[tuple[float, float]], float]] = {
    "in within a second": ([(0, 0), (1, 1)], BLACK),
    "in within two seconds": ([(0, 0), (2, 1)], BLACK),
    "in from white": ([(0, 0), (1.2, 1)], WHITE),
    "out within a second": ([(7, 1), (8, 0)], BLACK),
    "in and out": ([(0, 0), (0.8, 1), (6.5, 1), (8, 0)], BLACK),
    "out and in again": ([(3, 1), (3.4, 0), (3.5, 0), (3.9, 1)], BLACK),
}


@pytest.mark.parametrize("name", FADES)
def test_a_picture_of_ours_that_fades_is_ours(name: str) -> None:
    found = compare_motion(RECORD, seen(faded(OURS, *FADES[name])))
    assert motion_edits(RECORD, found, 8.0) == []
    assert found.mouths == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", FADES)
def test_another_performance_that_fades_is_another(name: str) -> None:
    assert compare_motion(RECORD, seen(faded(OTHER, *FADES[name]))).is_other


def test_another_mouth_is_told_behind_a_title() -> None:
    """The picture is there at once: what changes in it in the next seconds is no fade."""
    rows = OURS.copy()
    rows[10:70, LIPS] = OTHER[10:70, LIPS]
    title = np.full((38, CELLS), BLACK, np.float32)
    assert compare_motion(RECORD, seen(np.concatenate([title, rows]))).mouths


def test_another_mouth_is_told_in_a_picture_that_fades() -> None:
    rows = OURS.copy()
    rows[50:125, LIPS] = OTHER[50:125, LIPS]
    assert compare_motion(RECORD, seen(faded(rows, *FADES["in and out"]))).mouths
