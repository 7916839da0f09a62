"""The encoder of whisper-tiny.en in plain torch, run on short windows: 384 features, 50 times a second.

Whisper pads everything to 30 s. Its encoder accepts any length, and on windows of a few seconds it costs a
tenth, so long audio runs through windows that share context on both sides and memory stays flat.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.audio_features import MEL_BANDS, Samples, log_mel

WIDTH, HEADS, LAYERS = 384, 6, 4
FEATURE_RATE = 50
MAX_WINDOW = 1500  # positions the encoder knows, 30 s

WEIGHTS = Path(__file__).parent / "weights" / "whisper_tiny_en_encoder.safetensors"

_WINDOW, _CONTEXT = 500, 50  # in positions: 10 s of which 1 s on each side only informs the rest


class _Layer(nn.Module):
    """One pre-norm transformer layer; query, key and value come from one projection."""

    def __init__(self) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.attention_in = nn.Linear(WIDTH, 3 * WIDTH)
        self.attention_out = nn.Linear(WIDTH, WIDTH)
        self.feed_norm = nn.LayerNorm(WIDTH)
        self.feed_in = nn.Linear(WIDTH, 4 * WIDTH)
        self.feed_out = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, _ = x.shape
        packed = self.attention_in(self.attention_norm(x)).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        x = x + self.attention_out(attended.reshape(batch, length, WIDTH))
        fed: Tensor = x + self.feed_out(functional.gelu(self.feed_in(self.feed_norm(x))))
        return fed


class WhisperEncoder(nn.Module):
    """Mel spectrogram (B, 80, 2T) -> features (B, T, 384), T at most MAX_WINDOW."""

    positions: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MEL_BANDS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("positions", torch.zeros(MAX_WINDOW, WIDTH))
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor) -> Tensor:
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        for layer in self.layers:
            x = layer(x)
        features: Tensor = self.norm(x)
        return features


@cache
def load_encoder() -> WhisperEncoder:
    """The encoder with its weights, in single precision, ready for inference; loaded once a process."""
    encoder = WhisperEncoder()
    encoder.load_state_dict({name: values.float() for name, values in load_file(WEIGHTS).items()})
    encoder.requires_grad_(False).eval()
    return encoder


def encode_speech(samples: Samples) -> NDArray[np.float32]:
    """Features of 16 kHz samples: (N // 320, 384) at FEATURE_RATE, frame t for the 20 ms from t / 50 s."""
    mel = torch.from_numpy(log_mel(samples))
    total = mel.shape[1] // 2
    encoder = load_encoder()
    parts = [np.zeros((0, WIDTH), np.float32)]
    step = _WINDOW - 2 * _CONTEXT
    with torch.inference_mode():
        for start in range(0, total, step):
            first = max(0, start - _CONTEXT)
            last = min(total, start + step + _CONTEXT)
            features = encoder(mel[None, :, 2 * first : 2 * last])[0]
            parts.append(features[start - first : start - first + step].numpy())
    return np.concatenate(parts)
