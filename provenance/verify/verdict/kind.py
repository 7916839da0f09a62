"""The kinds of verdict, and what a decision consists of."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from provenance.verify.evidence.signals import RecordFacts
from provenance.verify.verdict.messages import Message


class VerdictKind(StrEnum):
    """The eight answers. Programs rely on these values; they keep their meaning for ever."""

    OURS_INTACT = "ours_intact"
    OURS_CHANGED = "ours_changed"
    OURS_RECORDED = "ours_recorded"
    OURS_WITHDRAWN = "ours_withdrawn"
    MARK_TRANSPLANTED = "mark_transplanted"
    OTHER_CREDENTIALS = "other_credentials"
    NO_PROVENANCE = "no_provenance"
    CANNOT_TELL = "cannot_tell"


OURS = {
    VerdictKind.OURS_INTACT,
    VerdictKind.OURS_CHANGED,
    VerdictKind.OURS_RECORDED,
    VerdictKind.OURS_WITHDRAWN,
}

# The kind, the sentence that says it, and the record that it is about.
Decision = tuple[VerdictKind, Message, RecordFacts | None]


def day_of(time: datetime) -> str:
    """The day of a moment in UTC, as sentences name it."""
    return time.astimezone(UTC).date().isoformat()


def cannot_tell(sentence: str) -> Decision:
    """The decision that nothing can be said, for the reason in the sentence."""
    return VerdictKind.CANNOT_TELL, Message(sentence), None


def ours(record: RecordFacts, kind: VerdictKind, sentence: Message) -> Decision:
    """The decision that a record of ours is named, unless the log denies it, or it must not circulate."""
    if not record.is_in_log:
        return cannot_tell(
            "Our record of this video does not agree with the public log. Until that is cleared up, do "
            "not rely on it."
        )
    if record.state == "withdrawn":
        gone = Message("It was withdrawn and must not circulate any more.")
        if record.withdrawn_at:
            day = day_of(record.withdrawn_at)
            gone = Message("It was withdrawn on {day} and must not circulate any more.", {"day": day})
        return VerdictKind.OURS_WITHDRAWN, sentence.followed_by(gone), record
    if record.state == "sealed":
        never = Message("It was never released and should not be in circulation.")
        return VerdictKind.OURS_WITHDRAWN, sentence.followed_by(never), record
    return kind, sentence, record
