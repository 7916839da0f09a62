"""From phone probabilities to the sequence of phones with their times: Viterbi over a phone loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generation.animation.audio_features import PROSODY_RATE, Prosody
from generation.animation.visemes import PHONES

_MIN_STATES = 3  # no phone is shorter than 30 ms at PROSODY_RATE
_SWITCH_COST = 1.0  # log probability paid for starting a phone; keeps single odd frames from becoming phones
_FRAME_SHARE = 0.5  # neighbouring frames of 10 ms share half of what they know


@dataclass(frozen=True)
class PhoneSegment:
    """One phone from `start_s` to `end_s`; `level_db` is its loudest 10 ms after levelling."""

    phone: str
    start_s: float
    end_s: float
    level_db: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


def decode_phones(posteriors: NDArray[np.float32], prosody: Prosody) -> list[PhoneSegment]:
    """The most likely phones for (T, 35) posteriors at PROSODY_RATE, without gaps between them.

    A phone lasts at least 30 ms. Neighbouring segments of the same phone are one segment.
    """
    count = min(len(prosody.level_db), len(posteriors))
    if not count:
        return []
    scores = _FRAME_SHARE * np.log(np.maximum(posteriors[:count], 1e-7)).astype(np.float64)
    path = _best_path(scores)
    edges = np.flatnonzero(np.diff(path)) + 1
    starts, ends = np.concatenate([[0], edges]), np.concatenate([edges, [count]])
    return [
        PhoneSegment(
            PHONES[path[start]],
            float(start) / PROSODY_RATE,
            float(end) / PROSODY_RATE,
            float(prosody.level_db[start:end].max()),
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _best_path(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """Viterbi over phones of _MIN_STATES states, the last of which repeats: (T, P) -> (T,)."""
    count, phones = scores.shape
    best = np.full((_MIN_STATES, phones), -np.inf)
    best[0] = scores[0]
    # A clip may start inside a phone; without this a clip shorter than a phone would have no path.
    best[-1] = scores[0]
    came_from = np.zeros((count, phones), np.int16)  # the phone before, where a phone starts
    stayed = np.zeros((count, phones), bool)  # whether the last state repeated
    for t in range(1, count):
        leaving = int(best[-1].argmax())
        came_from[t] = leaving
        stayed[t] = best[-1] >= best[-2]
        following = np.empty_like(best)
        following[0] = best[-1, leaving] - _SWITCH_COST
        following[1:-1] = best[:-2]
        following[-1] = np.maximum(best[-1], best[-2])
        best = following + scores[t]
    path = np.zeros(count, np.intp)
    state, phone = _MIN_STATES - 1, int(best[-1].argmax())
    for t in range(count - 1, -1, -1):
        path[t] = phone
        if state == _MIN_STATES - 1:
            state -= 0 if stayed[t, phone] else 1
        elif state > 0:
            state -= 1
        else:
            state, phone = _MIN_STATES - 1, int(came_from[t, phone])
    return path
