"""The encoder at the end of a stream: its own outputs, without computing again what lies far back."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from generation.animation.speech import whisper_encoder
from generation.animation.speech.audio_input import prepare_samples
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.streaming_recogniser import StreamingRecogniser
from generation.animation.speech.whisper_encoder import RECENT, EncoderStream, load_encoder
from tests.generation.animation.speech_samples import speech_sample

pytestmark = pytest.mark.slow

LAYERS, LAST, WINDOW = 3, 24, 100
# Hops in turn and the silence after the stream, in positions; the second as live speech has them.
PACES = [((2,), 0), ((2, 3), 16)]


def _speech_mel(seconds: int = 5) -> Tensor:
    sample = speech_sample("sample1_female_calm")
    return torch.from_numpy(log_mel(prepare_samples(sample.samples, sample.sample_rate)[: seconds * 16_000]))


def _whole(mel: Tensor) -> list[Tensor]:
    with torch.inference_mode():
        return [output[0, -LAST:] for output in load_encoder().layer_outputs(mel[None], LAYERS)]


def _steps(
    stream: EncoderStream, mel: Tensor, hops: tuple[int, ...] = (2,), silent: int = 0
) -> Iterator[tuple[int, list[Tensor]]]:
    """How many positions the stream was given, and its outputs, after each of `hops` in turn through `mel`,
    which `silent` positions of silence follow."""
    silence = torch.full((mel.shape[0], 2 * silent), float(mel.min()))
    end = LAST
    for hop in cycle(hops):
        if end > mel.shape[1] // 2:
            return
        first = max(0, end - WINDOW)
        window = torch.cat([mel[:, 2 * first : 2 * end], silence], 1)
        yield window.shape[1] // 2, stream.outputs(window, first, silent, LAST)
        end += hop


def _followed(mel: Tensor, hops: tuple[int, ...] = (2,), silent: int = 0) -> list[list[Tensor]]:
    return [outputs for _, outputs in _steps(EncoderStream(LAYERS), mel, hops, silent)]


def test_a_stream_that_has_just_begun_gives_what_the_encoder_gives() -> None:
    mel = _speech_mel()[:, : 2 * RECENT]
    for followed, whole in zip(_followed(mel)[-1], _whole(mel), strict=True):
        assert torch.allclose(followed, whole, rtol=0, atol=1e-4)


def test_silence_after_the_stream_is_heard_and_not_given_out() -> None:
    mel = _speech_mel()[:, : 2 * RECENT]
    stream = EncoderStream(LAYERS)
    followed = stream.outputs(mel, 0, 10, LAST)
    with torch.inference_mode():
        whole = [output[0, -LAST - 10 : -10] for output in load_encoder().layer_outputs(mel[None], LAYERS)]
    for given, expected in zip(followed, whole, strict=True):
        assert torch.allclose(given, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("hops", "silent"), PACES)
def test_what_is_settled_hardly_differs_from_what_would_be_computed_now(
    monkeypatch: pytest.MonkeyPatch, hops: tuple[int, ...], silent: int
) -> None:
    mel = _speech_mel()
    settled = _followed(mel, hops, silent)
    monkeypatch.setattr(whisper_encoder, "RECENT", WINDOW)
    alike = []
    for one, other in zip(settled[-40:], _followed(mel, hops, silent)[-40:], strict=True):
        for output, computed in zip(one, other, strict=True):
            spread = [features - features.mean(0) for features in (output, computed)]
            alike.append(float(nn.functional.cosine_similarity(*spread, dim=-1).mean()))
    assert np.mean(alike) > 0.995


def test_its_position_encoding_begins_anew_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    mel = _speech_mel(3)
    monkeypatch.setattr(whisper_encoder, "LONGEST_RUN", WINDOW + 3)
    steps = _followed(mel)
    begins = WINDOW + 4  # the first window whose end is too far from the beginning
    window = mel[:, 2 * (begins - WINDOW) : 2 * begins]
    for followed, whole in zip(steps[(begins - LAST) // 2], _whole(window), strict=True):
        assert torch.allclose(followed, whole, rtol=0, atol=1e-4)


def test_a_step_of_live_speech_computes_only_what_is_recent(monkeypatch: pytest.MonkeyPatch) -> None:
    computed: list[int] = []
    project = whisper_encoder._EncoderLayer.project

    def counted(layer: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        computed.append(x.shape[1])
        return project(layer, x)

    monkeypatch.setattr(whisper_encoder._EncoderLayer, "project", counted)
    recogniser = StreamingRecogniser(16_000)
    voice = np.random.default_rng(0).normal(0, 0.1, 6 * 16_000).astype(np.float32)
    recogniser.push(voice[: 3 * 16_000])
    computed.clear()
    recogniser.push(voice[3 * 16_000 :])
    assert len(computed) == LAYERS * 60
    assert max(computed) <= RECENT + 20


@pytest.mark.parametrize(("hops", "silent"), PACES)
def test_of_a_stream_each_layer_keeps_the_positions_of_the_window_and_no_more(
    hops: tuple[int, ...], silent: int
) -> None:
    stream = EncoderStream(LAYERS)
    for given, _ in _steps(stream, _speech_mel(3), hops, silent):
        kept = [(keys.shape[2], values.shape[2]) for keys, values in stream._settled]
        assert kept == [(given, given)] * LAYERS
    assert given == WINDOW + silent
