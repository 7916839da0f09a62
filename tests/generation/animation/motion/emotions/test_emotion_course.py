"""An emotion rises with the voice, lessens in pauses and is the same however the voice arrives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from generation.animation.motion.emotion_course import EmotionCourse
from generation.animation.motion.emotions import EMOTION_TABLE, Course, Emotion
from generation.animation.speech.prosody import Prosody

TIMES = (np.arange(250) + 0.5) / 25  # ten seconds
SPEECH = np.zeros(1000, np.float32)  # a pause, five seconds of speech, a pause
SPEECH[200:700] = 1.0


def _prosody(level_db: float, frames: slice = slice(0, 1000)) -> Prosody:
    count = len(SPEECH[frames])
    return Prosody(
        np.full(count, level_db, np.float32), np.ones(count, np.float32), np.full(count, 150.0, np.float32)
    )


def _shown(course: Course, level_db: float = -30.0) -> NDArray[np.float64]:
    emotion = EmotionCourse(course)
    emotion.push(_prosody(level_db), SPEECH)
    return emotion.at(TIMES)


def test_it_comes_from_the_portraits_own_face_without_a_jump() -> None:
    shown = _shown(Course(0.2, 1.0, 0.8))
    assert shown[0] < 0.01
    assert np.abs(np.diff(shown)).max() < 0.2


def test_it_is_at_its_apex_in_speech_and_lessens_in_pauses() -> None:
    shown = _shown(Course(0.3, 0.8, 0.6))
    in_speech, after = shown[100:170], shown[-10:]
    assert in_speech.mean() > 0.85
    assert after.mean() == pytest.approx(0.6, abs=0.05)


def test_loud_speech_brings_more_of_it_than_soft_speech() -> None:
    loud, soft = (_shown(Course(0.3, 0.8, 0.6), level)[100:170].mean() for level in (-15.0, -50.0))
    assert loud > soft + 0.08


def test_a_quick_emotion_comes_before_a_slow_one() -> None:
    surprised, sad = (_shown(EMOTION_TABLE[name].course)[:25].mean() for name in ("surprised", "sad"))
    assert surprised > 1.3 * sad


def test_pieces_of_a_voice_give_the_same_course() -> None:
    course, whole = EmotionCourse(Course()), _shown(Course())
    shown = []
    for first in range(0, 1000, 40):
        piece = slice(first, first + 40)
        course.push(_prosody(-30.0, slice(0, 0)), SPEECH[:0])  # live, often nothing is final yet
        course.push(_prosody(-30.0, piece), SPEECH[piece])
        shown.append(course.at(TIMES[first // 4 : first // 4 + 10 - 1]))
    kept = np.concatenate([whole[first : first + 9] for first in range(0, 250, 10)])
    assert np.allclose(np.concatenate(shown), kept, atol=1e-9)


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"course": (0.0, 1.0, 0.8)}, "onset_s and release_s"),
        ({"course": (0.3, 1.0, 1.2)}, "in_pauses"),
        ({"head": (20.0, 0.0, 0.0)}, "head and look must be within 15 degrees, not 20"),
    ],
)
def test_a_course_that_cannot_be_is_refused_in_words(
    row: dict[str, tuple[float, ...]], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        Emotion(0.0, {}, head=row.get("head", (0.0, 0.0, 0.0)), course=Course(*row.get("course", ())))  # type: ignore[arg-type]
