"""Analysis of a stream: independent of chunk boundaries, in time, and close to that of the whole clip."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.speech.speech_analysis import SpeechAnalysis, analyse_speech
from generation.animation.speech.streaming_recogniser import HOP_S, LOOK_AHEAD_S, StreamingRecogniser
from generation.animation.speech.visemes import VISEME_OF_PHONE
from tests.generation.animation.speech_samples import speech_sample

pytestmark = pytest.mark.slow

SECONDS = 4


def _speech(sample_rate: int = 0) -> tuple[np.ndarray, int]:
    sample = speech_sample("sample1_female_calm")
    return sample.samples[: SECONDS * sample.sample_rate], sample.sample_rate


def _streamed(audio: np.ndarray, sample_rate: int, sizes: list[int]) -> SpeechAnalysis:
    recogniser, at = StreamingRecogniser(sample_rate), 0
    parts: list[SpeechAnalysis] = []
    while at < len(audio):
        size = sizes[len(parts) % len(sizes)]
        parts.append(recogniser.push(audio[at : at + size]))
        at += size
    return SpeechAnalysis.concatenate([*parts, recogniser.flush()])


@cache
def _in_equal_pieces() -> SpeechAnalysis:
    """Of the speech that several tests look at."""
    return _streamed(*_speech(), [1200])


def test_how_it_is_cut_changes_nothing() -> None:
    first, second = _in_equal_pieces(), _streamed(*_speech(), [7, 4000, 333])
    assert len(first) == SECONDS * 100
    assert np.array_equal(first.posteriors, second.posteriors)
    assert np.array_equal(first.mouth.shapes, second.mouth.shapes)
    assert np.array_equal(first.mouth.closure, second.mouth.closure)


def test_a_frame_comes_when_its_look_ahead_and_a_hop_are_over() -> None:
    audio, rate = _speech()
    recogniser, given = StreamingRecogniser(rate), 0
    for end in range(rate // 20, len(audio) // 2, rate // 20):
        given += len(recogniser.push(audio[end - rate // 20 : end]))
        # 10 ms more for the resampler's filter.
        assert given / 100 >= end / rate - LOOK_AHEAD_S - HOP_S - 0.011
        assert given / 100 <= max(0.0, end / rate - LOOK_AHEAD_S + 1e-6)


def test_it_comes_close_to_the_analysis_of_the_whole_clip() -> None:
    whole, stream = analyse_speech(*_speech()), _in_equal_pieces()
    assert np.abs(whole.mouth.shapes[:, 0] - stream.mouth.shapes[:, 0]).mean() < 0.05
    assert np.mean((whole.mouth.closure > 0.5) == (stream.mouth.closure > 0.5)) > 0.9


def test_its_visemes_are_mostly_those_of_the_whole_clip() -> None:
    same: list[np.ndarray] = []
    for name in ("sample1_female_calm", "sample2_male_bright", "sample3_female_story"):
        sample = speech_sample(name)
        analyses = (
            analyse_speech(sample.samples, sample.sample_rate),
            _streamed(sample.samples, sample.sample_rate, [1200]),
        )
        whole, stream = (VISEME_OF_PHONE[analysis.posteriors.argmax(1)] for analysis in analyses)
        same.append((whole == stream)[whole > 0])
    # .86 with a window of 1.28 s that broke off where the stream did.
    assert np.concatenate(same).mean() > 0.87


def test_contacts_come_and_go_without_a_jump() -> None:
    assert np.abs(np.diff(_in_equal_pieces().mouth.closure)).max() < 0.35


@pytest.mark.parametrize("rate", [8_000, 44_100])
def test_any_rate_will_do(rate: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, rate + 7).astype(np.float32)
    assert len(_streamed(noise, rate, [999])) == 100


def test_it_can_end_before_it_began() -> None:
    assert len(StreamingRecogniser(16_000).flush()) == 0


def test_it_refuses_rates_and_samples_that_are_none() -> None:
    with pytest.raises(UnusableAudioError):
        StreamingRecogniser(100)
    with pytest.raises(UnusableAudioError):
        StreamingRecogniser(16_000).push(np.full(10, np.inf, np.float32))
