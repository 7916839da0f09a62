"""The input features of ArticulationNet: Whisper encoder layers, mel bands and normalised prosody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generation.animation.speech.articulation_net import ENCODER_LAYERS
from generation.animation.speech.audio_input import Samples
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.prosody import Prosody, measure_prosody
from generation.animation.speech.whisper_encoder import EncoderStream, load_encoder

_REFERENCE_PITCH_HZ = 150.0
_LAYERS = max(ENCODER_LAYERS) + 1


@dataclass(frozen=True, eq=False)
class AcousticFeatures:
    """Features of T encoder positions (20 ms each): `encoder` (T, 768), `mel` (2T, 80), `prosody` (2T, 3),
    all float32."""

    encoder: Tensor
    mel: Tensor
    prosody: Tensor


def prosody_features(prosody: Prosody) -> NDArray[np.float32]:
    """Level, voicing and log pitch of T frames, each normalised to about -1..1: (T, 3)."""
    octaves = np.log2(np.maximum(prosody.pitch_hz, 30.0) / _REFERENCE_PITCH_HZ)
    return np.stack(
        [(prosody.level_db + 35) / 20, prosody.voicing, np.where(prosody.pitch_hz > 0, octaves, 0.0)], axis=1
    ).astype(np.float32)


def encoder_features(mel: Tensor, last: int | None = None) -> Tensor:
    """The encoder layers ENCODER_LAYERS of mel spectrograms (B, 80, 2T), concatenated: (B, T, 768).

    With `last`, only the last positions: (B, last, 768).
    """
    with torch.inference_mode():
        outputs = load_encoder().layer_outputs(mel, _LAYERS, last)
        length = outputs[-1].shape[1]
        return torch.cat([outputs[layer][:, -length:] for layer in ENCODER_LAYERS], -1)


class FeatureStream:
    """`encoder_features` at the end of a stream that goes on; see `EncoderStream`."""

    def __init__(self) -> None:
        self._encoder = EncoderStream(_LAYERS)

    def features(self, mel: Tensor, first: int, silent: int, last: int) -> Tensor:
        """(last, 768) of the last positions before the silence; as `EncoderStream.outputs`."""
        outputs = self._encoder.outputs(mel, first, silent, last)
        with torch.inference_mode():
            return torch.cat([outputs[layer] for layer in ENCODER_LAYERS], -1)


def extract_features(samples: Samples) -> AcousticFeatures:
    """All features of one window of at most 30 s of level-normalised 16 kHz samples (N,)."""
    mel = torch.from_numpy(log_mel(samples))
    frames = mel.shape[1]
    prosody = torch.from_numpy(prosody_features(measure_prosody(samples))[:frames])
    return AcousticFeatures(encoder_features(mel[None])[0], mel.T.contiguous(), prosody)
