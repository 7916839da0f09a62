"""Brows, lids and mouths go as far as people's, within the room that a face at rest leaves them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.geometry.rig import ACTION_INDEX, SKIN, FaceRig
from generation.animation.portrait.brow_motion import LOWER, UPPER
from generation.animation.portrait.expression_range import expression_gains
from generation.animation.portrait.head_fit import FittedHead
from generation.animation.portrait.lid_motion import rising_lid
from tests.generation.animation.pictures import NAMES
from tests.generation.animation.rendered import fitted

INNER, TAIL = slice(4, 6), [0, 9]  # of the ten landmarks along both brows


@cache
def _moved() -> NDArray[np.float64]:
    """Where the actions at full strength move the landmarks of a portrait, in millimetres: (52, 468, 3)."""
    portrait = fitted("tomas")
    rig = FaceRig.load()
    return np.stack([1e3 * rig.at_landmarks(action) for action in portrait.actions]) / portrait.head.scale


def _brow(name: str, axis: int, edge: tuple[int, ...] = LOWER) -> NDArray[np.float64]:
    return np.asarray(_moved()[ACTION_INDEX[name]][list(edge), axis], np.float64)


@pytest.mark.slow
def test_the_inner_ends_of_the_brows_rise_as_far_as_peoples() -> None:
    assert -_brow("browInnerUp", 1)[INNER].mean() > 7
    assert np.abs(_brow("browInnerUp", 1)[TAIL]).max() < 2


@pytest.mark.slow
def test_a_frown_draws_the_inner_ends_of_the_brows_down_and_together() -> None:
    down = _brow("browDownRight", 1) + _brow("browDownLeft", 1)
    across = _brow("browDownRight", 0) + _brow("browDownLeft", 0)
    assert down[INNER].mean() > 5
    assert down[INNER].mean() > 2 * down[TAIL].mean()
    assert across[4] - across[5] > 4


@pytest.mark.parametrize("name", ["browInnerUp", "browOuterUpRight", "browDownRight"])
def test_a_brow_keeps_its_height_when_it_moves(name: str) -> None:
    squeezed = _brow(name, 1, LOWER)[:5] - _brow(name, 1, UPPER)[:5]
    assert np.abs(squeezed).max() < 0.35 * np.abs(_brow(name, 1)).max()


def test_a_widened_eye_opens_by_its_lids_edge_and_not_by_the_skin_below_the_brow() -> None:
    portrait, rig = fitted("tomas"), FaceRig.load()
    edge = (
        1e3 * portrait.actions[ACTION_INDEX["eyeWideRight"]][rig.loops["lids.R.upper"]] / portrait.head.scale
    )
    assert -edge[:, 1].min() > 2
    assert np.abs(edge[[0, -1], :2]).max() < 0.3
    assert np.abs(_moved()[ACTION_INDEX["eyeWideRight"]][list(LOWER[:5])]).max() < 0.3


def _widest_m(head: FittedHead) -> float:
    """The opening of the right eye at its middle when it is wide, in metres."""
    rig = FaceRig.load()
    rest = np.asarray((head.vertices @ head.rotation) / head.scale, np.float64)
    upper, lower = (rest[rig.loops[f"lids.R.{edge}"]] for edge in ("upper", "lower"))
    lower = lower[np.argsort(lower[:, 0])]
    opening = float((np.interp(upper[:, 0], lower[:, 0], lower[:, 1]) - upper[:, 1]).max())
    moved = rising_lid(rig, rest, "Right", np.asarray(rig.actions[ACTION_INDEX["eyeWideRight"]], np.float64))
    return opening - float(moved[rig.loops["lids.R.upper"], 1].min())


def test_a_narrow_eye_that_is_wide_opens_nearly_as_far_as_others() -> None:
    head, rig = fitted("tomas").head, FaceRig.load()
    narrow = head.vertices.copy()
    narrow[rig.loops["lids.R.upper"], 1] += 0.002 * head.scale
    assert _widest_m(replace(head, vertices=narrow)) > 0.0095


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_corners_of_a_stretched_mouth_go_level_to_the_cheeks(name: str) -> None:
    portrait, edge = fitted(name), FaceRig.load().loops["lips.upper"]
    half = float(np.linalg.norm(np.subtract(*portrait.head.vertices[edge[[0, -1]]]))) / 2
    for side, corner in (("Right", edge[0]), ("Left", edge[-1])):
        moved = portrait.actions[ACTION_INDEX[f"mouthStretch{side}"], corner] @ portrait.head.rotation / half
        assert abs(moved[0]) > 0.25
        assert 0 <= moved[1] < abs(moved[0]) / 3


def _areas(rig: FaceRig, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Twice the area (F,) of each triangle of skin as it is seen, negative from behind."""
    corners = points[rig.faces[rig.segments == SKIN]][..., :2]
    a, b = (corners[:, i] - corners[:, 0] for i in (1, 2))
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], np.float64)


def test_the_skin_of_a_rising_lid_does_not_fold_over() -> None:
    portrait, rig = fitted("tomas"), FaceRig.load()
    wide = portrait.actions[ACTION_INDEX["eyeWideRight"]] + portrait.actions[ACTION_INDEX["eyeWideLeft"]]
    before, after = _areas(rig, portrait.head.vertices), _areas(rig, portrait.head.vertices + wide)
    front = np.sign(np.median(before[np.abs(before) > 1e-6]))
    assert ((after * front < -2) & (before * front > 0.5)).sum() == 0


def _gains(head: FittedHead) -> dict[str, float]:
    return expression_gains(FaceRig.load(), head)


def test_brows_that_lie_low_fall_by_less() -> None:
    head, rig = fitted("tomas").head, FaceRig.load()
    assert _gains(head)["browDownRight"] == 1.0
    low = head.vertices.copy()
    for side in ("R", "L"):
        low[rig.loops[f"lids.{side}.upper"], 1] -= 0.010 * head.scale
    assert _gains(replace(head, vertices=low))["browDownRight"] < 0.8


def test_who_smiles_in_the_portrait_smiles_less_and_frowns_more() -> None:
    head, rig = fitted("tomas").head, FaceRig.load()
    smiling = head.vertices.copy()
    for loop in ("lips.upper", "lips.lower"):
        smiling[rig.loops[loop][[0, -1]], 1] -= 0.006 * head.scale
    calm, happy = _gains(head), _gains(replace(head, vertices=smiling))
    assert happy["mouthSmileLeft"] < 0.8 * calm["mouthSmileLeft"]
    assert happy["mouthFrownLeft"] > 1.3 * calm["mouthFrownLeft"]


@pytest.mark.parametrize("higher_m", [0.0, 0.002])
def test_corners_of_a_mouth_are_drawn_below_its_middle_wherever_they_rest(higher_m: float) -> None:
    head, rig = fitted("tomas").head, FaceRig.load()
    rest = head.vertices.copy()
    edges = [rig.loops["lips.upper"], rig.loops["lips.lower"]]
    for edge in edges:
        rest[edge[[0, -1]], 1] -= higher_m * head.scale
    falls = 1e3 * rig.actions[ACTION_INDEX["mouthFrownRight"], edges[0][0], 1]
    falls *= _gains(replace(head, vertices=rest))["mouthFrownRight"]
    middle = np.mean([rest[edge[len(edge) // 2], 1] for edge in edges])
    corner = 1e3 * (rest[edges[0][0], 1] - middle) / head.scale
    width = 1e3 * np.linalg.norm(rest[edges[0][-1]] - rest[edges[0][0]]) / head.scale
    assert 0.10 * width < corner + falls < 0.18 * width
