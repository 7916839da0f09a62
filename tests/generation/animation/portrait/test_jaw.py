"""The skin of the jaw's sides, on a picture of stripes."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.face.face_topology import FACE_OVAL
from generation.animation.portrait.hidden.jaw import sideways
from tests.generation.animation.pictures import face_of


def test_where_an_edge_looks_does_not_depend_on_the_size_of_the_face():
    points = face_of("tomas").points
    outline = points[list(FACE_OVAL), :2]
    width = float(np.ptp(outline[:, 0]))
    xy = outline + np.random.default_rng(1).uniform(-0.05, 0.05, outline.shape) * width
    large, small = (sideways(xy * k, points * k, width * k) for k in (1.0, 0.1))
    assert large == pytest.approx(small, abs=1e-4)
