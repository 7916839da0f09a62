"""The neck that a turned head uncovers, between the hair above it and the clothes below."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.portrait.hidden.back_of_head import COLUMNS, FRINGE, ROWS
from generation.animation.portrait.hidden.neck import NECK_COLUMNS, NECK_ROWS
from tests.generation.animation.rendered import fitted, frame, renderer

pytestmark = pytest.mark.slow

SKULL = 2 * ROWS * (COLUMNS + FRINGE)  # vertices of the back of the head, which come before the neck's
ALIKE = 4  # grey levels


def neck_shown(name: str, yaw: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A frame, where (512, 512) the neck lies in it, and where the background would be seen but for what is
    hidden at rest."""
    turned = frame(pose=(yaw,), name=name).astype(int)
    hidden, start = renderer(name)._hidden, fitted(name).surface.hidden_start
    neck = np.arange(SKULL, SKULL + NECK_ROWS * NECK_COLUMNS)
    pixels = renderer(name)._pixels[start:]
    there = np.zeros(turned.shape[:2], np.uint8)
    for triangle in hidden._chosen[: hidden._placed]:
        if np.isin(triangle, neck).all():
            cv2.fillConvexPoly(there, np.rint(pixels[triangle, :2]).astype(np.int32), 1)
    background = (np.abs(hidden._behind.astype(int) - turned).max(2) == 0) & (there > 0)
    return turned, there, background


@pytest.mark.parametrize("name", ["tomas", "kenji"])
@pytest.mark.parametrize("yaw", [25, -25])
def test_no_background_is_seen_between_short_hair_and_the_neck(name, yaw):
    _, there, shown = neck_shown(name, yaw)
    inner = (cv2.erode(there, np.ones((7, 7), np.uint8)) > 0) & shown
    hidden = renderer(name)._hidden
    holes = (np.abs(hidden._behind.astype(int) - hidden._plate).max(2) <= ALIKE) & inner
    assert inner.sum() > 300
    assert holes.sum() < 0.01 * inner.sum()


@pytest.mark.parametrize(("name", "yaw"), [("tomas", 25), ("kenji", 25), ("amara", 25)])
def test_the_edge_of_the_neck_is_as_soft_as_that_of_a_picture(name, yaw):
    turned, there, shown = neck_shown(name, yaw)
    luma, steps = turned.mean(2), []
    for row in range(8, 504):
        columns = np.flatnonzero(there[row] & shown[row])
        if len(columns) > 12 and columns[0] > 8:
            edge = luma[row, columns[0] - 6 : columns[0] + 7]
            if abs(edge[-1] - edge[0]) > 30:
                steps.append(np.abs(np.diff(edge)).max() / abs(edge[-1] - edge[0]))
    assert len(steps) > 15
    assert np.median(steps) < 0.42
