"""PhoneSegment: one spoken phone with its start, end and level."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PhoneSegment:
    """One phone from `start_s` to `end_s`; `level_db` is its loudest 10 ms after level normalisation."""

    phone: str
    start_s: float
    end_s: float
    level_db: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s
