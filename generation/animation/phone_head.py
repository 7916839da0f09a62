"""Which phone is being spoken: a small network over five frames of the speech encoder's features."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.visemes import PHONES
from generation.animation.whisper_encoder import WIDTH

WEIGHTS = Path(__file__).parent / "weights" / "phone_head.safetensors"

_HIDDEN = 128
_PAST, _FUTURE = 3, 1  # frames of 20 ms that inform the frame in question


class PhoneHead(nn.Module):
    """Features (B, T, 384) -> logits (B, T, 35). Looks 20 ms ahead."""

    mean: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("scale", torch.ones(WIDTH))
        self.project = nn.Linear(WIDTH, _HIDDEN)
        self.mix = nn.Linear((_PAST + 1 + _FUTURE) * _HIDDEN, _HIDDEN)
        self.decide = nn.Linear(_HIDDEN, len(PHONES))

    def forward(self, features: Tensor) -> Tensor:
        hidden = functional.silu(self.project((features - self.mean) / self.scale))
        length = hidden.shape[1]
        padded = functional.pad(hidden, (0, 0, _PAST, _FUTURE))
        context = torch.cat([padded[:, i : i + length] for i in range(_PAST + 1 + _FUTURE)], dim=-1)
        logits: Tensor = self.decide(functional.silu(self.mix(context)))
        return logits


@cache
def load_phone_head() -> PhoneHead:
    """The trained head, ready for inference; loaded once a process."""
    head = PhoneHead()
    head.load_state_dict(load_file(WEIGHTS))
    head.requires_grad_(False).eval()
    return head


def phone_log_probabilities(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Features (T, 384) -> log probabilities (T, 35) in the order of PHONES."""
    if not len(features):
        return np.zeros((0, len(PHONES)), np.float32)
    with torch.inference_mode():
        logits = load_phone_head()(torch.from_numpy(features)[None])[0]
        return np.asarray(logits.log_softmax(-1).numpy(), np.float32)
