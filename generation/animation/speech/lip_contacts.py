"""Lip contacts: turns contact probabilities into complete closures, by thresholds and fixed ramps.

A probability of one half must not leave the lips half shut. A contact is a stretch in which the probability
is high enough for long enough; it is then complete, with ramps of fixed duration before and after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.speech.coarticulation import GRID_RATE, raise_contact


@dataclass(frozen=True)
class ContactRule:
    """Thresholds and timing of one kind of contact.

    A contact is a stretch in which the probability is over `edge`, its maximum at least `peak` and its sum
    (over frames of 10 ms) at least `mass`. It starts `delay_s` after the stretch does, lasts at least
    `shortest_s`, and has ramps of `attack_s` and `decay_s` seconds.
    """

    peak: float
    mass: float
    edge: float
    shortest_s: float
    attack_s: float
    decay_s: float
    delay_s: float = 0.0


LIPS_SHUT = ContactRule(
    peak=0.6, mass=1.0, edge=0.45, shortest_s=0.040, attack_s=0.060, decay_s=0.055, delay_s=0.030
)
LIP_ON_TEETH = ContactRule(peak=0.35, mass=0.8, edge=0.2, shortest_s=0.040, attack_s=0.080, decay_s=0.070)
# With little look-ahead there are more false contacts: live speech needs higher peaks.
LIPS_SHUT_LIVE, LIP_ON_TEETH_LIVE = replace(LIPS_SHUT, peak=0.7), replace(LIP_ON_TEETH, peak=0.45)


def make_contact(probability: NDArray[np.floating], rule: ContactRule) -> Curve:
    """The contact curve (T,) of a probability (T,), both at GRID_RATE: 1 in every contact, 0 away from
    them."""
    curve = np.zeros(len(probability))
    for first, last in find_contacts(probability, rule):
        start = first / GRID_RATE + rule.delay_s
        end = max(last / GRID_RATE, start + rule.shortest_s)
        raise_contact(curve, start, end, attack=rule.attack_s, decay=rule.decay_s)
    return curve


def find_contacts(probability: NDArray[np.floating], rule: ContactRule) -> list[tuple[int, int]]:
    """First frame, and the one after the last, of every contact in a probability (T,)."""
    over = np.concatenate([[False], probability > rule.edge, [False]]).astype(np.int8)
    changes = np.diff(over)
    return [
        (int(first), int(last))
        for first, last in zip(np.flatnonzero(changes == 1), np.flatnonzero(changes == -1), strict=True)
        if probability[first:last].max() >= rule.peak and probability[first:last].sum() >= rule.mass
    ]
