"""The conditioning of MotionFlow: voice features and control vector."""

from __future__ import annotations

import numpy as np

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.motion_conditions import FRAMES, VOICE_FEATURES, VoiceSteps, encode_controls
from generation.animation.speech.prosody import Prosody


def _prosody(pitch_hz: np.ndarray) -> Prosody:
    count = len(pitch_hz)
    return Prosody(
        np.full(count, -25.0, np.float32), np.full(count, 0.9, np.float32), pitch_hz.astype(np.float32)
    )


def _rows(pitch_hz: np.ndarray, cut: int) -> np.ndarray:
    steps, ones = VoiceSteps(), np.ones(len(pitch_hz), np.float32)
    whole = _prosody(pitch_hz)
    parts = []
    for start in range(0, len(pitch_hz), cut):
        piece = slice(start, start + cut)
        part = Prosody(whole.level_db[piece], whole.voicing[piece], whole.pitch_hz[piece])
        parts.append(steps.push(part, ones[piece], ones[piece]))
    return np.concatenate([*parts, steps.finish()])


def test_rows_do_not_depend_on_how_the_voice_was_cut() -> None:
    pitch = 150 + 40 * np.sin(np.arange(333) / 20)
    assert np.allclose(_rows(pitch, 7), _rows(pitch, 333))
    assert len(_rows(pitch, 7)) == 67


def test_high_and_low_voices_move_a_head_alike() -> None:
    melody = 1 + 0.2 * np.sin(np.arange(600) / 20)
    voices = [_rows(hz * melody, 600)[60:] for hz in (110.0, 220.0)]
    column = slice(VOICE_FEATURES.index("pitch"), None, len(VOICE_FEATURES))
    assert np.abs(voices[0][:, column] - voices[1][:, column]).max() < 0.15
    assert voices[0][:, column].std() > 0.1
    assert voices[0].shape[1] == FRAMES * len(VOICE_FEATURES)


def test_nothing_asked_is_nothing_told() -> None:
    neutral = encode_controls(MotionControls())
    assert not neutral.emotion.any()
    assert not neutral.gaze.any()
    happy = encode_controls(MotionControls(emotion="happy", emotion_intensity=0.4, arousal=1.0))
    assert np.isclose(happy.emotion.max(), 1.0)
    assert np.isclose(sorted(happy.emotion)[-2], 0.4)
