"""What a verdict says of a sound that is also in a video of ours to which nothing else leads."""

from __future__ import annotations

from provenance.verify.evidence.signals import Signals
from provenance.verify.verdict.messages import Message

_RELEASED = (
    "Its sound, or a piece of it, is also in a video that was made here, {video}. Which of the two was there "
    "first is not known: a recording may be older than our video."
)
_WITHDRAWN = (
    "Its sound, or a piece of it, is also in a video that was made here and withdrawn, {video}. Which of the "
    "two was there first is not known: a recording may be older than our video."
)
_WHOSE = "The sound, or a piece of it, is also in a video that was made here: {video}."


def sound_elsewhere(signals: Signals) -> Message | None:
    """The sentence that names the video whose sound it is; None where none was found."""
    record = signals.by_sound
    if record is None:
        return None
    return Message(_WITHDRAWN if record.state == "withdrawn" else _RELEASED, {"video": record.rendition_id})


def sound_elsewhere_finding(signals: Signals) -> tuple[str, Message] | None:
    """The same as a reason: what becomes of the record as a stable word, and the sentence."""
    record = signals.by_sound
    return None if record is None else (record.state, Message(_WHOSE, {"video": record.rendition_id}))
