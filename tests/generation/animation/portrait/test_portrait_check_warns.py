from __future__ import annotations

import hashlib

import numpy as np
import pytest

from generation.animation.face.occlusion import ASSET
from generation.animation.portrait.portrait_check import check_portrait
from tests.generation.animation.pictures import NAMES, around_face, close_up, face_of, portrait
from tests.generation.animation.rendered import frame
from tools.model_assets.drawn_coverings import draw_beard, draw_glasses

pytestmark = pytest.mark.slow  # each asks the networks about a face or more


def warnings(image):
    return {warning.code: warning for warning in check_portrait(image).warnings}


@pytest.mark.parametrize("name", NAMES)
def test_glasses_draw_a_warning_and_are_not_refused(name):
    worn = draw_glasses(*close_up(name), np.random.default_rng(1001))
    assert "glasses" in warnings(worn)


@pytest.mark.parametrize("name", NAMES)
def test_a_full_beard_draws_a_warning_and_is_not_refused(name):
    bearded = draw_beard(*close_up(name), np.random.default_rng(1003))
    assert "beard" in warnings(bearded)


def test_glasses_and_a_beard_draw_both_and_each_has_a_sentence_and_a_hint():
    image, face = close_up("maya")
    random = np.random.default_rng(1003)
    found = warnings(draw_glasses(draw_beard(image, face, random), face, random))
    assert {"glasses", "beard"} <= found.keys()
    for warning in found.values():
        assert warning.message.endswith(".")
        assert warning.hint.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_a_small_picture_of_a_bare_face_draws_none(name):
    assert not warnings(around_face(name, 110))


@pytest.mark.parametrize("name", NAMES)
def test_closed_eyes_draw_a_warning_and_are_not_refused(name):
    assert "eyes_closed" in warnings(frame({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}, name=name))


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_that_ends_at_the_forehead_draws_a_warning(name):
    _, y, _, height = face_of(name).box
    cut = np.ascontiguousarray(portrait(name)[round(y + 0.02 * height) :])
    assert "tight_frame" in warnings(cut)


def test_the_probes_are_the_ones_whose_hash_is_written_beside_them():
    written = ASSET.with_suffix(".sha256").read_text().split()[0]
    assert hashlib.sha256(ASSET.read_bytes()).hexdigest() == written
