from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest

from generation.animation.face.occlusion import HAND_ASSET
from generation.animation.portrait import portrait_check
from generation.animation.portrait.portrait_check import REFUSALS, PortraitRejected, check_portrait, head_yaw
from tests.generation.animation.pictures import (
    NAMES,
    around_face,
    blurred,
    brightened,
    close_up,
    coloured_blocks,
    face_of,
    portrait,
    side_by_side,
    with_bar,
)
from tests.generation.animation.sculptures import dog, llama, stone_lion
from tools.model_assets.drawn_coverings import cover_eyes, cover_mouth, draw_glasses
from tools.model_assets.drawn_hand import draw_hand
from tools.model_assets.rendered_hands import lay_hand

pytestmark = pytest.mark.slow  # each asks the networks about a face or more


def refusal(image):
    with pytest.raises(PortraitRejected) as caught:
        check_portrait(image)
    return caught.value


def cartoon(fur):
    """A bear's face, drawn: two eyes, a muzzle, a nose."""
    image = np.full((600, 600, 3), (180, 220, 200), np.uint8)
    cv2.ellipse(image, (300, 330), (200, 190), 0, 0, 360, fur, -1, cv2.LINE_AA)
    cv2.ellipse(image, (300, 420), (95, 75), 0, 0, 360, (210, 170, 120), -1, cv2.LINE_AA)
    for side in (-1, 1):
        cv2.ellipse(image, (300 + side * 80, 290), (38, 45), 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(image, (300 + side * 78, 292), 22, (80, 40, 40), -1, cv2.LINE_AA)
        cv2.ellipse(image, (300 + side * 35, 430), (35, 25), 0, 0, 180, (30, 30, 30), 4, cv2.LINE_AA)
    cv2.ellipse(image, (300, 385), (28, 20), 0, 0, 360, (60, 40, 60), -1, cv2.LINE_AA)
    return image


def test_a_picture_of_nothing_has_no_face():
    assert refusal(np.full((400, 400, 3), 140, np.uint8)).code == "no_face"
    noise = np.random.default_rng(1).integers(0, 256, (400, 400, 3), dtype=np.uint8)
    assert refusal(noise).code == "no_face"


def test_a_drawn_animal_is_not_made_out():
    assert refusal(cartoon((120, 70, 40))).code == "face_unclear"


@pytest.mark.parametrize("animal", [dog, llama, stone_lion])
def test_the_head_of_an_animal_is_refused(animal):
    assert refusal(animal()).code in {"subject_unclear", "face_unclear", "face_covered"}


def test_two_people_side_by_side_are_several_faces():
    pair = side_by_side(around_face("amara", 200), around_face("kenji", 200))
    assert refusal(pair).code == "several_faces"


@pytest.mark.parametrize("name", NAMES)
def test_a_face_under_96_pixels_is_too_small(name):
    assert refusal(around_face(name, 84)).code == "face_too_small"


@pytest.mark.parametrize("name", NAMES)
def test_a_face_out_of_focus_is_blurred(name):
    assert refusal(blurred(around_face(name, 200), 5.0)).code == "blurred"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_across", [True, False])
def test_a_picture_taken_while_the_camera_moved_is_blurred(name, is_across):
    length = round(0.1 * face_of(name).box[2])
    shape = (1, length) if is_across else (length, 1)
    shaken = cv2.filter2D(portrait(name), -1, np.full(shape, 1 / length, np.float32))
    assert refusal(shaken).code == "blurred"


@pytest.mark.parametrize("name", NAMES)
def test_a_face_in_the_dark_is_badly_exposed(name):
    assert refusal(brightened(around_face(name, 240), 0.2)).code == "badly_exposed"


@pytest.mark.parametrize("is_grey", [False, True], ids=["colour", "grey"])
def test_an_overexposed_face_is_badly_exposed(is_grey):
    picture = brightened(around_face("kenji", 240), 2.6)
    if is_grey:
        picture = np.repeat(picture[..., 1:2], 3, 2)
    assert refusal(picture).code == "badly_exposed"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("over", ["mouth", "eyes"])
@pytest.mark.parametrize("colour", [(10, 10, 10), (240, 240, 240)], ids=["black", "white"])
def test_a_covered_face_is_refused(name, over, colour):
    assert refusal(with_bar(name, over, colour)).code == "face_covered"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("over", ["mouth", "eyes"])
@pytest.mark.parametrize("side", [16, 40])
def test_coloured_blocks_over_eyes_or_mouth_are_refused(name, over, side):
    assert refusal(with_bar(name, over, coloured_blocks(portrait(name), side, side))).code == "face_covered"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [2001, 2002])
def test_dark_glasses_are_refused(name, seed):
    worn = draw_glasses(*close_up(name), np.random.default_rng(seed), dark=True)
    assert refusal(worn).code == "face_covered"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cover", [cover_eyes, cover_mouth])
@pytest.mark.parametrize("seed", [2001, 2002, 2003])
def test_whatever_lies_over_eyes_or_mouth_is_refused(name, cover, seed):
    covered = cover(*close_up(name), np.random.default_rng(seed))
    assert refusal(covered).code in {"face_covered", "face_unclear", "no_face"}


def code_of(image):
    """The code of the refusal, or nothing."""
    try:
        check_portrait(image)
    except PortraitRejected as rejection:
        return rejection.code
    return ""


def test_most_hands_on_cheek_or_mouth_are_refused():
    picture, points = close_up("tomas")
    codes = [
        code_of(lay(picture, points, np.random.default_rng(seed), place))
        for lay, seed in ((lay_hand, 5000), (lay_hand, 5001), (draw_hand, 5000))
        for place in ("left cheek", "right cheek", "mouth")
    ]
    assert codes.count("face_covered") >= 7, codes


def test_the_probe_for_hands_is_the_one_whose_hash_is_written_beside_it():
    written = HAND_ASSET.with_suffix(".sha256").read_text().split()[0]
    assert hashlib.sha256(HAND_ASSET.read_bytes()).hexdigest() == written


def test_a_chin_outside_the_picture_is_said_to_be():
    _, y, _, height = (round(value) for value in face_of("tomas").box)
    for part in (0.94, 0.8):
        picture = portrait("tomas")[: y + round(part * height)].copy()
        assert refusal(picture).code == "chin_outside"


def test_a_picture_that_ends_below_the_chin_is_taken():
    _, y, _, height = (round(value) for value in face_of("tomas").box)
    picture = portrait("tomas")[: y + round(1.02 * height)].copy()
    assert check_portrait(picture).landmarks.points[152, 1] < picture.shape[0]


def test_a_face_in_glaring_light_is_badly_exposed():
    glaring = np.clip(portrait("maya").astype(np.float32) * 6, 0, 255).astype(np.uint8)
    assert refusal(glaring).code == "badly_exposed"


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_on_its_side_is_turned(name, turns):
    assert refusal(np.ascontiguousarray(np.rot90(portrait(name), turns))).code == "picture_turned"


def test_nobody_is_told_not_to_look_human():
    texts = " ".join(" ".join(pair) for pair in REFUSALS.values()).lower()
    assert "not_a_human_face" not in REFUSALS
    assert "human" not in texts


def test_a_face_that_looks_to_the_side_is_turned_away(monkeypatch):
    # No sample portrait is turned; the limit is brought below the seven degrees that they all have.
    assert abs(head_yaw(face_of("maya").points)) == pytest.approx(7.0, abs=1.5)
    monkeypatch.setattr(portrait_check, "MAX_YAW", 4.0)
    assert refusal(portrait("maya")).code == "face_turned_away"


def test_every_refusal_has_a_sentence_and_a_hint():
    for code, (message, hint) in REFUSALS.items():
        error = PortraitRejected(code, message, hint)
        assert str(error) == error.message
        assert error.message.endswith(".")
        assert error.hint.endswith(".")
