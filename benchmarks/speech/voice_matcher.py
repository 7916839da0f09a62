"""A contrastive matcher: which of some recordings belongs to a performance of head, brows and lids?

Trained on half of the recordings and seeds, asked about the others (InfoNCE over windows of 3 s, both ways).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from generation.animation.motion.motion_conditions import VOICE_WIDTH
from generation.animation.motion.motion_plan import PLAN_RATE, row_times
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

_WINDOW: Final = 60  # rows, 3 s
_STEPS, _BATCH, _SIZE = 600, 64, 64
_SHOWN = [
    ARKIT_ACTIONS.index(name)
    for name in (
        "browInnerUp",
        "browDownLeft",
        "browOuterUpLeft",
        "eyeBlinkLeft",
        "eyeSquintLeft",
        "eyeWideLeft",
    )
]
_WIDTH: Final = 2 * (3 + len(_SHOWN))


@dataclass(frozen=True, eq=False)
class Pair:
    """A voice's rows (T, 25) and the motion to it at the same rows (T, 18): values and their changes."""

    voice: NDArray[np.float32]
    motion: NDArray[np.float32]


def pair_of(voice: NDArray[np.float32], track: MotionTrack) -> Pair:
    """Motion read at the rows of the voice. No mouth."""
    times = row_times(len(voice))
    at = (np.arange(len(track)) + 0.5) / track.fps
    columns = np.concatenate([track.head_pose[:, :3] / 4, 4 * track.actions[:, _SHOWN]], axis=1)
    values = np.stack([np.interp(times, at, column) for column in columns.T], axis=1)
    changes = 4 * np.gradient(values, axis=0)
    return Pair(voice, np.concatenate([values - values.mean(0), changes], axis=1).astype(np.float32))


class VoiceMatcher(nn.Module):
    """Voices (B, 60, 25) and motions (B, 60, 18) to cosine similarities (B, B)."""

    def __init__(self) -> None:
        super().__init__()
        self.voice, self.motion = _tower(VOICE_WIDTH), _tower(_WIDTH)
        self.sharpness = nn.Parameter(torch.tensor(2.5))

    def forward(self, voice: Tensor, motion: Tensor) -> Tensor:
        one, other = (
            functional.normalize(tower(x.transpose(1, 2)), dim=-1)
            for tower, x in ((self.voice, voice), (self.motion, motion))
        )
        similarity: Tensor = one @ other.T
        return similarity


def _tower(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv1d(width, _SIZE, 5, padding=2), nn.SiLU(), nn.Dropout(0.2),
        nn.Conv1d(_SIZE, _SIZE, 5, stride=2, padding=2), nn.SiLU(), nn.Dropout(0.2),
        nn.Conv1d(_SIZE, _SIZE, 5, stride=2, padding=2), nn.SiLU(),
        nn.Flatten(), nn.Linear(_SIZE * _WINDOW // 4, _SIZE),
    )  # fmt: skip


def train_matcher(pairs: list[Pair], seed: int = 0) -> VoiceMatcher:
    """Learn which motion belongs to which voice."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    model = VoiceMatcher()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=0.05)
    for step in range(_STEPS):
        voices, motions = [], []
        for number in generator.integers(len(pairs), size=_BATCH):
            first = int(generator.integers(len(pairs[number].voice) - _WINDOW))
            voices.append(pairs[number].voice[first : first + _WINDOW])
            motions.append(pairs[number].motion[first : first + _WINDOW])
        similarity = model(torch.from_numpy(np.stack(voices)), torch.from_numpy(np.stack(motions)))
        logits, truth = similarity * model.sharpness.exp(), torch.arange(_BATCH)
        loss = functional.cross_entropy(logits, truth) + functional.cross_entropy(logits.T, truth)
        optimiser.param_groups[0]["lr"] = 1e-3 * (1 - 0.95 * step / _STEPS)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return model.eval()


def picked(model: VoiceMatcher, motion: Pair, voices: list[NDArray[np.float32]]) -> int:
    """The number of the voice that the model takes for the motion's own, over all its windows."""
    length = min(len(motion.motion), *(len(voice) for voice in voices))
    starts = range(0, length - _WINDOW + 1, PLAN_RATE)
    with torch.inference_mode():
        own = torch.from_numpy(np.stack([motion.motion[s : s + _WINDOW] for s in starts]))
        scores = [
            model(torch.from_numpy(np.stack([voice[s : s + _WINDOW] for s in starts])), own).diagonal().mean()
            for voice in voices
        ]
    return int(torch.stack(scores).argmax())
