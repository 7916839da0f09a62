"""ArticulationNet: the network that predicts phones, mouth shapes and lip contacts from acoustic features.

One branch takes two middle layers of Whisper's encoder, which separate phones best, the other mel bands and
prosody, which do not depend on the language. In training each branch is dropped now and then (modality
dropout), so that the other one suffices. Dilated convolutions give a receptive field of 180 ms to either
side.

Names of submodules and buffers are the keys of the weight file and stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.speech.mel_spectrogram import MEL_BANDS
from generation.animation.speech.visemes import PHONES, SHAPE_CHANNELS
from generation.animation.speech.whisper_encoder import FEATURE_RATE, WIDTH
from generation.animation.weight_layout import lay_out_by_column

WEIGHTS = Path(__file__).parents[1] / "weights" / "articulation_net.safetensors"

ENCODER_LAYERS = (1, 2)  # layers of the encoder that are used, counted from 0; the last one is not needed
FRAMES_PER_POSITION = 2  # frames of 10 ms for each of the encoder's positions
FRAME_RATE = FRAMES_PER_POSITION * FEATURE_RATE
PROSODY_CHANNELS = 3
CURVES = len(SHAPE_CHANNELS) + 2

_SPEECH_WIDTH, _SOUND_WIDTH, _WIDTH = 192, 96, 160
_DILATIONS = (1, 2, 4, 1)


@dataclass(frozen=True, eq=False)
class ArticulationPrediction:
    """The net's prediction for T frames of 10 ms.

    `log_probabilities` (T, 36) in the order of PHONES, `shapes` (T, 8) as SHAPE_CHANNELS, `closure` and
    `lip_teeth` (T,): the probability (0..1) that lips, or lower lip and teeth, touch.
    """

    log_probabilities: NDArray[np.float32]
    shapes: NDArray[np.float32]
    closure: NDArray[np.float32]
    lip_teeth: NDArray[np.float32]


class _DilatedBlock(nn.Module):
    """Residual dilated convolution of width 3, as one matrix product of shifted copies."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(_WIDTH)
        self.mix = nn.Linear(3 * _WIDTH, _WIDTH)
        self.out = nn.Linear(_WIDTH, _WIDTH)

    def forward(self, x: Tensor, dropout: float) -> Tensor:
        length = x.shape[1]
        padded = functional.pad(self.norm(x), (0, 0, self.dilation, self.dilation))
        context = torch.cat([padded[:, i * self.dilation : i * self.dilation + length] for i in range(3)], -1)
        hidden = functional.dropout(functional.silu(self.mix(context)), dropout, self.training)
        mixed: Tensor = x + self.out(hidden)
        return mixed


class ArticulationNet(nn.Module):
    """Encoder layers (B, T, 768), mel (B, 2T, 80), prosody (B, 2T, 3) -> phone logits (B, 2T, 36) and curves
    (B, 2T, 10): eight mouth shapes, then the logits of closure and lip_teeth."""

    speech_mean: Tensor
    speech_scale: Tensor
    dropout = 0.15

    def __init__(self) -> None:
        super().__init__()
        width = len(ENCODER_LAYERS) * WIDTH
        self.register_buffer("speech_mean", torch.zeros(width))
        self.register_buffer("speech_scale", torch.ones(width))
        self.speech_in = nn.Linear(width, _SPEECH_WIDTH)
        self.sound_in = nn.Linear(FRAMES_PER_POSITION * (MEL_BANDS + PROSODY_CHANNELS), _SOUND_WIDTH)
        self.join = nn.Linear(_SPEECH_WIDTH + _SOUND_WIDTH, _WIDTH)
        self.blocks = nn.ModuleList(_DilatedBlock(dilation) for dilation in _DILATIONS)
        self.norm = nn.LayerNorm(_WIDTH)
        self.decide = nn.Linear(_WIDTH, FRAMES_PER_POSITION * (len(PHONES) + CURVES))

    def forward(
        self, encoder: Tensor, mel: Tensor, prosody: Tensor, branch_mask: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """`branch_mask` are factors (B, 1, 1), 0 or 1, of the encoder branch and of the other one."""
        batch, length, _ = encoder.shape
        dropout = self.dropout if self.training else 0.0
        speech = functional.silu(self.speech_in((encoder - self.speech_mean) / self.speech_scale))
        sound = torch.cat([mel, prosody], -1).reshape(batch, length, -1)
        sound = functional.silu(self.sound_in(sound))
        if branch_mask is not None:
            speech, sound = speech * branch_mask[0], sound * branch_mask[1]
        x = self.join(functional.dropout(torch.cat([speech, sound], -1), dropout, self.training))
        for block in self.blocks:
            x = block(x, dropout)
        out = self.decide(functional.silu(self.norm(x)))
        out = out.reshape(batch, FRAMES_PER_POSITION * length, len(PHONES) + CURVES)
        return out[..., : len(PHONES)], out[..., len(PHONES) :]


@cache
def load_articulation_net() -> ArticulationNet:
    """The trained net, in single precision, ready for inference; loaded once a process."""
    net = ArticulationNet()
    net.load_state_dict({name: values.float() for name, values in load_file(WEIGHTS).items()})
    lay_out_by_column(net)
    net.requires_grad_(False).eval()
    return net


def predict_articulation(
    net: ArticulationNet, encoder: Tensor, mel: Tensor, prosody: Tensor
) -> ArticulationPrediction:
    """Run the net over one stretch: encoder layers (T, 768), mel (2T, 80), prosody (2T, 3)."""
    with torch.inference_mode():
        logits, curves = net(encoder[None], mel[None], prosody[None])
        contacts = curves[0, :, -2:].sigmoid().numpy()
        return ArticulationPrediction(
            logits[0].log_softmax(-1).numpy(),
            curves[0, :, :-2].clamp(0, 1).numpy(),
            contacts[:, 0],
            contacts[:, 1],
        )
