"""The edge of the face's mesh is laid on the face's outline where it is near it, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.portrait.mesh_edge import EDGE_LAID, EDGE_OUTSIDE, edge_laid_out

WIDTH = 200.0
TURN = np.linspace(0, 2 * np.pi, 36, endpoint=False)
OUTLINE = np.stack([256 + 100 * np.cos(TURN), 256 + 130 * np.sin(TURN)], 1).astype(np.float32)


def laid_out(far: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices `far` (N,) pixels outside, to the right, before and after, and how far outside they are."""
    xy = np.array([[356.0 + off, 256.0] for off in far])
    out = np.array([-cv2.pointPolygonTest(OUTLINE, tuple(at), True) for at in xy])
    return xy, *edge_laid_out(OUTLINE, xy, out, np.arange(len(xy)), WIDTH)


def test_teeth_of_the_edge_are_laid_on_the_outline_and_known_to_lie_there():
    _, after, outside = laid_out([-5.0, 3.0])
    assert after[:, 0] == pytest.approx(356 + EDGE_OUTSIDE * WIDTH, abs=0.5)
    assert outside == pytest.approx(EDGE_OUTSIDE * WIDTH)


def test_an_edge_that_ends_far_inside_of_a_turned_face_stays_where_it_is():
    far = -1.5 * EDGE_LAID * WIDTH
    before, after, outside = laid_out([far])
    assert np.array_equal(after, before)
    assert outside[0] == pytest.approx(far, rel=0.05)
