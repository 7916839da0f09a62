"""How a command ends whose output nobody reads to its end, as in `| head -1`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

NOBODY_READS = 141  # what a shell says of a program that SIGPIPE ended


def delivered(command: Callable[[], int]) -> int:
    """Run a command and hand over what it printed; its exit code, or 141 if nobody reads that any more."""
    try:
        code = command()
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would fail once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    return code
