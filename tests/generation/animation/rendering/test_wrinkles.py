from __future__ import annotations

import cv2
import numpy as np
import pytest

from generation.animation.geometry.rig import ACTION_INDEX
from generation.animation.rendering.picture_blur import picture_blur
from generation.animation.rendering.skin_age import SMOOTHEST, skin_age
from generation.animation.rendering.wrinkles import Wrinkles
from tests.generation.animation.rendered import fitted, renderer

pytestmark = pytest.mark.slow


def wrinkles_and_person(name: str = "tomas") -> tuple[Wrinkles, np.ndarray, np.ndarray]:
    layers = renderer(name).layers
    points = fitted(name).points[:, :2] + 0.5 - 0.5 + layers.margin
    return Wrinkles(layers.canvas, points, 1.0, renderer(name).light), layers.person.copy(), points


def actions(**values: float) -> np.ndarray:
    row = np.zeros(52, np.float32)
    for name, value in values.items():
        row[ACTION_INDEX[name]] = value
    return row


def test_a_face_at_rest_gets_no_wrinkles():
    wrinkles, person, _ = wrinkles_and_person()
    before = person.copy()
    wrinkles.draw(person, actions())
    assert (person == before).all()


@pytest.mark.parametrize(
    ("driver", "landmark"),
    [
        ("browInnerUp", 9),
        ("mouthSmileRight", 206),
        ("mouthSmileLeft", 426),
        ("browDownLeft", 285),
        ("noseSneerLeft", 412),
        ("mouthFrownRight", 61),
        ("mouthShrugLower", 18),
    ],
)
def test_an_expression_darkens_its_own_wrinkles(driver, landmark):
    wrinkles, person, points = wrinkles_and_person()
    before = person.astype(int)
    wrinkles.draw(person, actions(**{driver: 1.0}))
    darker = (before - person)[..., :3].mean(2)
    assert darker.max() > 4
    y, x = np.unravel_index(int(darker.argmax()), darker.shape)
    assert np.hypot(x - points[landmark, 0], y - points[landmark, 1]) < 60


def test_a_frown_folds_the_skin_between_the_brows():
    wrinkles, person, points = wrinkles_and_person()
    before = person.astype(int)
    wrinkles.draw(person, actions(browDownLeft=1.0, browDownRight=1.0))
    x, y = (int(value) for value in points[9])
    darker = (before - person)[y - 15 : y + 16, x - 20 : x + 21, :3].mean(2)
    assert darker.max() > 10


def _darkened(wrinkles: Wrinkles, person: np.ndarray, row: np.ndarray, around: np.ndarray) -> float:
    """By how many levels folds darken the skin around a point, at most."""
    before = person[..., :3].astype(float).mean(2)
    wrinkles.draw(person, row)
    after = person[..., :3].astype(float).mean(2)
    wrinkles.restore(person)
    x, y = (int(value) for value in around)
    return float((before - after)[y - 12 : y + 13, x - 16 : x + 17].max())


@pytest.mark.parametrize(
    ("drivers", "landmark"),
    [
        (("browDownLeft", "browDownRight"), 9),
        (("noseSneerLeft", "noseSneerRight"), 168),
        (("browInnerUp",), 151),
    ],
)
def test_skin_that_is_pressed_further_than_a_voice_does_creases(drivers, landmark):
    wrinkles, person, points = wrinkles_and_person()
    little, strong = (
        _darkened(wrinkles, person, actions(**dict.fromkeys(drivers, value)), points[landmark])
        for value in (0.4, 1.0)
    )
    assert strong > 1.15 * little / 0.4


def test_wrinkles_are_undone_without_a_trace():
    wrinkles, person, _ = wrinkles_and_person()
    before = person.copy()
    wrinkles.draw(person, actions(browInnerUp=1, browOuterUpLeft=1, mouthSmileLeft=0.7, noseSneerLeft=1))
    assert (person != before).any()
    wrinkles.restore(person)
    assert (person == before).all()


def test_no_fold_of_a_smile_shines():
    wrinkles, person, _ = wrinkles_and_person("maya")
    before = person[..., :3].astype(int)
    wrinkles.draw(person, actions(mouthSmileLeft=1, mouthSmileRight=1, cheekSquintLeft=1, cheekSquintRight=1))
    assert (person[..., :3] - before).max() <= 0.12 * before.max()
    assert (before - person[..., :3]).max() > 10


def test_a_grey_portrait_gets_grey_folds():
    layers, points = renderer("maya").layers, fitted("maya").points[:, :2] + renderer("maya").layers.margin
    grey = np.repeat(layers.canvas[..., 1:2], 3, 2)
    person = np.dstack([grey, np.full(grey.shape[:2], 255, np.uint8)])
    Wrinkles(grey, points, 1.0, renderer("maya").light).draw(person, actions(mouthSmileLeft=1, browInnerUp=1))
    assert np.ptp(person[..., :3].astype(int), axis=2).max() == 0
    assert (person[..., :3] != grey).any()


def test_skin_with_lines_at_rest_folds_deeper_than_smooth_skin():
    layers, points = renderer("maya").layers, fitted("maya").points[:, :2] + renderer("maya").layers.margin
    brow, hair = (float(points[list(row), 1].mean()) for row in ((107, 336), (109, 338)))
    lined = layers.canvas.astype(float)
    for share in (0.3, 0.45, 0.6):
        y = round(brow + share * (hair - brow))
        lined[y - 1 : y + 2, round(points[66, 0]) : round(points[296, 0])] *= 0.9
    smooth, old = (skin_age(picture, points, 1.0) for picture in (layers.canvas, lined.astype(np.uint8)))
    assert SMOOTHEST <= smooth < 0.7
    assert old > smooth + 0.25


def test_folds_are_no_sharper_than_the_picture():
    layers, points = renderer("maya").layers, fitted("maya").points[:, :2] + renderer("maya").layers.margin
    soft = cv2.GaussianBlur(layers.canvas, (0, 0), 3)
    assert picture_blur(soft, points, 1.0) > 2 * picture_blur(layers.canvas, points, 1.0)
    steepest = []
    for canvas in (layers.canvas, soft):
        person = np.dstack([canvas, np.full(canvas.shape[:2], 255, np.uint8)])
        Wrinkles(canvas, points, 1.0, renderer("maya").light).draw(person, actions(noseSneerRight=1))
        drawn = person[..., :3].astype(float).mean(2) - canvas.mean(2)
        steepest.append(np.abs(np.diff(cv2.GaussianBlur(drawn, (0, 0), 1), axis=0)).max())
    assert steepest[1] < 0.8 * steepest[0]


def test_wrinkles_lie_on_skin_and_not_on_hair():
    wrinkles, person, points = wrinkles_and_person("maya")
    before = person.astype(int)
    wrinkles.draw(person, actions(browInnerUp=1, browOuterUpLeft=1, browOuterUpRight=1))
    changed = np.abs(before - person).max(2) > 3
    cheek = before[int(points[50, 1]), int(points[50, 0]), :3].mean()
    assert before[changed][:, :3].mean(1).min() > 0.4 * cheek


def test_a_rising_brow_draws_the_skin_below_it_out_of_its_shade():
    """What was in the hollow above the eye would otherwise be stretched to a dark socket."""
    layers, points = renderer("maya").layers, fitted("maya").points[:, :2] + renderer("maya").layers.margin
    brow, lid = points[[53, 52, 65]], points[[161, 159, 157]]
    hollow = [tuple(int(v) for v in at) for at in brow + 0.4 * (lid - brow)]
    shade = np.ones(layers.canvas.shape[:2], np.float32)
    for at in hollow:
        cv2.circle(shade, at, 12, 0.75, -1)
    shaded = (layers.canvas * cv2.GaussianBlur(shade, (0, 0), 3)[..., None]).astype(np.uint8)
    person = np.dstack([shaded, np.full(shaded.shape[:2], 255, np.uint8)])
    wrinkles = Wrinkles(shaded, points, 1.0, renderer("maya").light)

    def light() -> float:
        return float(np.mean([person[y - 1 : y + 2, x - 1 : x + 2, :3].mean() for x, y in hollow]))

    before, at_rest = light(), person.copy()
    wrinkles.draw(person, actions(browInnerUp=1, browOuterUpRight=1))
    assert light() > 1.05 * before
    wrinkles.restore(person)
    assert (person == at_rest).all()
    wrinkles.draw(person, actions(browDownRight=1))
    for x, y in hollow:
        patch = slice(y - 1, y + 2), slice(x - 1, x + 2)
        assert (person[patch] <= at_rest[patch]).all()
