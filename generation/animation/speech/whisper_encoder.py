"""The encoder of whisper-tiny.en in plain torch, run on short windows: 384 features, 50 times a second.

Whisper pads everything to 30 s. Its encoder accepts any length; on windows of a few seconds it costs a tenth.
Names of submodules are the keys of the weight file and stay as they are.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.speech.mel_spectrogram import MEL_BANDS

WIDTH, HEADS, LAYERS = 384, 6, 4
FEATURE_RATE = 50
MAX_WINDOW = 1500  # positions that have a position encoding, 30 s

WEIGHTS = Path(__file__).parents[1] / "weights" / "whisper_tiny_en_encoder.safetensors"


class _EncoderLayer(nn.Module):
    """One pre-norm transformer layer; query, key and value come from one projection."""

    def __init__(self) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(WIDTH)
        self.attention_in = nn.Linear(WIDTH, 3 * WIDTH)
        self.attention_out = nn.Linear(WIDTH, WIDTH)
        self.feed_norm = nn.LayerNorm(WIDTH)
        self.feed_in = nn.Linear(WIDTH, 4 * WIDTH)
        self.feed_out = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor, last: int | None = None) -> Tensor:
        """(B, T, 384) -> (B, T, 384), or only the `last` positions, which still attend to all."""
        batch, length, _ = x.shape
        packed = self.attention_in(self.attention_norm(x)).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        if last is not None:
            x, query = x[:, -last:], query[:, :, -last:]
        attended = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        x = x + self.attention_out(attended.reshape(batch, x.shape[1], WIDTH))
        mlp_out: Tensor = x + self.feed_out(functional.gelu(self.feed_in(self.feed_norm(x))))
        return mlp_out


class WhisperEncoder(nn.Module):
    """Mel spectrogram (B, 80, 2T) -> features (B, T, 384), T at most MAX_WINDOW."""

    positions: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MEL_BANDS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.register_buffer("positions", torch.zeros(MAX_WINDOW, WIDTH))
        self.layers = nn.ModuleList(_EncoderLayer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, mel: Tensor) -> Tensor:
        features: Tensor = self.norm(self.layer_outputs(mel)[-1])
        return features

    def layer_outputs(self, mel: Tensor, layers: int = LAYERS, last: int | None = None) -> list[Tensor]:
        """The outputs of the first `layers` layers, (B, T, 384) each; `forward` normalises the last.

        With `last`, the final one is computed for the last positions only: (B, last, 384).
        """
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        outputs = []
        for index, layer in enumerate(self.layers[:layers]):
            x = layer(x, last if index + 1 == layers else None)
            outputs.append(x)
        return outputs


@cache
def load_encoder() -> WhisperEncoder:
    """The encoder with its weights, in single precision, ready for inference; loaded once a process."""
    encoder = WhisperEncoder()
    encoder.load_state_dict({name: values.float() for name, values in load_file(WEIGHTS).items()})
    encoder.requires_grad_(False).eval()
    return encoder
