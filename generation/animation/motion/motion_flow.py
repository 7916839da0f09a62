"""MotionFlow: a flow-matching transformer that generates motion plans conditioned on voice and controls.

Trained by flow matching (Lipman et al. 2023) with straight paths from noise to plan: the network predicts the
velocity field along them, and sampling integrates it in a few Euler steps. The first rows of a window are the
last rows planned before, so that windows join (prefix conditioning, as in VASA-1). Controls enter by adaptive
layer norm (Peebles & Xie 2023). Each condition was dropped now and then in training, so that each has its own
scale of classifier-free guidance (Ho & Salimans 2022).

Names of submodules, buffers and parameters are the keys of the weight file and stay as they are.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

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
from generation.animation.torch_threads import one_torch_thread
from generation.animation.weight_layout import lay_out_by_column

WEIGHTS = Path(__file__).parents[1] / "weights" / "motion_flow.safetensors"

WINDOW: Final = 40  # rows, 2 s
PREFIX: Final = 8  # rows of a window that are already planned
_SIZE, _HEADS, _LAYERS = 128, 4, 4
# Audio conditioning: voice features, prosodic stress, a mask of what is known; then proximity to the clip's
# ends.
_VOICE, _EDGES = VOICE_WIDTH + STRESS_WIDTH + 1, 2
AUDIO_WIDTH: Final = _VOICE + _EDGES
_CONTROL_WIDTHS = (EMOTION_WIDTH, STYLE_WIDTH, GAZE_WIDTH)
CONDITIONS: Final = 1 + len(_CONTROL_WIDTHS)  # voice, emotion, style, gaze: each can be masked


@dataclass(frozen=True, eq=False)
class AudioConditioning:
    """The audio conditioning of one window.

    `voice` (WINDOW, 25) are voice features, `known` (WINDOW,) is 1 where the voice has been analysed, else 0,
    `edges` (WINDOW, 2) the proximity to the start and the end of the clip, 0..1.
    """

    voice: NDArray[np.float32]
    known: NDArray[np.float32]
    edges: NDArray[np.float32]

    def rows(self) -> NDArray[np.float32]:
        """The network's input (WINDOW, 38)."""
        return np.concatenate(
            [self.voice, stress_of(self.voice), self.known[:, None], self.edges], axis=1, dtype=np.float32
        )


class _AdaptiveNormBlock(nn.Module):
    """A transformer layer with adaptive layer norm: shift, scale and gate come from the control embedding."""

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
        mlp_out: Tensor = x + gate_f * self.feed_out(functional.gelu(self.feed_in(normed)))
        return mlp_out


class MotionFlow(nn.Module):
    """Standardised plans mixed with noise (B, WINDOW, 18) -> velocity field (B, WINDOW, 18)."""

    mean: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(WIDTH))
        self.register_buffer("scale", torch.ones(WIDTH))
        self.rows_in = nn.Linear(WIDTH + 1 + AUDIO_WIDTH + 1, _SIZE)
        self.position = nn.Parameter(0.02 * torch.randn(WINDOW, _SIZE))
        self.time_in = nn.Linear(64, _SIZE)
        self.control_in = nn.Linear(sum(_CONTROL_WIDTHS) + len(_CONTROL_WIDTHS), _SIZE)
        self.control_mix = nn.Linear(_SIZE, _SIZE)
        self.blocks = nn.ModuleList(_AdaptiveNormBlock() for _ in range(_LAYERS))
        self.last_modulation = nn.Linear(_SIZE, 2 * _SIZE)
        self.rows_out = nn.Linear(_SIZE, WIDTH)
        nn.init.zeros_(self.rows_out.weight)
        nn.init.zeros_(self.rows_out.bias)

    def forward(
        self, rows: Tensor, time: Tensor, audio: Tensor, controls: Tensor, condition_mask: Tensor
    ) -> Tensor:
        """The velocity field (B, W, 18) at a time of the flow.

        `rows` (B, W, 18) are between noise and plan, the prefix free of noise; `time` (B,) goes from 0
        (noise) to 1 (plan); `audio` (B, W, 38) is as `AudioConditioning.rows`; `controls` (B, 16) are
        emotion, style and gaze; `condition_mask` (B, 4) is 1 for the conditions (voice, emotion, style, gaze)
        that are used, else 0.
        """
        batch, length, _ = rows.shape
        planned = (torch.arange(length) < PREFIX).to(rows.dtype)[None, :, None].expand(batch, -1, 1)
        voice_mask = condition_mask[:, :1, None].expand(-1, length, 1)
        voice, edges = audio[..., :_VOICE] * voice_mask, audio[..., _VOICE:]
        x = self.rows_in(torch.cat([rows, planned, voice, edges, voice_mask], dim=-1)) + self.position
        mask = torch.repeat_interleave(condition_mask[:, 1:], torch.tensor(_CONTROL_WIDTHS), dim=1)
        control_embedding = self.control_in(torch.cat([controls * mask, condition_mask[:, 1:]], dim=-1))
        timestep_embedding = self.time_in(_timestep_embedding(time))
        control = self.control_mix(functional.silu(control_embedding + timestep_embedding))
        for block in self.blocks:
            x = block(x, control)
        shift, scale = self.last_modulation(functional.silu(control)).unsqueeze(1).chunk(2, dim=-1)
        velocity: Tensor = self.rows_out(functional.layer_norm(x, (_SIZE,)) * (1 + scale) + shift)
        return velocity


def _timestep_embedding(time: Tensor) -> Tensor:
    """Sinusoidal embedding of a time 0..1 at 32 frequencies: (B,) -> (B, 64)."""
    angles = time[:, None] * torch.exp(torch.linspace(0.0, 5.0, 32))[None]
    return torch.cat([angles.sin(), angles.cos()], dim=-1)


@cache
def load_motion_flow() -> MotionFlow:
    """The trained network, ready for inference; loaded once a process."""
    network = MotionFlow()
    network.load_state_dict(load_file(WEIGHTS))
    lay_out_by_column(network)
    network.requires_grad_(False).eval()
    return network


class PlanWindow(Protocol):
    """What samples a window: `plan_window`, or what remembers its answers."""

    def __call__(
        self,
        network: MotionFlow,
        prefix: Plan,
        audio: AudioConditioning,
        control_vector: ControlVector,
        noise: NDArray[np.float32],
        *,
        steps: int,
        guidance: Guidance,
    ) -> Plan:
        """As `plan_window`."""
        ...


def plan_window(
    network: MotionFlow,
    prefix: Plan,
    audio: AudioConditioning,
    control_vector: ControlVector,
    noise: NDArray[np.float32],
    *,
    steps: int,
    guidance: Guidance,
) -> Plan:
    """Sample the rows (WINDOW - PREFIX, 18) that follow `prefix` (PREFIX, 18), starting from `noise` (WINDOW,
    18).

    Integrates the velocity field by `steps` equal Euler steps.
    """
    masks, shares = _guidance_passes(guidance)
    count = len(masks)
    with one_torch_thread(), torch.inference_mode():
        before = (torch.from_numpy(prefix) - network.mean) / network.scale
        audio_rows = torch.from_numpy(audio.rows()).expand(count, -1, -1)
        parts = control_vector.emotion, control_vector.style, control_vector.gaze
        controls = torch.from_numpy(np.concatenate(parts)).expand(count, -1)
        x = torch.from_numpy(noise).clone()
        for step in range(steps):
            x[:PREFIX] = before
            time = torch.full((count,), step / steps)
            velocity = network(x.expand(count, -1, -1), time, audio_rows, controls, masks)
            x = x + (shares[:, None, None] * velocity).sum(0) / steps
        planned: Plan = (x * network.scale + network.mean)[PREFIX:].numpy()
    return planned


def _guidance_passes(guidance: Guidance) -> tuple[Tensor, Tensor]:
    """The passes of classifier-free guidance: condition masks (N, 4), and the weights (N,) of their
    velocities.

    Conditions are added one after the other: voice, emotion, style, gaze. The difference that each makes is
    multiplied by its own scale; passes of weight 0 are left out.
    """
    scales = astuple(guidance)
    shares = [1 - scales[0], *(a - b for a, b in pairwise(scales)), scales[-1]]
    used = [(i, share) for i, share in enumerate(shares) if abs(share) > 1e-9]
    masks = torch.tensor([[float(column < i) for column in range(CONDITIONS)] for i, _ in used])
    return masks, torch.tensor([share for _, share in used])
