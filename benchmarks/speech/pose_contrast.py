"""A contrastive audio-pose model, like VASA-1's CAPP: scores how well head motion matches the voice.

Trained on examples of the procedural animator. A score on MotionFlow's head motion says how well it follows
the voice, not how natural it is.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.motion.motion_conditions import VOICE_WIDTH
from generation.animation.motion.motion_plan import HEAD, PLAN_RATE, row_times
from generation.animation.track.motion_track import MotionTrack
from generation.animation.training.examples.motion_examples import MotionExample

WINDOW = 60  # rows, 3 s
_STEPS, _BATCH = 1200, 96
_SIZE = 64


class PoseContrast(nn.Module):
    """A voice (B, 60, 25) and head angles (B, 60, 3) -> cosine similarities (B, B)."""

    def __init__(self) -> None:
        super().__init__()
        self.voice, self.pose = _tower(VOICE_WIDTH), _tower(6)
        self.sharpness = nn.Parameter(torch.tensor(2.5))

    def forward(self, voice: Tensor, angles: Tensor) -> Tensor:
        speed = functional.pad(angles.diff(dim=1), (0, 0, 0, 1)) * 3
        pose = torch.cat([(angles - angles.mean(1, keepdim=True)) / 3, speed], dim=-1)
        one, other = (
            functional.normalize(tower(x.transpose(1, 2)), dim=-1)
            for tower, x in ((self.voice, voice), (self.pose, pose))
        )
        similarity: Tensor = one @ other.T
        return similarity


def _tower(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(width, _SIZE, 5, padding=2), nn.SiLU(),
        nn.Conv1d(_SIZE, _SIZE, 5, stride=2, padding=2), nn.SiLU(),
        nn.Conv1d(_SIZE, _SIZE, 5, stride=2, padding=2), nn.SiLU(),
        nn.Flatten(), nn.Linear(_SIZE * WINDOW // 4, _SIZE),
    )  # fmt: skip


def train_contrast(examples: list[MotionExample], seed: int = 0) -> PoseContrast:
    """Train on matched pairs of voice and head motion (symmetric InfoNCE)."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    model = PoseContrast()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.05)
    long_enough = [example for example in examples if len(example.plan) > WINDOW]
    for step in range(_STEPS):
        voices, angles = [], []
        for example in generator.choice(np.array(long_enough, object), _BATCH):
            first = int(generator.integers(len(example.plan) - WINDOW))
            voices.append(example.voice[first : first + WINDOW])
            angles.append(example.plan[first : first + WINDOW, HEAD][:, :3])
        similarity = model(torch.from_numpy(np.stack(voices)), torch.from_numpy(np.stack(angles)))
        logits, truth = similarity * model.sharpness.exp(), torch.arange(_BATCH)
        loss = functional.cross_entropy(logits, truth) + functional.cross_entropy(logits.T, truth)
        optimiser.param_groups[0]["lr"] = 1e-3 * (1 - 0.95 * step / _STEPS)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval()


def scores(
    model: PoseContrast, voice: NDArray[np.float32], track: MotionTrack, shift_s: float = 0.0
) -> Tensor:
    """Similarities (W, W) of a voice's windows with a track's, the track read `shift_s` later."""
    times = row_times(len(voice)) + shift_s
    at = (np.arange(len(track)) + 0.5) / track.fps
    angles = CubicSpline(at, track.head_pose[:, :3])(np.clip(times, at[0], at[-1])).astype(np.float32)
    starts = range(0, len(voice) - WINDOW + 1, PLAN_RATE)
    with torch.inference_mode():
        return model(
            torch.from_numpy(np.stack([voice[s : s + WINDOW] for s in starts])),
            torch.from_numpy(np.stack([angles[s : s + WINDOW] for s in starts])),
        )
