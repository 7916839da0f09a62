"""ArticulationNet: which phone is spoken and what the mouth does, heard by two ears.

One branch takes the middle layers of whisper's encoder, which know phones best, the other the sound itself
(mel bands, level, voicing, pitch), which knows no language. In training either falls silent now and then, so
that each can stand alone. A stack of dilated convolutions sees 180 ms to either side.
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

from generation.animation.speech.audio_features import MEL_BANDS
from generation.animation.speech.visemes import PHONES, SHAPE_CHANNELS
from generation.animation.speech.whisper_encoder import FEATURE_RATE, WIDTH

WEIGHTS = Path(__file__).parents[1] / "weights" / "articulation_net.safetensors"

TAPS = (1, 2)  # layers of the encoder that are listened to, counted from 0; the last one is not needed
FRAMES_PER_POSITION = 2  # frames of 10 ms for each of the encoder's positions
FRAME_RATE = FRAMES_PER_POSITION * FEATURE_RATE
PROSODY_CHANNELS = 3
CURVES = len(SHAPE_CHANNELS) + 2

_SPEECH_WIDTH, _SOUND_WIDTH, _WIDTH = 192, 96, 160
_DILATIONS = (1, 2, 4, 1)


@dataclass(frozen=True, eq=False)
class Reading:
    """What the net says of each frame of 10 ms.

    `log_probabilities` (T, 36) in the order of PHONES, `shapes` (T, 8) as SHAPE_CHANNELS, `closure` and
    `lip_teeth` (T,): the probability (0..1) that lips, or lower lip and teeth, touch.
    """

    log_probabilities: NDArray[np.float32]
    shapes: NDArray[np.float32]
    closure: NDArray[np.float32]
    lip_teeth: NDArray[np.float32]


class _Block(nn.Module):
    """Residual block over three positions `dilation` apart, as one matrix product of shifted copies."""

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
    """Speech (B, T, 768), mel (B, 2T, 80), sound (B, 2T, 3) -> phone logits (B, 2T, 36), curves (B, 2T, 10).

    The curves are eight shapes, then the logits of closure and lip_teeth.
    """

    speech_mean: Tensor
    speech_scale: Tensor
    dropout = 0.15

    def __init__(self) -> None:
        super().__init__()
        width = len(TAPS) * WIDTH
        self.register_buffer("speech_mean", torch.zeros(width))
        self.register_buffer("speech_scale", torch.ones(width))
        self.speech_in = nn.Linear(width, _SPEECH_WIDTH)
        self.sound_in = nn.Linear(FRAMES_PER_POSITION * (MEL_BANDS + PROSODY_CHANNELS), _SOUND_WIDTH)
        self.join = nn.Linear(_SPEECH_WIDTH + _SOUND_WIDTH, _WIDTH)
        self.blocks = nn.ModuleList(_Block(dilation) for dilation in _DILATIONS)
        self.norm = nn.LayerNorm(_WIDTH)
        self.decide = nn.Linear(_WIDTH, FRAMES_PER_POSITION * (len(PHONES) + CURVES))

    def forward(
        self, speech: Tensor, mel: Tensor, prosody: Tensor, kept: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """`kept` are factors (B, 1, 1) that silence the speech and the sound branch in training."""
        batch, length, _ = speech.shape
        dropout = self.dropout if self.training else 0.0
        heard = functional.silu(self.speech_in((speech - self.speech_mean) / self.speech_scale))
        sound = torch.cat([mel, prosody], -1).reshape(batch, length, -1)
        sound = functional.silu(self.sound_in(sound))
        if kept is not None:
            heard, sound = heard * kept[0], sound * kept[1]
        x = self.join(functional.dropout(torch.cat([heard, sound], -1), dropout, self.training))
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
    net.requires_grad_(False).eval()
    return net


def read(net: ArticulationNet, speech: Tensor, mel: Tensor, prosody: Tensor) -> Reading:
    """Run the net over one stretch: speech (T, 768), mel (2T, 80), prosody (2T, 3)."""
    with torch.inference_mode():
        logits, curves = net(speech[None], mel[None], prosody[None])
        contacts = curves[0, :, -2:].sigmoid().numpy()
        return Reading(
            logits[0].log_softmax(-1).numpy(),
            curves[0, :, :-2].clamp(0, 1).numpy(),
            contacts[:, 0],
            contacts[:, 1],
        )
