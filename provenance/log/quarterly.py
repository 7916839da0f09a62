"""What a log says of each quarter: how many videos, refusals, withdrawals, takedowns and reports.

Counted from events alone, so that anybody who has the log comes to the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from provenance.log.entries import LogEvent


class Count(StrEnum):
    """What is counted; a name, once published, keeps its meaning."""

    VIDEOS_SEALED = "videos_sealed"
    VIDEOS_RELEASED = "videos_released"
    VIDEOS_REFUSED = "videos_refused"
    VIDEOS_STOPPED = "videos_stopped"
    VIDEOS_TAKEN_DOWN = "videos_taken_down"
    VIDEOS_ERASED = "videos_erased"
    CONSENTS_GRANTED = "consents_granted"
    CONSENTS_DECLINED = "consents_declined"
    CONSENTS_WITHDRAWN = "consents_withdrawn"
    CONSENTS_REFUSED = "consents_refused"
    REPORTS_CLOSED = "reports_closed"


EVENTS: Final[Mapping[LogEvent, Count]] = {
    LogEvent.RENDITION_SEALED: Count.VIDEOS_SEALED,
    LogEvent.RENDITION_RELEASED: Count.VIDEOS_RELEASED,
    LogEvent.RENDITION_REJECTED: Count.VIDEOS_STOPPED,
    LogEvent.RENDITION_REVOKED: Count.VIDEOS_TAKEN_DOWN,
    LogEvent.RENDITION_ERASED: Count.VIDEOS_ERASED,
    LogEvent.CONSENT_GRANTED: Count.CONSENTS_GRANTED,
    LogEvent.CONSENT_DECLINED: Count.CONSENTS_DECLINED,
    LogEvent.CONSENT_WITHDRAWN: Count.CONSENTS_WITHDRAWN,
    LogEvent.CONSENT_REFUSED: Count.CONSENTS_REFUSED,
    LogEvent.MISUSE_CLOSED: Count.REPORTS_CLOSED,
}
# With these codes a reviewer refuses a video. Any other ends one before its release for another reason: a
# consent that was withdrawn, a partner's or the subject's wish, a live session that was stopped.
REFUSALS: Final[frozenset[str]] = frozenset(
    {"consent_doubtful", "wrong_person", "misleading", "prohibited_use", "poor_quality"}
)


def counted_as(event: LogEvent, reason_code: object = "") -> Count | None:
    """What an entry of this event, with the `reason_code` of its data, counts as; None for nothing."""
    if event is LogEvent.RENDITION_REJECTED and reason_code in REFUSALS:
        return Count.VIDEOS_REFUSED
    return EVENTS.get(event)


@dataclass
class Quarter:
    """The counts of one quarter of a year, UTC; all of them, also those that are 0."""

    name: str  # 2026-Q4
    counts: Counter[Count] = field(default_factory=Counter)

    def to_json(self) -> dict[str, str | int]:
        """Plain values."""
        return {"quarter": self.name, **{count.value: self.counts[count] for count in Count}}


def quarter_of(time: datetime) -> str:
    """The name of the quarter that an aware time lies in, UTC."""
    there = time.astimezone(UTC)
    return f"{there.year}-Q{(there.month - 1) // 3 + 1}"


def quarterly(counted: Iterable[tuple[datetime, Count | None, int]]) -> list[Quarter]:
    """The quarters with anything to count, oldest first.

    `counted`: an aware time, what an entry of then counts as, and how often within the same quarter.
    """
    found: dict[str, Quarter] = {}
    for time, count, often in counted:
        if count is not None:
            name = quarter_of(time)
            found.setdefault(name, Quarter(name)).counts[count] += often
    return [found[name] for name in sorted(found)]
