"""Edits of sound or picture as plain values: what was done, and where. For whoever judges, without what
compares.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class EditKind(StrEnum):
    """What a piece of a sound or picture is, beside the recorded one."""

    REPLACED = "replaced"  # another one in place of ours
    MUTED = "muted"  # silence, or a picture that stands still, in place of ours
    CUT = "cut"  # ours is missing
    INSERTED = "inserted"  # something in between that is not ours
    REORDERED = "reordered"  # ours, at another place
    REPEATED = "repeated"  # ours, once more
    REVERSED = "reversed"
    SPEED = "speed"  # ours, faster or slower


@dataclass(frozen=True)
class Edit:
    """`start_s` to `end_s` of the found file (equal for a cut), `record_start_s` to `record_end_s` of the
    recorded video; `tempo` of a SPEED, 1 otherwise."""

    kind: EditKind
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float = 1.0

    def later(self, by_s: float) -> Edit:
        """The same, so much later in the found file."""
        return replace(self, start_s=round(self.start_s + by_s, 3), end_s=round(self.end_s + by_s, 3))
