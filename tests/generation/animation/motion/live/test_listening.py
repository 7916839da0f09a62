"""Who listens nods where the other's phrases end, and keeps the mouth shut."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import find_peaks

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.generator import drive, stream
from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.track.motion_track import MotionTrack, concatenate_tracks
from tests.generation.animation.speech_samples import NAMES, action, lip_gap, speech_sample

FPS = 25
PAUSE_S = 0.7
LISTENING = MotionControls(listening=1.0)


@cache
def _conversation() -> tuple[NDArray[np.float32], int, NDArray[np.float64]]:
    """The samples one after the other, their rate, and when phrases end: the sound falls silent for 0.3 s."""
    rate = speech_sample(NAMES[0]).sample_rate
    pause = np.zeros(round(PAUSE_S * rate), np.float32)
    audio = np.concatenate([part for name in NAMES for part in (speech_sample(name).samples, pause)])
    frame = rate // 100
    level = np.sqrt((audio[: len(audio) // frame * frame].reshape(-1, frame) ** 2).mean(1))
    edges = np.flatnonzero(np.diff((level > 0.05 * level.max()).astype(int), append=0, prepend=0))
    starts, ends = edges[::2], edges[1::2]
    pauses = np.append(starts[1:], len(level)) - ends
    return audio, rate, ends[pauses >= 30] / 100


@cache
def _listened(live: bool, seed: int = 0) -> MotionTrack:
    audio, rate, _ = _conversation()
    if not live:
        return drive(audio, rate, controls=LISTENING, seed=seed, fps=FPS)
    chunks = [audio[start : start + 4000] for start in range(0, len(audio), 4000)]
    return concatenate_tracks(list(stream(chunks, rate, controls=LISTENING, seed=seed, fps=FPS)))


def _soon_after(times: NDArray[np.float64], ends: NDArray[np.float64]) -> float:
    """The share of `times` that lie within half a second after an end."""
    since = times[:, None] - ends[None, :]
    return float(((since > 0) & (since <= 0.5)).any(1).mean())


@pytest.mark.slow
@pytest.mark.parametrize("live", [False, True])
def test_nods_follow_the_ends_of_the_others_phrases(live: bool) -> None:
    track, ends = _listened(live), _conversation()[2]
    nods = (find_peaks(track.head_pose[:, 1], prominence=1.5)[0] + 0.5) / FPS
    assert len(nods) >= 4
    by_chance = _soon_after(np.arange(0, track.duration_s, 0.01), ends)
    assert _soon_after(nods, ends) >= 2 * by_chance


@pytest.mark.slow
@pytest.mark.parametrize("live", [False, True])
def test_the_mouth_does_not_speak_with_the_other(live: bool) -> None:
    assert lip_gap(_listened(live)).max() < 0.02
    assert action(_listened(live), "mouthPucker").max() < 0.02


@pytest.mark.slow
def test_a_listener_goes_on_blinking() -> None:
    shut = action(_listened(False), "eyeBlinkLeft") > 0.5
    minutes = _listened(False).duration_s / 60
    assert 8 < (shut[1:] & ~shut[:-1]).sum() / minutes < 30


@pytest.mark.slow
def test_of_two_channels_the_first_speaks_and_the_second_is_heard() -> None:
    sample = speech_sample(NAMES[1])
    silence = np.zeros_like(sample.samples)
    own = drive(np.stack([sample.samples, silence], 1), sample.sample_rate, fps=FPS)
    heard = drive(np.stack([silence, sample.samples], 1), sample.sample_rate, fps=FPS)
    alone = drive(sample.samples, sample.sample_rate, fps=FPS)
    assert np.allclose(own.actions, alone.actions, atol=1e-6)
    assert np.allclose(own.head_pose, alone.head_pose, atol=1e-5)
    assert lip_gap(heard).max() < 0.02
    assert np.abs(heard.head_pose[:, 1]).max() > 2


@pytest.mark.slow
def test_live_channels_may_not_come_and_go() -> None:
    sample = speech_sample(NAMES[1])
    chunk = sample.samples[:4000]
    with pytest.raises(UnusableAudioError, match="as many channels"):
        list(stream([np.stack([chunk, chunk], 1), chunk], sample.sample_rate))
