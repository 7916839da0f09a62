from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from generation.animation.rendering.mouth import mouth_interior
from generation.animation.rendering.mouth.aperture_kernels import measure_aperture, outline_of
from generation.animation.rendering.mouth.interior_kernels import paint_lips
from generation.animation.rendering.mouth.lip_kernels import round_opening
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted, frame, renderer

pytestmark = pytest.mark.slow

NO_SKIN = np.zeros((80, 160), np.uint8)
WEDGE = 18 - np.abs(np.linspace(-12, 12, 80))
TOP = np.full(80, 6.0)
REDDER = np.array((0.92, 1.13, 1.07), np.float32)


def aperture(lower: np.ndarray, *, upper: np.ndarray = TOP, skin: np.ndarray = NO_SKIN, rounded: float = 0.0):
    """Smooth edges `upper` and `lower` and the skin's own (4, 80), and distances from the smooth ones
    inwards."""
    edges, depths = np.empty((4, 80), np.float32), np.empty((2, 40, 80), np.float32)
    outline_of(upper, lower, skin, 2, rounded, edges, *depths)
    return edges, *depths


def signed_areas(name: str) -> np.ndarray:
    """Twice the signed area of each skin triangle in the last frame, in pixels."""
    a, b, c = (renderer(name)._deformer.projected[fitted(name).surface.skin[:, k], :2] for k in range(3))
    return (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]


@pytest.mark.parametrize("name", NAMES)
def test_pursed_lips_do_not_fold_over_themselves(name):
    frame(name=name)
    rest = signed_areas(name)
    frame({"mouthPucker": 0.9}, name=name)
    pursed = signed_areas(name)
    assert pursed[(pursed > 0) & (rest < 0)].sum() < 10


def test_the_edge_of_an_aperture_is_round_where_the_mesh_has_a_corner():
    edges, *_ = aperture(WEDGE)
    assert np.abs(np.diff(WEDGE, 2)).max() > 0.25
    assert np.abs(np.diff(edges[1, 20:60], 2)).max() < 0.12


def test_the_corners_of_an_aperture_stay_where_the_lips_meet():
    edges, *_ = aperture(WEDGE)
    assert edges[1, [0, -1]] - edges[0, [0, -1]] == pytest.approx(0, abs=0.01)


def test_skin_beyond_the_corners_follows_lips_that_are_rounded():
    """It would be drawn out between the corner that moves and skin that stays."""
    x = np.arange(15.0, 106.0, 0.5)
    gap = np.stack([np.linspace(40, 80, 48), np.full(48, 30.0), 30 + 24 * np.sin(np.linspace(0, np.pi, 48))])
    pixels = np.stack([x, np.full(len(x), 30.0), np.zeros(len(x))], 1).astype(np.float32)
    beyond = np.maximum(np.abs(x - 60) - 20, 0)
    along = (np.exp(-((beyond / 8) ** 2)) / 2).astype(np.float32)
    assert round_opening(pixels, gap, np.arange(len(x)), along, along, 0.0, 1.0)
    moved = pixels[:, 0] - x
    assert moved[x == 40] > 2
    assert np.abs(np.diff(moved)).max() < 0.25
    assert np.abs(moved[[0, -1]]).max() < 0.01


@pytest.mark.parametrize("rounded", [0.0, 1.0])
def test_an_opening_that_tapers_ends_in_a_curve_and_not_in_a_point(rounded):
    """Two columns inside of its ends it is already as high as a disc would be there."""
    edges, *_ = aperture(WEDGE, rounded=rounded)
    heights = edges[1] - edges[0]
    (open_at,) = np.nonzero(heights > 0.5)
    assert heights[open_at[[2, -3]]].min() > 2.0 + 2.0 * rounded
    assert heights.max() == pytest.approx((WEDGE - TOP).max(), abs=1.2)


def open_area(lower: np.ndarray, upper: np.ndarray, rounded: float) -> float:
    edges, *_ = aperture(lower, upper=upper, rounded=rounded)
    return float((edges[1] - edges[0]).sum())


@pytest.mark.parametrize("rounded", [0.0, 1.0])
@pytest.mark.parametrize("straight", [False, True])
def test_an_opening_that_is_taller_than_wide_stays_open_and_grows_without_a_step(rounded, straight):
    """A jaw that opens behind pursed lips: no frame shuts the mouth, and none opens it at once."""
    across = np.abs(np.arange(80) - 39.5) / 9
    shape = np.maximum(1 - across, 0) if straight else np.sqrt(np.maximum(1 - across**2, 0))
    heights = np.arange(0.0, 18.0, 0.25)
    areas = np.array([open_area(20 + h * shape, 20 - h * shape, rounded) for h in heights])
    assert areas[-1] > 0.55 * 2 * (heights[-1] * shape).sum()
    # Columns open and close as wholes: a step is about one of them, of the 18 that there are.
    assert np.abs(np.diff(areas)).max() < 15


@pytest.mark.parametrize("name", ["amara", "tomas"])
@pytest.mark.parametrize("action", ["mouthPucker", "mouthFunnel"])
def test_pursed_lips_open_with_the_jaw(name, action, monkeypatch):
    """As drawn into frames: what shows between the lips, in pixels, grows from each jaw to the next."""
    areas = []

    def noted(*outline: Any) -> float:
        tallest = float(measure_aperture(*outline))
        areas.append(float(outline[-1].sum()))
        return tallest

    monkeypatch.setattr(mouth_interior, "measure_aperture", noted)
    for jaw in np.linspace(0.2, 1.0, 17):
        frame({action: 0.8, "jawOpen": float(jaw)}, name=name)
    assert len(areas) == 17
    assert (np.diff(areas) > 0).all()
    assert np.diff(areas).max() < 4 * np.median(np.diff(areas))


def test_the_edge_between_lip_and_teeth_has_no_steps():
    """Along a slanting edge every column passes from lip to teeth over more than one pixel."""
    slope = 8 + np.linspace(0, 12, 80)
    outline = aperture(np.full(80, 34.0), upper=slope)
    lips = np.full((40, 80, 3), 100, np.uint8)
    colour, cover = np.full((40, 80, 3), 240, np.float32), np.empty((40, 80), np.float32)
    paint_lips(lips, *outline, 1.0, 200.0, np.ones(3, np.float32), colour, cover)
    drawn = colour[:, 20:60, 0] * cover[:, 20:60] + 100 * (1 - cover[:, 20:60])
    assert np.diff(drawn[:26], axis=0).max() < 0.75 * (240 - 58)


def test_skin_in_front_of_an_edge_narrows_the_aperture():
    skin = NO_SKIN.copy()
    skin[:20] = 1
    edges, *_ = aperture(np.full(80, 30.0), skin=skin)
    assert edges[0, 40] == pytest.approx(9.5, abs=0.01)


def test_lips_grow_dark_and_red_from_their_edges_inwards():
    outline = aperture(np.full(80, 32.0), upper=np.full(80, 8.0))
    lips = np.full((40, 80, 3), (180, 120, 110), np.uint8)
    colour, cover = np.zeros((40, 80, 3), np.float32), np.empty((40, 80), np.float32)
    paint_lips(lips, *outline, 1.0, 200.0, REDDER, colour, cover)
    edge, inner, middle = colour[32, 40], colour[31, 40], colour[20, 40]
    assert edge.sum() > inner.sum() > middle.sum() == 0
    assert inner[0] / inner[1] > 1.05 * 180 / 120
    assert cover[20, 40] == 1
    assert cover[4, 40] == 0
