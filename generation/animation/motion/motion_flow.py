"""MotionFlow: a transformer that turns noise into a motion plan under the voice and the controls.

Trained by flow matching (Lipman et al. 2023) with straight paths from noise to plan: the network is asked
which way a point between them moves, and sampling follows its answers in a few steps. A window's first rows
are the end of what was planned before, so that windows join (prefix conditioning, as in VASA-1). Controls
enter by adaptive layer norm (Peebles & Xie 2023); each can be left out, which gives classifier-free guidance
(Ho & Salimans 2022) a scale for each.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.motion.guidance import Guidance
from generation.animation.motion.motion_conditions import (
    EMOTION_WIDTH,
    GAZE_WIDTH,
    STRESS_WIDTH,
    STYLE_WIDTH,
    VOICE_WIDTH,
    ControlVector,
    stress_of,
)
from generation.animation.motion.motion_plan import WIDTH, Plan

WEIGHTS = Path(__file__).parents[1] / "weights" / "motion_flow.safetensors"

WINDOW: Final = 40  # rows, 2 s
PREFIX: Final = 8  # of which this many are already planned
_SIZE, _HEADS, _LAYERS = 128, 4, 4
# What is heard: the voice, its stress, whether it was heard yet; beside it nearness to the clip's edges.
_VOICE, _EDGES = VOICE_WIDTH + STRESS_WIDTH + 1, 2
HEARD_WIDTH: Final = _VOICE + _EDGES
_CONTROL_WIDTHS = (EMOTION_WIDTH, STYLE_WIDTH, GAZE_WIDTH)
CONDITIONS: Final = 1 + len(_CONTROL_WIDTHS)  # voice, emotion, style, gaze: each can be left out


@dataclass(frozen=True, eq=False)
class Hearing:
    """What is known around a window: `voice` (WINDOW, 25), `known` (WINDOW,) 0 or 1, `edges` (WINDOW, 2)."""

    voice: NDArray[np.float32]
    known: NDArray[np.float32]
    edges: NDArray[np.float32]

    def rows(self) -> NDArray[np.float32]:
        """All of it as the network takes it: (WINDOW, 38)."""
        return np.concatenate(
            [self.voice, stress_of(self.voice), self.known[:, None], self.edges], axis=1, dtype=np.float32
        )


class _Block(nn.Module):
    """A transformer layer whose norms are shifted, scaled and gated by the controls."""

    def __init__(self) -> None:
        super().__init__()
        self.modulation = nn.Linear(_SIZE, 6 * _SIZE)
        self.attention_in = nn.Linear(_SIZE, 3 * _SIZE)
        self.attention_out = nn.Linear(_SIZE, _SIZE)
        self.feed_in = nn.Linear(_SIZE, 4 * _SIZE)
        self.feed_out = nn.Linear(4 * _SIZE, _SIZE)
        nn.init.zeros_(self.modulation.weight)
        nn.init.zeros_(self.modulation.bias)

    def forward(self, x: Tensor, control: Tensor) -> Tensor:
        shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = (
            self.modulation(functional.silu(control)).unsqueeze(1).chunk(6, dim=-1)
        )
        batch, length, _ = x.shape
        normed = functional.layer_norm(x, (_SIZE,)) * (1 + scale_a) + shift_a
        packed = self.attention_in(normed).view(batch, length, 3, _HEADS, _SIZE // _HEADS)
        query, key, value = packed.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value).transpose(1, 2)
        x = x + gate_a * self.attention_out(attended.reshape(batch, length, _SIZE))
        normed = functional.layer_norm(x, (_SIZE,)) * (1 + scale_f) + shift_f
        fed: Tensor = x + gate_f * self.feed_out(functional.gelu(self.feed_in(normed)))
        return fed


class MotionFlow(nn.Module):
    """Plans in standard units, noised -> the way they move: (B, WINDOW, 18) -> (B, WINDOW, 18)."""

    mean: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("scale", torch.ones(WIDTH))
        self.rows_in = nn.Linear(WIDTH + 1 + HEARD_WIDTH + 1, _SIZE)
        self.position = nn.Parameter(0.02 * torch.randn(WINDOW, _SIZE))
        self.time_in = nn.Linear(64, _SIZE)
        self.control_in = nn.Linear(sum(_CONTROL_WIDTHS) + len(_CONTROL_WIDTHS), _SIZE)
        self.control_mix = nn.Linear(_SIZE, _SIZE)
        self.blocks = nn.ModuleList(_Block() for _ in range(_LAYERS))
        self.last_modulation = nn.Linear(_SIZE, 2 * _SIZE)
        self.rows_out = nn.Linear(_SIZE, WIDTH)
        nn.init.zeros_(self.rows_out.weight)
        nn.init.zeros_(self.rows_out.bias)

    def forward(self, rows: Tensor, time: Tensor, heard: Tensor, controls: Tensor, kept: Tensor) -> Tensor:
        """`rows` (B, W, 18) with the prefix clean; `time` (B,) 0 for noise to 1; `heard` (B, W, 38) as
        `Hearing.rows`; `controls` (B, 16) emotion, style, gaze; `kept` (B, 4) 1 for conditions that count."""
        batch, length, _ = rows.shape
        planned = (torch.arange(length) < PREFIX).to(rows.dtype)[None, :, None].expand(batch, -1, 1)
        voice_kept = kept[:, :1, None].expand(-1, length, 1)
        voice, rest = heard[..., :_VOICE] * voice_kept, heard[..., _VOICE:]
        x = self.rows_in(torch.cat([rows, planned, voice, rest, voice_kept], dim=-1)) + self.position
        weights = torch.repeat_interleave(kept[:, 1:], torch.tensor(_CONTROL_WIDTHS), dim=1)
        asked = self.control_in(torch.cat([controls * weights, kept[:, 1:]], dim=-1))
        control = self.control_mix(functional.silu(asked + self.time_in(_waves(time))))
        for block in self.blocks:
            x = block(x, control)
        shift, scale = self.last_modulation(functional.silu(control)).unsqueeze(1).chunk(2, dim=-1)
        moved: Tensor = self.rows_out(functional.layer_norm(x, (_SIZE,)) * (1 + scale) + shift)
        return moved


def _waves(time: Tensor) -> Tensor:
    """Sines and cosines of a time 0..1 at 32 frequencies: (B,) -> (B, 64)."""
    angles = time[:, None] * torch.exp(torch.linspace(0.0, 5.0, 32))[None]
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


@cache
def load_motion_flow() -> MotionFlow:
    """The trained network, ready for inference; loaded once a process."""
    network = MotionFlow()
    network.load_state_dict(load_file(WEIGHTS))
    network.requires_grad_(False).eval()
    return network


def plan_window(
    network: MotionFlow,
    prefix: Plan,
    hearing: Hearing,
    control_vector: ControlVector,
    noise: NDArray[np.float32],
    *,
    steps: int,
    guidance: Guidance,
) -> Plan:
    """The rows (WINDOW - PREFIX, 18) that follow `prefix` (PREFIX, 18), from `noise` (WINDOW, 18).

    Follows the flow in `steps` equal steps (Euler).
    """
    sets, shares = _condition_sets(guidance)
    count = len(sets)
    with torch.inference_mode():
        before = (torch.from_numpy(prefix) - network.mean) / network.scale
        heard = torch.from_numpy(hearing.rows()).expand(count, -1, -1)
        parts = control_vector.emotion, control_vector.style, control_vector.gaze
        controls = torch.from_numpy(np.concatenate(parts)).expand(count, -1)
        x = torch.from_numpy(noise).clone()
        for step in range(steps):
            x[:PREFIX] = before
            time = torch.full((count,), step / steps)
            moves = network(x.expand(count, -1, -1), time, heard, controls, sets)
            x = x + (shares[:, None, None] * moves).sum(0) / steps
        planned: Plan = (x * network.scale + network.mean)[PREFIX:].numpy()
    return planned


def _condition_sets(guidance: Guidance) -> tuple[Tensor, Tensor]:
    """Which conditions each pass of the network keeps (N, 4), and its share in the sum (N,).

    Conditions are added one after the other: voice, emotion, style, gaze. The difference that each makes is
    weighed by its own scale; passes whose share is 0 are left out.
    """
    scales = astuple(guidance)
    shares = [1 - scales[0], *(a - b for a, b in pairwise(scales)), scales[-1]]
    used = [(i, share) for i, share in enumerate(shares) if abs(share) > 1e-9]
    kept = torch.tensor([[float(column < i) for column in range(CONDITIONS)] for i, _ in used])
    return kept, torch.tensor([share for _, share in used])
