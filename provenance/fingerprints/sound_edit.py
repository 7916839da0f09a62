"""Edits of a sound as plain values: what was done, and where. For whoever judges, without what compares."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SoundEditKind(StrEnum):
    """What a piece of a sound is, beside the recorded one."""

    REPLACED = "replaced"  # another sound in place of ours
    MUTED = "muted"  # silence in place of ours
    CUT = "cut"  # ours is missing
    INSERTED = "inserted"  # something in between that is not ours
    REORDERED = "reordered"  # ours, at another place
    REVERSED = "reversed"
    SPEED = "speed"  # ours, faster or slower


@dataclass(frozen=True)
class SoundEdit:
    """`start_s` to `end_s` of the found sound (equal for a cut), `record_start_s` to `record_end_s` of the
    recorded one; `tempo` of a SPEED, 1 otherwise."""

    kind: SoundEditKind
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float = 1.0
