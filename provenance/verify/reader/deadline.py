"""When a search in an untrusted file is to end: by the process's own time, or earlier by the clock."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """Readings of `time.process_time` and `time.monotonic`."""

    cpu_s: float
    wall_s: float

    @classmethod
    def within(cls, *, cpu_s: float, wall_s: float) -> Deadline:
        """So many processor seconds from now, and so many on the clock."""
        return cls(time.process_time() + cpu_s, time.monotonic() + wall_s)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be begun."""
        return time.process_time() > self.cpu_s or time.monotonic() > self.wall_s
