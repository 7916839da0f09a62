"""How many connections this process has, and may have, for the figures. Nothing in another web server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Counted:
    open_now: Callable[[], int] | None = None
    most: int = 0


_counted = _Counted()


def count_by(open_now: Callable[[], int], most: int) -> None:
    """Have connections counted by a function from now on; `most` are served at a time."""
    _counted.open_now, _counted.most = open_now, most


def connections() -> tuple[int, int] | None:
    """Connections that are open, and how many may be; None where nobody counts."""
    return None if _counted.open_now is None else (_counted.open_now(), _counted.most)
