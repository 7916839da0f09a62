"""What ArticulationNet is given of speech: encoder layers, mel bands, level, voicing and pitch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from generation.animation.speech.articulation_net import TAPS
from generation.animation.speech.audio_features import Prosody, Samples, log_mel, measure_prosody
from generation.animation.speech.whisper_encoder import load_encoder

_USUAL_PITCH_HZ = 150.0


@dataclass(frozen=True, eq=False)
class Senses:
    """Of T positions of 20 ms: `speech` (T, 768), `mel` (2T, 80), `sound` (2T, 3), all float32."""

    speech: Tensor
    mel: Tensor
    sound: Tensor


def describe_sound(prosody: Prosody) -> NDArray[np.float32]:
    """Level, voicing and pitch, each about -1 to 1, as the net takes them: (T, 3)."""
    octaves = np.log2(np.maximum(prosody.pitch_hz, 30.0) / _USUAL_PITCH_HZ)
    return np.stack(
        [(prosody.level_db + 35) / 20, prosody.voicing, np.where(prosody.pitch_hz > 0, octaves, 0.0)], axis=1
    ).astype(np.float32)


def listen(mel: Tensor, last: int | None = None) -> Tensor:
    """Encoder layers of mel spectrograms (B, 80, 2T): (B, T, 768), or of the `last` positions only."""
    with torch.inference_mode():
        outputs = load_encoder().layer_outputs(mel, max(TAPS) + 1, last)
        length = outputs[-1].shape[1]
        return torch.cat([outputs[tap][:, -length:] for tap in TAPS], -1)


def sense(samples: Samples) -> Senses:
    """Everything of one window of at most 30 s of levelled 16 kHz samples."""
    mel = torch.from_numpy(log_mel(samples))
    frames = mel.shape[1]
    sound = torch.from_numpy(describe_sound(measure_prosody(samples))[:frames])
    return Senses(listen(mel[None])[0], mel.T.contiguous(), sound)
