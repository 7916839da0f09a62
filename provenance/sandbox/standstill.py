"""Tells a process that stands still from one that gets little of a busy machine.

What protects from a file that keeps its reader busy is the limit of processor time, which a busy machine does
not use up. The clock only has to end what does nothing at all.
"""

from __future__ import annotations

import contextlib
import ctypes
import time
from typing import Final

# Who used less than so much of a processor in so long is stuck: beside a thousand others it had more.
STILL_S: Final = 30.0
LEAST_USED_S: Final = 0.02
LOOKED_AFTER_S: Final = 1.0  # so often one who waits for a process looks


class Standstill:
    """Watches what a process uses of the processors, from now on.

    Where a system does not tell that of another process, nothing ever stands still.
    """

    def __init__(self, pid: int, still_s: float | None = None) -> None:
        """A process that is not reaped while it is watched. `still_s`: STILL_S unless given."""
        self._clock = _clock_of(pid)
        self._still_s = STILL_S if still_s is None else still_s
        self._used_s, self._since = self._now(), time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether it has done nothing for so long that it never will. To be asked every now and then."""
        used_s = self._now()
        if used_s is None or self._used_s is None or used_s - self._used_s >= LEAST_USED_S:
            self._used_s, self._since = used_s, time.monotonic()
        return time.monotonic() - self._since > self._still_s

    def _now(self) -> float | None:
        """Processor seconds that the process has used; None where nobody says."""
        with contextlib.suppress(OSError):
            return None if self._clock is None else time.clock_gettime(self._clock)
        return None


def _clock_of(pid: int) -> int | None:
    """The number of the clock that counts a process's processor time, or None where there is none."""
    clock = ctypes.c_int()
    with contextlib.suppress(AttributeError):  # macOS has none
        if ctypes.CDLL(None).clock_getcpuclockid(ctypes.c_int(pid), ctypes.byref(clock)) == 0:
            return clock.value
    return None
