"""When a search in an untrusted file is to end, by the process's own time: a busy machine finds as much."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A reading of `time.process_time`."""

    cpu_s: float

    @classmethod
    def within(cls, *, cpu_s: float) -> Deadline:
        """So many processor seconds from now."""
        return cls(time.process_time() + cpu_s)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be begun."""
        return time.process_time() > self.cpu_s
