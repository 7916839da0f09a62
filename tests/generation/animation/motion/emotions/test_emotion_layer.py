"""An emotion leads the face: it leans to one side, turns the head, and the voice does not move against it."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.motion.controls import EMOTIONS, MotionControls
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.emotion_layer import EmotionLayer, Shown
from generation.animation.motion.motion_plan import GAZE, WIDTH
from generation.animation.speech.prosody import Prosody
from generation.animation.track.arkit import ARKIT_ACTIONS

TIMES = (np.arange(100) + 0.5) / 25
SAME = np.ones(52)


def _shown(emotion: str, intensity: float = 1.0, mouth: dict[str, float] | None = None) -> Shown:
    asked = MotionControls(emotion=emotion, emotion_intensity=intensity)
    layer = EmotionLayer(ControlCurves(asked), 1.0, SAME)
    count = 500
    level, speech = np.full(count, -20.0, np.float32), np.ones(count, np.float32)
    layer.push(Prosody(level, np.ones(count, np.float32), np.full(count, 150.0, np.float32)), speech)
    row = np.zeros((len(TIMES), 52))
    for name, value in (mouth or {}).items():
        row[:, ARKIT_ACTIONS.index(name)] = value
    return layer.show(TIMES, row)


def _last(shown: Shown, name: str) -> float:
    return float(shown.offsets[-1, ARKIT_ACTIONS.index(name)])


def test_a_neutral_face_is_left_to_the_voice() -> None:
    shown = _shown("neutral")
    assert not shown.offsets.any()
    assert not shown.head.any()
    assert (shown.left == 1).all()


@pytest.mark.parametrize(
    ("emotion", "name"),
    [
        ("angry", "browInnerUp"),
        ("sad", "mouthSmileLeft"),
        ("sad", "mouthStretchRight"),
        ("disgusted", "browOuterUpLeft"),
        ("surprised", "browDownLeft"),
        ("happy", "mouthFrownLeft"),
        ("happy", "browDownRight"),
        ("disgusted", "browDownLeft"),
    ],
)
def test_the_voice_does_not_move_against_an_emotion(emotion: str, name: str) -> None:
    assert _shown(emotion).left[-1, ARKIT_ACTIONS.index(name)] < 0.3
    assert _shown(emotion).left[-1, ARKIT_ACTIONS.index("jawOpen")] == 1


@pytest.mark.parametrize(
    "emotion", [name for name in EMOTIONS if name not in {"neutral", "angry", "surprised"}]
)
def test_a_mouth_is_stronger_on_one_side(emotion: str) -> None:
    shown = _shown(emotion)
    mouth = [i for i, name in enumerate(ARKIT_ACTIONS) if name.startswith("mouth") and name.endswith("Left")]
    right = [ARKIT_ACTIONS.index(ARKIT_ACTIONS[i].replace("Left", "Right")) for i in mouth]
    assert (shown.offsets[-1, mouth] > shown.offsets[-1, right] + 0.02).any()


def test_the_head_goes_with_it() -> None:
    assert _shown("sad").head[-1, 1] > 2 > -1 > _shown("surprised").head[-1, 1]


def test_half_of_an_emotion_is_more_than_half_as_strong() -> None:
    half, whole = (_last(_shown("angry", intensity), "browDownLeft") for intensity in (0.5, 1.0))
    assert 0.6 * whole < half < 0.75 * whole


def test_corners_that_are_drawn_down_stay_down_on_rounded_lips() -> None:
    rounded = _shown("sad", mouth={"mouthPucker": 0.8})
    assert _last(rounded, "mouthFrownLeft") == _last(_shown("sad"), "mouthFrownLeft") > 0.8
    assert _last(_shown("happy", mouth={"mouthPucker": 0.8}), "mouthSmileLeft") < 0.7


def test_rounded_lips_smile_less() -> None:
    assert _last(_shown("happy", mouth={"mouthPucker": 0.8}), "mouthSmileLeft") < 0.7 * _last(
        _shown("happy"), "mouthSmileLeft"
    )


def test_a_sad_look_goes_down_when_it_leaves_the_camera() -> None:
    layer = EmotionLayer(ControlCurves(MotionControls(emotion="sad", emotion_intensity=1.0)), 1.0, SAME)
    rows = np.zeros((2, WIDTH), np.float32)
    rows[1, GAZE] = (6.0, 0.0)
    layer.turn_gaze(rows)
    assert rows[0, GAZE][1] < 3
    assert rows[1, GAZE][1] > 7


def test_a_mouth_that_speaks_open_drops_by_less() -> None:
    closed, open_ = (
        0.4 * spoken + _last(_shown("surprised", mouth={"jawOpen": 0.4 * spoken}), "jawOpen")
        for spoken in (0, 1)
    )
    assert closed < open_ < closed + 0.25
