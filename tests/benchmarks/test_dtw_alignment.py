"""Phones are aligned to where they are spoken, by readings of other voices."""

from __future__ import annotations

import ctypes

import pytest

from benchmarks.speech.dtw_alignment import align_by_dtw
from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.speech.visemes import LIP_CLOSURES
from generation.animation.training.synthesisers.espeak import Espeak

pytestmark = pytest.mark.slow


@pytest.fixture
def espeak() -> Espeak:
    try:
        ctypes.CDLL("libespeak-ng.so.1")
    except OSError:
        pytest.skip("needs libespeak-ng1")
    return Espeak()


@pytest.mark.slow
def test_closures_are_found_where_a_faster_and_deeper_voice_makes_them(espeak: Espeak) -> None:
    text = "Il bambino mangia una mela rossa sotto il grande albero."
    spoken = espeak.speak(text, "it+m1", 200, 30)
    labels = align_by_dtw(espeak, text, "it", spoken.samples, SAMPLE_RATE)
    assert [phone for phone, _, _ in labels.segments] == [phone for phone, _, _ in spoken.segments]
    for (phone, start, end), (_, first, last) in zip(spoken.segments, labels.segments, strict=True):
        if phone in LIP_CLOSURES:
            assert abs(first + last - start - end) / 2 < 0.04


def test_a_text_that_is_not_what_is_said_fits_worse(espeak: Espeak) -> None:
    spoken = espeak.speak("Il nonno racconta sempre la stessa favola ai nipoti.", "it", 160, 50)
    said, other = (
        align_by_dtw(espeak, text, "it", spoken.samples, SAMPLE_RATE).misfit
        for text in ("Il nonno racconta sempre la stessa favola ai nipoti.", "Sabbia bianca, acqua limpida.")
    )
    assert other > 2 * said


def test_the_n_of_conferencia_is_a_lip_on_the_teeth(espeak: Espeak) -> None:
    spoken = espeak.speak("una conferencia", "es-419", 160, 50)
    labels = align_by_dtw(espeak, "una conferencia", "es", spoken.samples, SAMPLE_RATE)
    phones = [phone for phone, _, _ in labels.segments]
    assert phones[phones.index("F") - 1] == "V"
