"""The encoder of whisper-tiny.en in plain torch, run on short windows: 384 features, 50 times a second.

Whisper pads everything to 30 s. Its encoder accepts any length; on windows of a few seconds it costs a tenth.
Of a stream `EncoderStream` computes only what is new, which costs a third of that.
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
from generation.animation.weight_layout import lay_out_by_column

WIDTH, HEADS, LAYERS = 384, 6, 4
FEATURE_RATE = 50
MAX_WINDOW = 1500  # positions that have a position encoding, 30 s
RECENT = 64  # positions of a stream that are computed again in each step, 1.28 s
# Positions of a stream, 10 s, beyond which its position encoding begins anew, at the start of the window of
# that step. Later runs last shorter by the length of that window.
LONGEST_RUN = 500

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
        query, key, value = self.project(x)
        if last is not None:
            x, query = x[:, -last:], query[:, :, -last:]
        return self.attend(x, query, key, value)

    def project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Query, key and value (B, 6, T, 64) of each position of `x` (B, T, 384)."""
        batch, length, _ = x.shape
        packed = self.attention_in(self.attention_norm(x)).view(batch, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        return query, key, value

    def attend(self, x: Tensor, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """The layer's output (B, T, 384) at the positions of `x` and `query`, which attend to any others."""
        batch = x.shape[0]
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
        x = self.embed(mel)
        x = x + self.positions[: x.shape[1]]
        outputs = []
        for index, layer in enumerate(self.layers[:layers]):
            x = layer(x, last if index + 1 == layers else None)
            outputs.append(x)
        return outputs

    def embed(self, mel: Tensor) -> Tensor:
        """Mel spectrogram (B, 80, 2T) -> what the first layer gets, without positions: (B, T, 384)."""
        embedded: Tensor = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        return embedded


class EncoderStream:
    """The first layers of the encoder at the end of a stream that goes on.

    The newest RECENT positions are computed again in each step. What lies further back is settled: its keys
    and values stay as they were when that much of the stream lay behind it. The encoder looks to both sides,
    so that they would still change, but by little. Memory does not grow.
    """

    def __init__(self, layers: int) -> None:
        """`layers` of the encoder are used."""
        self._encoder = load_encoder()
        self._layers = self._encoder.layers[:layers]
        self._settled = self._nothing()  # keys and values of each layer
        self._first = 0  # the position of the stream that they begin with
        self._begun: int | None = None  # the one that has the first position encoding

    def outputs(self, mel: Tensor, first: int, silent: int, last: int) -> list[Tensor]:
        """Each layer's output (last, 384) at the `last` positions of the stream that are known.

        `mel` (80, 2T) begins at position `first` of the stream, which never goes back, and ends with `silent`
        positions of silence that are not the stream's. What lies before `first` is not attended to. A step
        may add up to RECENT positions.
        """
        end = first + mel.shape[1] // 2
        known = end - silent
        if self._begun is None or end - self._begun > LONGEST_RUN:
            self._begun, self._first, self._settled = first, first, self._nothing()
            start = first
        else:
            start = max(known - RECENT, first)
        wanted = slice(known - last - start, known - start)
        kept = slice(first - self._first, start - self._first)
        with torch.inference_mode():
            x = (
                self._embedded(mel, start - first)
                + self._encoder.positions[start - self._begun : end - self._begun]
            )
            outputs, settled = [], []
            for layer, (keys, values) in zip(self._layers, self._settled, strict=True):
                query, key, value = layer.project(x)
                key, value = torch.cat([keys[:, :, kept], key], 2), torch.cat([values[:, :, kept], value], 2)
                settled.append((key, value))
                if layer is self._layers[-1]:
                    x = layer.attend(x[:, wanted], query[:, :, wanted], key, value)
                    outputs.append(x[0])
                else:
                    x = layer.attend(x, query, key, value)
                    outputs.append(x[0, wanted])
        self._first, self._settled = first, settled
        return outputs

    def _embedded(self, mel: Tensor, start: int) -> Tensor:
        """What the first layer gets from position `start` of `mel` (80, 2T) on, without positions."""
        border = min(1, start)  # a position's convolutions reach into the one before
        return self._encoder.embed(mel[None, :, 2 * (start - border) :])[:, border:]

    def _nothing(self) -> list[tuple[Tensor, Tensor]]:
        empty = torch.zeros(1, HEADS, 0, WIDTH // HEADS)
        return [(empty, empty) for _ in self._layers]


@cache
def load_encoder() -> WhisperEncoder:
    """The encoder with its weights, in single precision, ready for inference; loaded once a process."""
    encoder = WhisperEncoder()
    encoder.load_state_dict({name: values.float() for name, values in load_file(WEIGHTS).items()})
    lay_out_by_column(encoder)
    encoder.requires_grad_(False).eval()
    return encoder
