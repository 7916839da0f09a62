"""The kinds of verdict, and what a decision consists of."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.verdict.messages import Message


class VerdictKind(StrEnum):
    """The seven answers. Programs rely on these values; they keep their meaning for ever."""

    OURS_INTACT = "ours_intact"
    OURS_CHANGED = "ours_changed"
    OURS_WITHDRAWN = "ours_withdrawn"
    MARK_TRANSPLANTED = "mark_transplanted"
    OTHER_CREDENTIALS = "other_credentials"
    NO_PROVENANCE = "no_provenance"
    CANNOT_TELL = "cannot_tell"


OURS = {VerdictKind.OURS_INTACT, VerdictKind.OURS_CHANGED, VerdictKind.OURS_WITHDRAWN}

# The kind, the sentence that says it, and the record that it is about.
Decision = tuple[VerdictKind, Message, RecordFacts | None]


def day_of(time: datetime) -> str:
    """The day of a moment in UTC, as sentences name it."""
    return time.astimezone(UTC).date().isoformat()


def cannot_tell(sentence: str) -> Decision:
    """The decision that nothing can be said, for the reason in the sentence."""
    return VerdictKind.CANNOT_TELL, Message(sentence), None
