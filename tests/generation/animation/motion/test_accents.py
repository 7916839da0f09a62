"""Brows rise and heads come down on the syllables that a voice stresses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.speech import motion_metrics as metrics
from generation.animation.motion.generator import drive
from generation.animation.motion.motion_conditions import FRAMES, VOICE_FEATURES
from generation.animation.motion.voice_driven.accents import Accents
from generation.animation.speech.audio_input import prepare_samples
from generation.animation.speech.phone_segment import PhoneSegment
from generation.animation.speech.prosody import measure_prosody
from generation.animation.training.procedural_animator.rhythm import find_rhythm
from tests.generation.animation.speech_samples import NAMES, SpeechSample, speech_sample

ROWS, STRESSED = 120, 60


def _voice(stress: float = 0.8, gain: float = 0.0) -> NDArray[np.float32]:
    """Six seconds (120, 25) of a vowel every 0.2 s, one of them higher and louder by `stress`."""
    rows = np.zeros((ROWS, FRAMES, len(VOICE_FEATURES)), np.float32)
    level, pitch, voiced, speech, vowel = range(len(VOICE_FEATURES))
    rows[:, :, level] = gain
    rows[::4, :, vowel] = 1.0
    rows[:, :, [voiced, speech]] = 1.0
    rows[STRESSED, :, level] += stress
    rows[STRESSED, :, pitch] += stress
    return rows.reshape(ROWS, -1)


def _beats(voice: NDArray[np.float32], piece: int = ROWS) -> NDArray[np.float64]:
    accents = Accents()
    beats: list[NDArray[np.float64]] = []
    given = 0
    for first in range(0, len(voice), piece):
        accents.push(voice[first : first + piece])
        ready = max(min(first + piece, len(voice)) - 30, 0)
        beats.append(accents.beats(given, ready - given))
        given = ready
    return np.concatenate([*beats, accents.beats(given, len(voice) - given)])


def test_the_stressed_vowel_is_an_accent_and_its_neighbours_are_none() -> None:
    beats = _beats(_voice())
    assert beats.argmax() == STRESSED
    assert beats[STRESSED] > 0.9
    assert max(beats[STRESSED - 6], beats[STRESSED + 6]) < 0.3


def test_a_softer_recording_has_the_same_accents() -> None:
    assert np.allclose(_beats(_voice()), _beats(_voice(gain=-0.6)), atol=0.25)


def test_silence_has_none() -> None:
    assert not _beats(np.zeros((ROWS, FRAMES * len(VOICE_FEATURES)), np.float32)).any()


@pytest.mark.parametrize("piece", [1, 7, 40])
def test_pieces_of_a_voice_give_the_same_accents(piece: int) -> None:
    assert np.array_equal(_beats(_voice(), piece), _beats(_voice()))


def _stressed(sample: SpeechSample) -> NDArray[np.float64]:
    """When the voice stresses a vowel, by the times of its phones, in seconds."""
    prosody = measure_prosody(prepare_samples(sample.samples, sample.sample_rate))
    spoken = [
        PhoneSegment(phone, start, end, float(prosody.level_db[int(100 * start) : int(100 * end) + 1].max()))
        for phone, start, end in sample.phones
    ]
    return np.array([accent.time_s for accent in find_rhythm(spoken, prosody, sample.duration_s).accents])


@pytest.mark.slow
def test_brows_and_head_meet_stressed_syllables_twice_as_often_as_other_moments() -> None:
    met, met_by_chance = np.zeros(2), np.zeros(2)
    for name in NAMES:
        sample = speech_sample(name)
        stressed = _stressed(sample)
        for seed in range(4):
            track = drive(sample.samples, sample.sample_rate, seed=seed, fps=40)
            for kind, events in enumerate(metrics.beats(track)):
                met[kind] += metrics.near(events, stressed)[0]
                elsewhere = [metrics.near(events + shift, stressed)[0] for shift in (-0.6, -0.4, 0.4, 0.6)]
                met_by_chance[kind] += np.mean(elsewhere)
    assert (met > 2 * met_by_chance).all()
