"""How long this process waits for the database. Loads no driver: services on SQLite need none."""

from __future__ import annotations

# The longest that one statement, or one piece of a long answer, may take in a process that others wait for.
ANSWERS_IN_S = 30.0

_limit_s: float | None = None  # none for commands: migrations take their time, and somebody looks on


def answer_in_time() -> None:
    """From now on this process and those forked from it give up after `ANSWERS_IN_S`."""
    global _limit_s  # noqa: PLW0603 - one for the process
    _limit_s = ANSWERS_IN_S


def limit_s() -> float | None:
    """After how many seconds this process gives up; None if never."""
    return _limit_s
