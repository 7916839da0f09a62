"""From the probability that lips touch to lips that do: a decision, and the way there and back.

A probability of one half would leave the lips half shut, which no speaker does. A contact is a stretch in
which the probability rises high enough for long enough; it is then made complete, and the lips approach it
and part again at their own speed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.coarticulation import GRID_RATE, Curve, raise_contact


@dataclass(frozen=True)
class ContactRule:
    """When a contact is made: the probability's peak and its sum over the stretch (in frames of 10 ms) must
    both be reached; it lasts where the probability is over `edge`, at least `shortest_s`, begins
    `later_s` after that, and takes `attack_s` and `decay_s` to come and go."""

    peak: float
    mass: float
    edge: float
    shortest_s: float
    attack_s: float
    decay_s: float
    later_s: float = 0.0


LIPS_SHUT = ContactRule(
    peak=0.6, mass=1.0, edge=0.45, shortest_s=0.040, attack_s=0.060, decay_s=0.055, later_s=0.030
)
LIP_ON_TEETH = ContactRule(peak=0.4, mass=0.8, edge=0.2, shortest_s=0.040, attack_s=0.080, decay_s=0.070)
# A stream hears little of what follows and takes more for a contact than there is.
LIPS_SHUT_LIVE, LIP_ON_TEETH_LIVE = replace(LIPS_SHUT, peak=0.7), replace(LIP_ON_TEETH, peak=0.5)


def make_contact(probability: NDArray[np.floating], rule: ContactRule) -> Curve:
    """A curve (T,) that is 1 in every contact and 0 away from them."""
    curve = np.zeros(len(probability))
    for first, last in contacts(probability, rule):
        start = first / GRID_RATE + rule.later_s
        end = max(last / GRID_RATE, start + rule.shortest_s)
        raise_contact(curve, start, end, attack=rule.attack_s, decay=rule.decay_s)
    return curve


def contacts(probability: NDArray[np.floating], rule: ContactRule) -> list[tuple[int, int]]:
    """First frame and the one after the last of every contact."""
    over = np.concatenate([[False], probability > rule.edge, [False]]).astype(np.int8)
    changes = np.diff(over)
    return [
        (int(first), int(last))
        for first, last in zip(np.flatnonzero(changes == 1), np.flatnonzero(changes == -1), strict=True)
        if probability[first:last].max() >= rule.peak and probability[first:last].sum() >= rule.mass
    ]
