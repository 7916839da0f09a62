"""Stretches of a found sound or picture that are those of a recorded one, as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Final

OTHER_TEMPO: Final = 0.02  # in natural log, from which something is called faster or slower


@dataclass(frozen=True)
class Change:
    """What was done to a stretch: `tempo` times as fast, `pitch` times as high, perhaps backwards."""

    tempo: float = 1.0
    pitch: float = 1.0
    is_reversed: bool = False

    @property
    def is_hardly_any(self) -> bool:
        """Whether it is too small to be told: nobody hears or sees it."""
        return not self.is_reversed and self.pitch == 1.0 and abs(log(self.tempo)) <= OTHER_TEMPO


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

    def later(self, by_s: float) -> Stretch:
        """The same, so much later in the found file."""
        return replace(self, start_s=round(self.start_s + by_s, 3), end_s=round(self.end_s + by_s, 3))


@dataclass(frozen=True)
class Nearness:
    """How near two stretches have to be to be one: less than `gap_s` between them, which is as long in the
    record to within `off_s`, and tempos that differ by `tempo` at most, in natural log.
    """

    gap_s: float
    off_s: float
    tempo: float = 0.0


def joined(stretches: Sequence[Stretch], near: Nearness) -> list[Stretch]:
    """Neighbours that go on where the one before ended, under about the same change, are one stretch."""
    chosen: list[Stretch] = []
    for one in stretches:
        before = chosen[-1] if chosen else None
        if before is not None and _is_alike(before.change, one.change, near) and _goes_on(before, one, near):
            length, more = before.end_s - before.start_s, one.end_s - one.start_s
            agreement = (before.agreement * length + one.agreement * more) / max(1e-9, length + more)
            chosen[-1] = replace(
                before,
                end_s=one.end_s,
                record_start_s=min(before.record_start_s, one.record_start_s),
                record_end_s=max(before.record_end_s, one.record_end_s),
                agreement=round(agreement, 3),
            )
        else:
            chosen.append(one)
    return chosen


def _is_alike(one: Change, other: Change, near: Nearness) -> bool:
    is_of_a_kind = one.is_reversed == other.is_reversed and one.pitch == other.pitch
    return is_of_a_kind and abs(log(one.tempo / other.tempo)) <= near.tempo


def _goes_on(before: Stretch, after: Stretch, near: Nearness) -> bool:
    gap = after.start_s - before.end_s
    if before.change.is_reversed:
        record_gap = before.record_start_s - after.record_end_s
    else:
        record_gap = after.record_start_s - before.record_end_s
    return abs(gap * before.change.tempo - record_gap) < near.off_s and gap < near.gap_s
