"""A head that turns and speaks is told from a picture that is held up, and from somebody else's."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from generation.animation.face.face_descriptor import describe_face
from generation.live_check import watching
from generation.live_check.judging import NO_SOUND, Sound, judge
from generation.live_check.report import LiveWarning
from generation.live_check.watching import Watched
from tests.generation.animation.pictures import face_of, portrait
from tests.generation.animation.rendered import frame

pytestmark = pytest.mark.slow

FRAMES, RATE = 24, 10


@pytest.fixture(scope="module")
def opening() -> np.ndarray:
    """How far a mouth opens that speaks in the second half of the recording, at 100 a second."""
    times = np.arange(FRAMES * 10) / 100
    return np.where(times > 1.0, 0.5 + 0.5 * np.sin(times * 11.0) * np.sin(times * 3.1), 0.0)


@pytest.fixture(scope="module")
def live(opening: np.ndarray) -> Watched:
    """Maya, who turns her head to her left and then speaks."""
    times = np.arange(FRAMES) / RATE
    yaws, jaws = 24 * np.exp(-(((times - 0.5) / 0.3) ** 2)), 0.5 * opening[::10]
    return watching.watch(
        (time_s, frame({"jawOpen": jaw}, pose=(yaw,), name="maya", size=256))
        for time_s, yaw, jaw in zip(times, yaws, jaws, strict=True)
    )


@pytest.fixture(scope="module")
def held() -> Watched:
    """Maya's portrait, turned before the camera."""
    paper = cv2.resize(portrait("maya"), (256, 256), interpolation=cv2.INTER_AREA)
    corners = np.array([[0, 0], [256, 0], [256, 256], [0, 256]], np.float32)
    frames = []
    for index in range(FRAMES):
        narrow = 50 * np.exp(-(((index / RATE - 0.5) / 0.3) ** 2))
        shown = corners + np.array([[narrow, narrow / 4], [-narrow, 0], [-narrow, 0], [narrow, -narrow / 4]])
        bent = cv2.getPerspectiveTransform(corners, shown.astype(np.float32))
        frames.append((index / RATE, np.asarray(cv2.warpPerspective(paper, bent, (256, 256)), np.uint8)))
    return watching.watch(frames)


@cache
def described(name: str) -> np.ndarray:
    return describe_face(portrait(name), face_of(name).points)


def warnings_of(seen: Watched, sound: Sound, name: str = "maya", turn: str = "left") -> set[LiveWarning]:
    return set(judge(seen, sound, described(name), turn=turn).warnings)


def test_nothing_speaks_against_somebody_who_does_what_was_asked_for(live, opening):
    assert warnings_of(live, Sound(1.4, 6, opening)) == set()


def test_the_turn_has_to_be_to_the_side_that_was_asked_for(live, opening):
    assert warnings_of(live, Sound(1.4, 6, opening), turn="right") == {LiveWarning.NOT_TURNED}


def test_a_picture_held_up_is_flat_and_does_not_speak(held, opening):
    found = warnings_of(held, Sound(1.4, 6, opening))

    assert {LiveWarning.FLAT, LiveWarning.NOT_TURNED, LiveWarning.LIPS_DO_NOT_FOLLOW} <= found


def test_another_person_is_another_person(live, opening):
    for name in ("amara", "kenji", "tomas"):
        assert warnings_of(live, Sound(1.4, 6, opening), name) == {LiveWarning.ANOTHER_FACE}


def test_a_voice_that_is_not_the_mouths_is_noticed(live, opening):
    other = np.concatenate([opening[:100], opening[:99:-1]])

    assert warnings_of(live, Sound(1.4, 6, other)) == {LiveWarning.LIPS_DO_NOT_FOLLOW}


def test_silence_and_other_words_are_noticed(live, opening):
    assert LiveWarning.SILENT in warnings_of(live, NO_SOUND)
    assert warnings_of(live, Sound(1.4, 3, opening)) == {LiveWarning.PHRASE_NOT_HEARD}


def test_a_cut_is_noticed(live, opening):
    jumped = replace(live, rigid=[p + (60.0 if i > 15 else 0.0) for i, p in enumerate(live.rigid)])

    assert warnings_of(jumped, Sound(1.4, 6, opening)) == {LiveWarning.CUT}


def test_nobody_and_several_people_are_noticed(opening):
    empty = np.full((120, 160, 3), 90, np.uint8)
    nobody = watching.watch([(0.0, empty), (0.1, empty)])
    both = np.hstack([cv2.resize(portrait(name), (256, 256)) for name in ("maya", "kenji")])
    two = watching.watch([(0.0, np.asarray(both, np.uint8))])

    assert LiveWarning.NO_FACE in warnings_of(nobody, Sound(1.4, 6, opening))
    assert LiveWarning.SEVERAL_FACES in warnings_of(two, Sound(1.4, 6, opening))
