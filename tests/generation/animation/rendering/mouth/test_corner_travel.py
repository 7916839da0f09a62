"""The corners of a mouth go no further than a face lets them, and a smile is as wide as it is high."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.arrays import Float32Array, Float64Array
from generation.animation.geometry.rig import ACTION_INDEX, FaceRig
from generation.animation.rendering.corner_travel import OUTWARDS, UPWARDS, corner_pulls, limit_corners
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted, renderer

pytestmark = pytest.mark.slow

_OF_THE_MOUTH = [i for name, i in ACTION_INDEX.items() if name.startswith("mouth") and name != "mouthClose"]


def _travel(actions: Float32Array, name: str) -> Float64Array:
    """How far both corners go outwards and up (2, 2), in halves of the mouth's width."""
    portrait = fitted(name)
    edge = FaceRig.load().loops["lips.upper"][[0, -1]]
    moved = np.tensordot(actions, portrait.actions[:, edge], 1) @ portrait.head.rotation
    half = float(np.linalg.norm(np.subtract(*portrait.head.vertices[edge]))) / 2
    return np.array([[-moved[0, 0], -moved[0, 1]], [moved[1, 0], -moved[1, 1]]]) / half


def _row(**actions: float) -> Float32Array:
    row = np.zeros(52, np.float32)
    for name, value in actions.items():
        row[ACTION_INDEX[name]] = value
    return row


@pytest.mark.parametrize("name", NAMES)
def test_whatever_actions_pull_together_no_corner_passes_its_limits(name: str) -> None:
    pulls, chance = corner_pulls(fitted(name)), np.random.default_rng(3)
    for strength in (0.3, 1.0, 3.0):  # the higher, the more actions are at full strength
        for _ in range(60):
            row = np.zeros(52, np.float32)
            row[_OF_THE_MOUTH] = np.minimum(strength * chance.random(len(_OF_THE_MOUTH)), 1)
            limit_corners(row, pulls)
            assert (_travel(row, name) < (OUTWARDS[1] + 0.01, UPWARDS[1] + 0.01)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_grin_of_all_that_lifts_and_spreads_lips_stays_a_grin(name: str) -> None:
    row = _row(
        **{f"{action}{side}": 1.0 for action in ("mouthSmile", "mouthStretch", "mouthDimple", "mouthPress")
           for side in ("Left", "Right")}
    )  # fmt: skip
    unheld = _travel(row, name)
    limit_corners(row, corner_pulls(fitted(name)))
    assert unheld[:, 0].min() > 0.6
    assert (_travel(row, name) > (0.3, 0.15)).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_small_smile_is_not_held_back(name: str) -> None:
    row = _row(mouthSmileLeft=0.5, mouthSmileRight=0.5, mouthStretchLeft=0.3)
    held = row.copy()
    limit_corners(held, corner_pulls(fitted(name)))
    assert np.array_equal(held, row)


@pytest.mark.parametrize("name", NAMES)
def test_a_smile_holds_the_corners_of_the_mouth_against_an_opened_jaw(name: str) -> None:
    smile = {"mouthSmileLeft": 0.7, "mouthSmileRight": 0.7}
    shut, opened = _row(**smile), _row(jawOpen=0.5, **smile)
    falls = _travel(shut, name)[:, 1] - _travel(opened, name)[:, 1]
    for row in (shut, opened):
        limit_corners(row, corner_pulls(fitted(name)))
    assert (_travel(shut, name)[:, 1] - _travel(opened, name)[:, 1] < 0.8 * falls).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_smile_goes_about_as_far_outwards_as_up(name: str) -> None:
    for outwards, up in _travel(_row(mouthSmileLeft=1.0, mouthSmileRight=1.0), name):
        assert 0.2 < up < UPWARDS[1]
        assert 0.7 < outwards / up < 1.4


@pytest.mark.parametrize("name", NAMES)
def test_the_opening_of_a_grin_is_round_at_its_ends(name: str) -> None:
    """Real grins are a crescent with steep ends, no wedge that gets thinner all the way to the corner."""
    grin = {"mouthSmile": 1.0, "mouthStretch": 0.6, "mouthUpperUp": 0.6}
    row = _row(jawOpen=0.2, **{f"{a}{side}": v for a, v in grin.items() for side in ("Left", "Right")})
    still = np.zeros(6, np.float32)
    posed = renderer(name)._pose(row, still, np.zeros(2, np.float32), 0.0, None)
    heights = posed.lip_gap.height / posed.lip_gap.height.max()
    part = len(heights) // 8  # a quarter of the half width
    assert min(heights[part], heights[-1 - part]) > 0.58
    assert max(heights[1], heights[-2]) < 0.2
