"""Forecast of a queue: when each job that waits will start and end, with partners taking turns.

Plain numbers, seconds from now. The order is that of `generation.turn`.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RunningWork:
    """A job that a worker has: whose, and how many seconds of work are left."""

    partner: Hashable
    left_s: float


@dataclass(frozen=True)
class QueuedWork:
    """A job that waits: its name here, whose it is, and how many seconds of work it is."""

    key: Hashable
    partner: Hashable
    work_s: float


@dataclass(frozen=True)
class Span:
    """When a job starts and ends, in seconds from now."""

    start_s: float
    end_s: float


def forecast(
    *,
    running: Iterable[RunningWork],
    waiting: Iterable[QueuedWork],
    slots: int,
    began: Mapping[Hashable, Sequence[float]],
    weights: Mapping[Hashable, int],
) -> dict[Hashable, Span]:
    """When each job in `waiting` (oldest first) will be worked on by `slots` workers.

    `began` says when the newest attempts of a partner began, oldest first (any rising numbers; who is not in
    it never began). Of the partners with the fewest jobs running for their weight (1 for who is not in
    `weights`), the one whose last turn, as many attempts as its weight, began longest ago comes first.
    """
    lines: dict[Hashable, deque[QueuedWork]] = defaultdict(deque)
    for work in waiting:
        lines[work.partner].append(work)
    running = list(running)
    at_work = Counter(each.partner for each in running)
    weight = defaultdict(lambda: 1, weights)
    last = {name: deque(began.get(name, ()), maxlen=weight[name]) for name in [*began, *lines]}
    ends: list[tuple[float, int, Hashable]] = []  # when a slot is free, and whose job ends then
    ends += [(max(each.left_s, 0.0), number, each.partner) for number, each in enumerate(running)]
    ends += [(0.0, -1 - number, None) for number in range(slots - len(ends))]
    heapq.heapify(ends)
    newest = max((start for starts in began.values() for start in starts), default=0.0)
    spans: dict[Hashable, Span] = {}
    number = len(ends)
    while any(lines.values()):
        now, _, finished = heapq.heappop(ends)
        if finished is not None:
            at_work[finished] -= 1
        partner = min(
            (name for name, line in lines.items() if line),
            key=lambda name: (
                at_work[name] / weight[name],
                last[name][0] if len(last[name]) == weight[name] else float("-inf"),
            ),
        )
        work = lines[partner].popleft()
        spans[work.key] = Span(now, now + work.work_s)
        at_work[partner] += 1
        newest += 1.0
        last[partner].append(newest)
        number += 1
        heapq.heappush(ends, (now + work.work_s, number, partner))
    return spans
