"""The table of emotions does not depend on what the motion network was trained with."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotions import EMOTION_TABLE, Emotion
from generation.animation.motion.generator import drive
from generation.animation.motion.motion_conditions import (
    NEUTRAL,
    TRAINED_EMOTIONS,
    EmotionNotTrained,
    encode_controls,
    training_label,
)
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.speech_samples import action, speech_sample

ROOT = Path(__file__).parents[5]
AMUSED = Emotion(0.0, {"browOuterUpLeft": 0.5, "mouthSmile*": 0.3, "cheekPuff": 0.2})
# A process in which the table has one more row before anything else is imported, as after an edit of it.
ONE_MORE_ROW = """
import json
from generation.animation.motion.emotions import EMOTION_TABLE, Emotion
EMOTION_TABLE["amused"] = Emotion(0.0, {"browOuterUpLeft": 0.5, "mouthSmile*": 0.3, "cheekPuff": 0.2})
"""


@pytest.fixture
def _amused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EMOTION_TABLE, "amused", AMUSED)


def performance(emotion: str) -> MotionTrack:
    sample = speech_sample("sample2_male_bright")
    controls = MotionControls(emotion=emotion, emotion_intensity=0.8)
    return drive(sample.samples[: 2 * sample.sample_rate], sample.sample_rate, controls=controls, seed=3)


def digest(track: MotionTrack) -> str:
    arrays = (track.actions, track.head_pose, track.gaze)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def answer_with_one_more_row(code: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", ONE_MORE_ROW + code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_emotion_that_was_trained_is_in_the_table() -> None:
    assert {NEUTRAL, *TRAINED_EMOTIONS} <= set(EMOTION_TABLE)


@pytest.mark.slow
def test_a_new_emotion_needs_no_training_and_leaves_happy_bit_equal() -> None:
    module = "tests.generation.animation.motion.emotions.test_emotion_table"
    digests = answer_with_one_more_row(
        f"from {module} import digest, performance\n"
        "print(json.dumps([digest(performance(name)) for name in ('happy', 'amused')]))"
    )
    assert isinstance(digests, list)
    assert digests[0] == digest(performance("happy"))
    assert digests[1] not in {digests[0], digest(performance("neutral"))}


@pytest.mark.slow
@pytest.mark.usefixtures("_amused")
def test_a_new_emotion_drives_its_own_offsets_and_nothing_else() -> None:
    amused, neutral = performance("amused"), performance("neutral")
    spoken = slice(25, None)  # the offset fades in at the start
    for name, weight in (("browOuterUpLeft", 0.5), ("cheekPuff", 0.2)):
        added = (action(amused, name) - action(neutral, name))[spoken]
        assert added.mean() == pytest.approx(0.8 * weight, abs=0.1)
    smile = (action(amused, "mouthSmileLeft") - action(neutral, "mouthSmileLeft"))[spoken]
    assert smile.mean() > 0.1
    assert np.array_equal(action(amused, "browOuterUpRight"), action(neutral, "browOuterUpRight"))
    assert np.array_equal(amused.head_pose, neutral.head_pose)
    assert np.array_equal(amused.gaze, neutral.gaze)


@pytest.mark.slow
def test_the_arousal_of_a_new_emotion_sets_the_size_of_movement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EMOTION_TABLE, "thrilled", Emotion(1.0, {"browOuterUp*": 0.3}))
    thrilled, neutral = performance("thrilled"), performance("neutral")
    assert (
        np.abs(np.diff(thrilled.head_pose[:, :3], axis=0)).mean()
        > 1.1 * np.abs(np.diff(neutral.head_pose[:, :3], axis=0)).mean()
    )


@pytest.mark.usefixtures("_amused")
def test_a_new_emotion_has_zero_conditioning() -> None:
    asked = encode_controls(MotionControls(emotion="amused", emotion_intensity=1.0))
    assert np.array_equal(asked.emotion, encode_controls(MotionControls()).emotion)


@pytest.mark.usefixtures("_amused")
def test_a_new_emotion_cannot_label_training_data() -> None:
    with pytest.raises(EmotionNotTrained, match=r"amused cannot label a training example.*happy, sad"):
        training_label(MotionControls(emotion="amused"))
    assert training_label(MotionControls(emotion="happy")).emotion.any()


@pytest.mark.slow
def test_the_api_and_the_form_offer_a_new_emotion() -> None:
    offered = answer_with_one_more_row(
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.test'\n"
        "import django; django.setup()\n"
        "from generation.api.choice_schemas import ControlsIn\n"
        "from generation.pages.forms.job import JobForm\n"
        "choices = dict(JobForm.base_fields['emotion'].choices)\n"
        "print(json.dumps([ControlsIn(emotion='amused').emotion, choices['amused']]))"
    )
    assert offered == ["amused", "Amused"]


@pytest.mark.parametrize(
    ("offsets", "complaint"),
    [
        ({"mouthGrin": 0.5}, "mouthGrin is not one of the 52 actions"),
        ({"browInnerUp*": 0.5}, r"browInnerUp\* is not one of"),
        ({"jawOpen": 2.0}, "jawOpen must be from -1 to 1, not 2"),
    ],
)
def test_a_row_that_cannot_work_is_refused_in_words(offsets: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Emotion(0.0, offsets)
