"""Following a face gives the same on one core as on two."""

from __future__ import annotations

import os

import numpy as np
import pytest

from generation.animation.capture.face_tracking import track_face
from tests.generation.animation.capture.performances import FPS, filmed


@pytest.mark.slow
def test_a_face_followed_on_two_threads_is_where_it_is_on_one(monkeypatch):
    frames = filmed("tomas")[:6]
    found = []
    for cores in ({0}, {0, 1}):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: cores)
        found.append([face for face in track_face(frames, FPS).faces if face is not None])
    assert len(found[0]) == len(found[1]) == len(frames)
    for one, two in zip(*found, strict=True):
        assert np.array_equal(one.points, two.points)
        assert one.confidence == two.confidence
