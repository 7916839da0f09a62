"""A matcher: which of some recordings belongs to a performance of head, brows and lids?

A ridge regression from the motion within 0.6 s to the voice (activity, energy, pitch and vowels, quick and
slow), learned from half of the recordings and seeds. Asked about others, it picks the recording whose voice
correlates best with what it expects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from generation.animation.motion.motion_plan import row_times
from generation.animation.motion.voice_driven.prosody_bands import channels_of
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

_REACH, _EVERY = 12, 3  # rows to either side, and between them
_RIDGE: Final = 30.0
_SHOWN = [
    ARKIT_ACTIONS.index(name)
    for name in (
        "browInnerUp", "browDownLeft", "browOuterUpLeft", "eyeBlinkLeft", "eyeSquintLeft", "eyeWideLeft",
    )
]  # fmt: skip

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pair:
    """A voice (T, 8) and the motion to it (T, F), row by row."""

    voice: Values
    motion: Values


def voice_of(rows: NDArray[np.float32]) -> Values:
    """What is told of voice rows (T, 25): (T, 8), without what lasts longer than two seconds."""
    activity, energy, vowel, pitch, voiced = channels_of(rows).T
    melody = pitch / (voiced + 0.06) * np.minimum(1.0, 4 * voiced)
    curves = np.stack([activity, energy, melody, vowel], axis=1)
    smooth = {width: gaussian_filter1d(curves, width, axis=0) for width in (1.5, 6, 12, 40)}
    return np.concatenate([smooth[1.5] - smooth[12], smooth[6] - smooth[40]], axis=1)


def motion_of(track: MotionTrack, rows: int) -> Values:
    """Brows and lids, and how fast these and the head move, at and around each row: (rows, F). No mouth.

    Where to the head turns is each speaker's own way; how fast is not.
    """
    at = (np.arange(len(track)) + 0.5) / track.fps
    columns = np.concatenate([track.head_pose[:, :3] / 4, 4 * track.actions[:, _SHOWN]], axis=1)
    values = np.stack([np.interp(row_times(rows), at, column) for column in columns.T], axis=1)
    changes = np.gradient(values, axis=0)
    speeds = np.concatenate([np.abs(changes), np.linalg.norm(changes[:, :3], axis=1)[:, None]], axis=1)
    face = values[:, 3:] - gaussian_filter1d(values[:, 3:], 40, axis=0)
    told = np.concatenate([face, 4 * gaussian_filter1d(speeds, 2, axis=0)], axis=1)
    told -= told.mean(0)
    return np.concatenate([np.roll(told, s, axis=0) for s in range(-_REACH, _REACH + 1, _EVERY)], axis=1)


def pair_of(rows: NDArray[np.float32], track: MotionTrack) -> Pair:
    """Voice rows (T, 25) and a performance to them."""
    return Pair(voice_of(rows), motion_of(track, len(rows)))


def train_matcher(pairs: list[Pair]) -> Values:
    """The weights (F, 8) that tell a voice from motion."""
    motion, voice = (np.concatenate([getattr(pair, name) for pair in pairs]) for name in ("motion", "voice"))
    gram = motion.T @ motion + _RIDGE * np.eye(motion.shape[1])
    return np.asarray(np.linalg.solve(gram, motion.T @ voice), np.float64)


def picked(weights: Values, pair: Pair, voices: list[Values]) -> int:
    """The number of the voice (T, 8) that is taken for the motion's own."""
    inner = slice(_REACH, min(len(voice) for voice in voices) - _REACH)
    expected = (pair.motion @ weights)[inner]
    scores = [
        np.mean(
            [np.corrcoef(one, other)[0, 1] for one, other in zip(expected.T, voice[inner].T, strict=True)]
        )
        for voice in voices
    ]
    return int(np.argmax(scores))
