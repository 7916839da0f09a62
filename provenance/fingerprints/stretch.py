"""Stretches of a found sound or picture that are those of a recorded one, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """What was done to a stretch: `tempo` times as fast, `pitch` times as high, perhaps backwards."""

    tempo: float = 1.0
    pitch: float = 1.0
    is_reversed: bool = False


@dataclass(frozen=True)
class Stretch:
    """`start_s` to `end_s` of the found sound hold `record_start_s` to `record_end_s` of the recorded one.

    `agreement`: the share of bits that agree, .5 by chance. A stretch that runs backwards still has its
    record times in order.
    """

    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    change: Change
    agreement: float
