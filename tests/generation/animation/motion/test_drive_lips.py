"""The mouth says what is said."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.motion.controls import EMOTIONS, MotionControls
from generation.animation.motion.generator import drive
from generation.animation.track.motion_track import MotionTrack
from tests.generation.animation.speech_samples import (
    NAMES,
    SpeechSample,
    action,
    frames_between,
    lip_gap,
    speech_sample,
)

pytestmark = pytest.mark.slow

# The end of "welcome" is labelled as half a second of M that runs into silence.
LONGEST_PHONE_S = 0.3


def _closures(sample: SpeechSample) -> list[tuple[float, float]]:
    return [(a, b) for phone, a, b in sample.phones if phone in "PBM" and b - a < LONGEST_PHONE_S]


def _sealed(track: MotionTrack, start_s: float, end_s: float) -> bool:
    """Whether the lips are pressed shut in some frame of the phone, give or take the labels' 30 ms."""
    near = frames_between(track, start_s - 0.03, end_s + 0.03)
    shut = (lip_gap(track)[near] < 0.005) & (action(track, "mouthPressLeft")[near] > 0.25)
    return bool(shut.any())


@pytest.mark.parametrize("fps", [25, 40, 60])
def test_it_shuts_the_lips_on_p_b_and_m(fps: float) -> None:
    hits = []
    for name in NAMES:
        sample = speech_sample(name)
        track = drive(sample.samples, sample.sample_rate, fps=fps)
        hits += [_sealed(track, start, end) for start, end in _closures(sample)]
    assert len(hits) >= 20
    assert np.mean(hits) >= 0.85


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_no_emotion_blunts_a_closure(emotion: str) -> None:
    sample = speech_sample("sample2_male_bright")
    controls = MotionControls(emotion=emotion, emotion_intensity=1.0, expressiveness=1.5)
    track = drive(sample.samples, sample.sample_rate, controls=controls)
    assert all(_sealed(track, start, end) for start, end in _closures(sample))


def test_what_is_said_does_not_lift_the_corners_of_a_sad_mouth() -> None:
    sample = speech_sample("sample2_male_bright")
    neutral, sad = (
        drive(
            sample.samples, sample.sample_rate, controls=MotionControls(emotion=emotion, emotion_intensity=1)
        )
        for emotion in ("neutral", "sad")
    )
    settled = slice(int(1.5 * neutral.fps), None)
    lifted = action(neutral, "mouthSmileLeft")[settled].max()
    assert lifted > 0.15
    assert action(sad, "mouthSmileLeft")[settled].max() < 0.4 * lifted
    assert np.percentile(action(sad, "mouthFrownLeft")[settled], 10) > 0.7


def test_it_opens_the_mouth_on_open_vowels_wider_than_on_closures() -> None:
    wide, shut = [], []
    for name in NAMES:
        sample = speech_sample(name)
        track = drive(sample.samples, sample.sample_rate, fps=40)
        for phone, start, end in sample.phones:
            near = frames_between(track, start, end)
            if phone in ("AA", "AE", "AO") and 0.06 < end - start < LONGEST_PHONE_S:
                wide.append(lip_gap(track)[near].max())
            elif phone in ("P", "B", "M") and end - start < LONGEST_PHONE_S:
                shut.append(lip_gap(track)[near].min())
    assert np.median(wide) > 0.25
    spread = np.sqrt((np.var(wide) + np.var(shut)) / 2)
    assert (np.mean(wide) - np.mean(shut)) / spread > 2.5


def test_it_brings_the_lower_lip_to_the_teeth_on_f_and_v() -> None:
    hits = []
    for name in NAMES:
        sample = speech_sample(name)
        track = drive(sample.samples, sample.sample_rate, fps=40)
        hits += [
            action(track, "mouthRollLower")[frames_between(track, start - 0.04, end + 0.04)].max() > 0.35
            for phone, start, end in sample.phones
            if phone in "FV"
        ]
    assert np.mean(hits) >= 0.75


def test_it_rounds_the_lips_on_w_and_u_before_they_sound() -> None:
    sample = speech_sample("sample1_female_calm")
    track = drive(sample.samples, sample.sample_rate, fps=40)
    onset = 2.52  # "I would love": the W follows a pause
    before = action(track, "mouthPucker")[frames_between(track, onset - 0.12, onset - 0.02)]
    assert before.max() > 0.1


def test_it_rests_closed_in_pauses() -> None:
    sample = speech_sample("sample3_female_story")
    track = drive(sample.samples, sample.sample_rate)
    pause = frames_between(track, 4.05, 4.2)
    assert lip_gap(track)[pause].max() < 0.06
    assert lip_gap(track)[-3:].max() < 0.02


def test_it_opens_less_when_asked_for_little_expression() -> None:
    sample = speech_sample("sample1_female_calm")
    calm, lively = (
        drive(sample.samples, sample.sample_rate, controls=MotionControls(expressiveness=e))
        for e in (0.0, 1.5)
    )
    assert lip_gap(calm).mean() < 0.8 * lip_gap(lively).mean()
    assert action(calm, "browInnerUp").mean() < action(lively, "browInnerUp").mean()
