"""Jaw, chin and ear of a head that turns: what a stranger looks at first."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.face.face_topology import CHIN, FACE_OVAL
from tests.generation.animation.rendered import fitted, frame, renderer

pytestmark = pytest.mark.slow

EAR = 0.13  # head widths: how far the ears of `tomas` stand out beside the face


def edge_of_face(name: str) -> np.ndarray:
    """The vertices along the outer edge of the face's mesh."""
    surface, points = fitted(name).surface, fitted(name).points
    faces = surface.skin
    sides = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    each, count = np.unique(sides, axis=0, return_counts=True)
    edge = np.unique(each[count == 1])
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    far = [abs(cv2.pointPolygonTest(outline, tuple(map(float, surface.at_rest[i])), True)) for i in edge]
    return edge[np.array(far) < 0.08 * surface.head_width]  # not those of lids and lips


@pytest.mark.parametrize("yaw", [15, -15, -25])
def test_stubble_at_the_corner_of_a_turned_jaw_is_not_drawn_out_into_streaks(yaw):
    turned = frame(pose=(yaw,), name="tomas").astype(np.float32).mean(2)
    surface, pixels = fitted("tomas").surface, renderer("tomas")._pixels
    moved = np.linalg.norm(surface.edge_slide, axis=1) > 0.01 * surface.head_width
    near = (surface.at_rest[: surface.mesh_size, 0] - fitted("tomas").points[CHIN, 0]) * yaw < 0
    band = np.zeros(turned.shape, np.uint8)
    for triangle in surface.skin[(moved & near)[surface.skin].all(1)]:
        cv2.fillConvexPoly(band, np.rint(pixels[triangle, :2]).astype(np.int32), 1)
    inside = cv2.erode(band, np.ones((3, 3), np.uint8)) > 0
    assert inside.sum() > 300
    across, down = (np.abs(np.diff(turned, axis=k))[:511, :511][inside[:511, :511]] for k in (1, 0))
    assert across.mean() > 0.6 * down.mean()


@pytest.mark.parametrize("name", ["tomas", "kenji", "amara"])
def test_the_edge_of_the_face_is_as_smooth_as_the_outline_of_the_face(name):
    surface, points = fitted(name).surface, fitted(name).points
    outline = points[list(FACE_OVAL), :2].astype(np.float32)
    edge = surface.at_rest[edge_of_face(name)].astype(float)
    out = [cv2.pointPolygonTest(outline, (x, y), True) for x, y in edge]
    assert np.ptp(out) < 0.02 * surface.head_width


@pytest.mark.parametrize("name", ["kenji", "amara"])
@pytest.mark.parametrize("yaw", [15, -15])
def test_the_edge_of_a_chin_turns_with_the_chin(name, yaw):
    frame(pose=(yaw,), name=name)
    surface, seen = fitted(name).surface, renderer(name)._deformer.projected
    chin, width = fitted(name).points[CHIN, :2], surface.head_width

    def moved(at):
        there = np.linalg.norm(surface.at_rest[: surface.mesh_size] - at, axis=1).argsort()[:4]
        return float((seen[there, 0] - surface.at_rest[there, 0]).mean())

    assert moved(chin) / moved(chin - (0, 0.15 * width)) > 0.75


def test_a_chin_that_is_lowered_has_an_even_edge():
    """A shadow under one half of it is no hair that would hold it."""
    frame(pose=(0, 12))
    surface, seen = fitted().surface, renderer()._deformer.projected
    edge = edge_of_face("amara")
    off = surface.at_rest[edge] - fitted().points[CHIN, :2]
    lower = edge[(np.abs(off[:, 0]) < 0.12 * surface.head_width) & (off[:, 1] > -0.1 * surface.head_width)]
    lower = lower[np.argsort(surface.at_rest[lower, 0])]
    down = seen[lower, 1] - surface.at_rest[lower, 1]
    assert np.abs(np.diff(down)).max() < 5


@pytest.mark.parametrize(("yaw", "way"), [(25, -1), (-25, 1)])
def test_an_ear_that_comes_into_view_is_no_wider_than_an_ear(yaw, way):
    frame(pose=(yaw,), name="tomas")
    surface, points = fitted("tomas").surface, fitted("tomas").points
    seen = renderer("tomas")._deformer.projected
    relief = np.arange(surface.mesh_size, surface.hidden_start)
    at, edge = surface.at_rest, points[234 if way < 0 else 454, :2]
    beside = (at[relief, 0] - edge[0]) * way
    level = relief[(np.abs(at[relief, 1] - edge[1]) < 8) & (beside > 0) & (beside < EAR * surface.head_width)]
    outermost = level[np.argmax(seen[level, 0] * way)]
    face = edge_of_face("tomas")
    nearest = face[np.abs(at[face] - edge).sum(1).argmin()]
    assert (seen[outermost, 0] - seen[nearest, 0]) * way < 0.24 * surface.head_width


@pytest.mark.parametrize("yaw", [15, -15])
def test_the_hidden_side_of_a_jaw_is_lit_as_the_skin_that_it_reads_and_no_brighter(yaw):
    """What the face's edge reads elsewhere may be darker than it has to be: that is no light on the jaw."""
    frame(pose=(yaw,), name="tomas")
    surface, render = fitted("tomas").surface, renderer("tomas")
    gain = surface.edge_gain[render._jaw_lit_as]
    lit = render._shade[render._jaw_lit_as] / gain
    assert np.abs(gain - 1).max() > 0.02
    assert render._shade[render._jaw] == pytest.approx(render._jaw_shade * lit, rel=1e-4)


@pytest.mark.parametrize("name", ["tomas", "kenji", "amara"])
def test_the_skin_of_a_turned_jaw_does_not_fold_over(name):
    surface = fitted(name).surface
    moved = np.linalg.norm(surface.edge_slide, axis=1) > 0.1
    skin = surface.skin[moved[surface.skin].any(1)]

    def area(at: np.ndarray) -> np.ndarray:
        a, b, c = (at[skin[:, k]] for k in range(3))
        return np.asarray((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])

    at_rest = area(surface.source[: surface.mesh_size].astype(float))
    turned = area((surface.source[: surface.mesh_size] + surface.edge_slide).astype(float))
    assert len(skin) > 100
    folded = turned * np.sign(at_rest) < 0
    assert np.abs(turned[folded]).sum() < 0.01 * np.abs(turned).sum()
