"""Laughter and effort are seen, not only heard."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from generation.animation.motion.generator import drive
from generation.animation.motion.voice_driven.quality_layer import QualityLayer
from generation.animation.speech.voice_quality import SOFTEST, VoiceQuality
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack
from generation.animation.training.voice.laughter import bursts_of_laughter
from tests.generation.animation.speech_samples import action

TIMES = (np.arange(100) + 0.5) / 25


@cache
def _laughed(seed: int) -> MotionTrack:
    samples = bursts_of_laughter(np.random.default_rng(seed))
    return drive((0.3 * samples / np.abs(samples).max()).astype(np.float32), 16_000)


def _shown(quality: VoiceQuality, name: str) -> float:
    layer = QualityLayer()
    layer.push(quality)
    return float(layer.offsets(TIMES)[50:, ARKIT_ACTIONS.index(name)].mean())


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1001, 1002, 1003])
def test_laughter_reaches_mouth_cheeks_and_eyes(seed: int) -> None:
    for name, least in (("mouthSmileLeft", 0.4), ("cheekSquintLeft", 0.3), ("eyeSquintLeft", 0.2)):
        assert np.percentile(action(_laughed(seed), name), 75) > least


@pytest.mark.parametrize(("effort", "name"), [(1.0, "browDownLeft"), (-1.0, "browInnerUp")])
def test_effort_shows_in_the_brows(effort: float, name: str) -> None:
    usual = VoiceQuality.usual(400)
    other = VoiceQuality(usual.voice, usual.laughter, np.full(400, effort, np.float32))
    assert _shown(usual, name) == 0
    assert _shown(other, name) > 0.1


def test_a_soft_voice_is_not_shown_as_a_whisper() -> None:
    usual = VoiceQuality.usual(400)
    soft = VoiceQuality(usual.voice, usual.laughter, np.full(400, SOFTEST, np.float32))
    assert _shown(soft, "browInnerUp") == pytest.approx(0, abs=1e-6)


def test_what_is_no_voice_shows_no_effort() -> None:
    quiet = VoiceQuality(*(np.full(400, value, np.float32) for value in (0.1, 0.0, 1.0)))
    assert _shown(quiet, "browDownLeft") == 0


def test_pieces_without_a_frame_change_nothing() -> None:
    effort = np.sin(np.arange(400) / 30).astype(np.float32)
    whole, pieces = QualityLayer(), QualityLayer()
    ones, zeros = np.ones(400, np.float32), np.zeros(400, np.float32)
    whole.push(VoiceQuality(ones, zeros, effort))
    for first in range(0, 400, 7):
        part = slice(first, first + 7)
        pieces.push(VoiceQuality(ones[part], zeros[part], effort[part]))
        pieces.push(VoiceQuality.usual(0))
    assert np.allclose(whole.offsets(TIMES), pieces.offsets(TIMES), rtol=0, atol=1e-12)
