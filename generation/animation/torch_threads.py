"""How many threads torch uses for networks so small that a second one waits longer than it works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Within it torch works on one thread; afterwards on as many as before.

    On a busy machine two threads wait for each other by spinning, and live speech is several times slower.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
