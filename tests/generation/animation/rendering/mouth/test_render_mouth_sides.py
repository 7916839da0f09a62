from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from generation.animation.geometry.light import LUMA
from generation.animation.rendering.mouth import mouth_interior
from generation.animation.rendering.mouth.aperture_kernels import measure_aperture
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import frame

pytestmark = pytest.mark.slow

WIDE_OPEN = {"jawOpen": 0.5, "mouthFunnel": 0.6, "mouthPucker": 0.3}
OO = {"jawOpen": 0.2, "mouthPucker": 0.7, "mouthFunnel": 0.4}
AA = {"jawOpen": 0.55, "mouthLowerDownLeft": 0.2, "mouthLowerDownRight": 0.2}
ROWS = 80


@pytest.fixture
def mouth_of(monkeypatch):
    """The luma (80, w) of a frame around its mouth, and the opening's edges (4, w) in it."""

    def drawn(actions: dict[str, float], name: str) -> tuple[np.ndarray, np.ndarray]:
        seen: list[tuple[Any, ...]] = []

        def noted(*outline: Any) -> float:
            tallest = float(measure_aperture(*outline))
            seen.append((outline[3], outline[4], outline[7].copy()))
            return tallest

        monkeypatch.setattr(mouth_interior, "measure_aperture", noted)
        picture = frame(actions, name=name) @ LUMA
        x0, y0, edges = seen[-1]
        return picture[y0 : y0 + ROWS, x0 : x0 + edges.shape[1]], edges

    return drawn


def lips_luma(box: np.ndarray, edges: np.ndarray) -> float:
    """The median of both lips, five pixels outside of their edges."""
    rows = np.clip(np.rint([edges[2] - 5, edges[3] + 5]).astype(int), 0, ROWS - 1)
    return float(np.median(box[rows, np.arange(box.shape[1])]))


def beside_the_opening(edges: np.ndarray) -> np.ndarray:
    """Where (80, w) lips are drawn over what their skin leaves open, two pixels off the opening."""
    y = np.arange(ROWS)[:, None]
    flesh = ((y > edges[2] + 1) & (y < edges[0] - 1)) | ((y > edges[1] + 1) & (y < edges[3] - 1))
    opened = (y > edges[0] - 1.5) & (y < edges[1] + 1.5) & (edges[1] - edges[0] > 0.5)
    flesh = cv2.morphologyEx(flesh.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3)))
    flesh, opened = (cv2.dilate(m.astype(np.uint8), np.ones((3, 3))) for m in (flesh, opened))
    return np.asarray((flesh > 0) & (opened == 0))


@pytest.mark.parametrize("name", NAMES)
def test_the_sides_of_a_rounded_mouth_are_lips_without_brown_patches_and_steps(mouth_of, name):
    box, edges = mouth_of(WIDE_OPEN, name)
    sides = beside_the_opening(edges)
    assert sides.sum() > 10
    steps = np.abs(np.diff(box, axis=1))[sides[:, 1:] & sides[:, :-1]]
    assert np.percentile(steps, 98) < 0.14 * lips_luma(box, edges)
    assert np.percentile(box[sides], 10) > 0.48 * lips_luma(box, edges)


@pytest.mark.parametrize("actions", [OO, AA, WIDE_OPEN], ids=["oo", "aa", "o"])
@pytest.mark.parametrize("name", NAMES)
def test_no_dark_point_is_left_between_an_opening_and_the_corners_of_the_mouth(mouth_of, name, actions):
    box, edges = mouth_of(actions, name)
    opened = np.flatnonzero(edges[1] - edges[0] > 0.5)
    beside = [j for j in range(box.shape[1]) if not opened[0] - 2 <= j <= opened[-1] + 2]
    middle = np.rint((edges[0] + edges[1]) / 2).astype(int)
    darkest = min(box[middle[j] - 3 : middle[j] + 4, j].min() for j in beside)
    assert darkest > 0.38 * lips_luma(box, edges)
