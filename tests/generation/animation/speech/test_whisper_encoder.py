"""The encoder in torch is whisper's encoder."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import torch

from generation.animation.speech import whisper_encoder
from generation.animation.speech.audio_input import prepare_samples
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.whisper_encoder import load_encoder
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


def test_all_weights_are_the_ones_on_the_card() -> None:
    card = (whisper_encoder.WEIGHTS.parent / "CARD.md").read_text()
    on_card = dict(re.findall(r"^\| `(\w+\.safetensors)` .* `([0-9a-f]{64})` \|$", card, re.MULTILINE))
    shipped = whisper_encoder.WEIGHTS.parent.glob("*.safetensors")
    assert on_card == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in shipped}
