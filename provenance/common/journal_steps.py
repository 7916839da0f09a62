"""What the entries of the erasure journal stand for: functions, named here and imported when one is needed.

Apps register theirs when they start, which must not load what only a restored database needs.
"""

from __future__ import annotations

from typing import NamedTuple


class Steps(NamedTuple):
    """Dotted names of functions that take a `JournalEntry`, both called in a transaction.

    `apply` puts a restored row back into the state that the entry says; `append` writes into the log what it
    has lost, once it goes on. Both may find that there is nothing to do.
    """

    apply: str
    append: str = ""


_STEPS: dict[str, list[Steps]] = {}


def register(kind: str, *, apply: str, append: str = "") -> None:
    """Have entries of a kind handled by these functions, after those that were registered before."""
    steps = Steps(apply, append)
    if steps not in _STEPS.setdefault(kind, []):
        _STEPS[kind].append(steps)


def steps_of(kind: str) -> list[Steps]:
    """The functions for a kind of entry."""
    return _STEPS.get(kind, [])
