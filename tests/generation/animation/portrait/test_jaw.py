"""The skin of the jaw's sides, on a picture of stripes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
import pytest

from generation.animation.face.face_topology import FACE_OVAL, NOSE_TIP
from generation.animation.geometry.camera import FRAME
from generation.animation.portrait.hidden.jaw import UNROLLED, JawSkin, jaw_skin, sideways
from generation.animation.portrait.relief import REACH
from tests.generation.animation.pictures import face_of


class Across(NamedTuple):
    """The jaw's skin along lines (6, N), how far inside of the face's edge they lie, in head widths, and how
    far inside lies what is read there."""

    skin: JawSkin
    inside: np.ndarray
    read: np.ndarray


def test_where_an_edge_looks_does_not_depend_on_the_size_of_the_face():
    points = face_of("tomas").points
    outline = points[list(FACE_OVAL), :2]
    width = float(np.ptp(outline[:, 0]))
    xy = outline + np.random.default_rng(1).uniform(-0.05, 0.05, outline.shape) * width
    large, small = (sideways(xy * k, points * k, width * k) for k in (1.0, 0.1))
    assert large == pytest.approx(small, abs=1e-4)


def skin_across_the_jaw(picture: np.ndarray, depth: Callable[[np.ndarray], np.ndarray]) -> Across:
    """What `jaw_skin` finds along lines from the jaw's edge inwards, on a face that is 200 units wide, with a
    depth for what lies so many head widths inside."""
    points = face_of("tomas").points.astype(float)
    outline = points[list(FACE_OVAL), :2]
    points[:, :2] += FRAME / 2 - outline.mean(0)
    points[:, :2] = FRAME / 2 + (points[:, :2] - FRAME / 2) * 200 / np.ptp(outline[:, 0])
    jaw, nose = points[[58, 172, 136, 288, 397, 365], :2], points[NOSE_TIP, :2]
    inwards = (nose - jaw) / np.linalg.norm(nose - jaw, axis=1, keepdims=True)
    along = np.arange(0, 2 * UNROLLED, 0.001) * 200
    xy = (jaw[:, None] + inwards[:, None] * along[:, None]).reshape(-1, 2)
    oval = points[list(FACE_OVAL), :2].astype(np.float32)

    def inside(at: np.ndarray) -> np.ndarray:
        return np.array([cv2.pointPolygonTest(oval, tuple(map(float, each)), True) for each in at]) / 200

    skin = jaw_skin(
        xy, 200 * depth(inside(xy)), points, np.zeros(36), 200.0, canvas=picture,
        matte=np.ones(picture.shape[:2], np.float32),
    )  # fmt: skip
    return Across(skin, inside(xy).reshape(6, -1), inside(xy + skin.slide).reshape(6, -1))


def stripes() -> np.ndarray:
    size = round(FRAME + 2 * REACH)
    x, y = np.meshgrid(np.arange(size), np.arange(size))
    return np.dstack([120 + 60 * np.sin(2 * np.pi * (x + 0.4 * y) / 16)] * 3).astype(np.uint8)


def test_brightness_of_the_skin_at_the_edge_sets_in_without_a_step():
    skin, inside, _ = skin_across_the_jaw(stripes(), np.zeros_like)
    begins = (inside > 0.9 * UNROLLED) & (inside < UNROLLED)
    assert begins.any()
    assert np.ptp(skin.brighter) > 0.2
    assert np.abs(skin.brighter.reshape(inside.shape)[begins] - 1).max() < 0.03


def test_each_place_of_the_skin_is_seen_once_whatever_the_jaw_is_like_behind():
    """A reflection that lies beside the jaw's edge would else have a mirror image there."""
    _, inside, read = skin_across_the_jaw(stripes(), lambda inside: 0.3 * np.exp(-inside / 0.03))
    strip = (inside > 0) & (inside < UNROLLED)
    assert strip.sum() > 300
    for one, place in zip(inside, read, strict=True):
        within = (one > 0) & (one < UNROLLED)
        assert (np.diff(place[within]) >= -1e-4).all()
    assert read[strip].min() > 0.01
