"""The encoder in torch is whisper's encoder, and windows of it are as good as the whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from generation.animation import whisper_encoder
from generation.animation.audio_features import log_mel, prepare_samples
from generation.animation.phone_head import phone_log_probabilities
from generation.animation.visemes import VISEME_OF_PHONE
from generation.animation.whisper_encoder import encode_speech, load_encoder
from tests.generation.animation.speech_samples import speech_sample

# Every tenth frame of CTranslate2 4.8.5's encoder (float32, the original model file) for the samples below.
REFERENCE = Path(__file__).parent / "data" / "whisper_tiny_en_reference.npz"


def _two_seconds() -> np.ndarray:
    sample = speech_sample("sample1_female_calm")
    return prepare_samples(sample.samples, sample.sample_rate)[8_000:40_000]


def test_it_gives_what_the_source_runtime_gives() -> None:
    expected = np.load(REFERENCE)["features"]
    with torch.inference_mode():
        features = load_encoder()(torch.from_numpy(log_mel(_two_seconds()))[None])[0].numpy()
    assert features.shape == (100, 384)
    assert np.abs(features[::10] - expected).max() < 1e-3


def test_its_weights_are_the_ones_on_the_card() -> None:
    card = (whisper_encoder.WEIGHTS.parent / "CARD.md").read_text()
    for name in ("whisper_tiny_en_encoder.safetensors", "phone_head.safetensors"):
        path = whisper_encoder.WEIGHTS.parent / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() in card


def test_where_the_windows_join_does_not_change_what_is_heard() -> None:
    sample = speech_sample("sample3_female_story")
    samples = np.tile(prepare_samples(sample.samples, sample.sample_rate), 3)
    shift = 150  # frames; every join falls elsewhere in the speech
    heard = VISEME_OF_PHONE[phone_log_probabilities(encode_speech(samples)).argmax(1)]
    shifted = VISEME_OF_PHONE[phone_log_probabilities(encode_speech(samples[shift * 320 :])).argmax(1)]
    assert len(heard) == len(samples) // 320
    assert (heard[shift:] == shifted).mean() > 0.85


@pytest.mark.parametrize("count", [0, 319, 320, 961])
def test_it_takes_clips_of_a_few_frames(count: int) -> None:
    assert encode_speech(np.zeros(count, np.float32)).shape == (count // 320, 384)
