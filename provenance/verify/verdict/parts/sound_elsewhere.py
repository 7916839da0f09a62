"""What a verdict says of a sound that is also in videos of ours to which nothing else leads."""

from __future__ import annotations

from typing import Final

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
_SEVERAL = (
    "Its sound, or a piece of it, is also in videos that were made here: {videos}. Whether the file is from "
    "one of them, and which, is not known: a recording may be in several videos, and older than all of them."
)
_SEVERAL_WITHDRAWN = (
    "Its sound, or a piece of it, is also in videos that were made here and withdrawn: {videos}. Whether the "
    "file is from one of them, and which, is not known: a recording may be in several videos, and older than "
    "all of them."
)
_WITHDRAWN_TOO = "It is also in videos that were withdrawn: {videos}."
_WHOSE = "The sound, or a piece of it, is also in a video that was made here: {video}."
_WHOSE_WITHDRAWN = (
    "The sound, or a piece of it, is also in a video that was made here and withdrawn: {video}."
)
MOST_IN_SENTENCE: Final = 6  # of the videos that are told; the verdict lists fifty


def sound_elsewhere(signals: Signals) -> Message | None:
    """The sentence that names the videos whose sound it is; None where none was found."""
    released = [one.rendition_id for one in signals.by_sound if one.state == "released"]
    withdrawn = [one.rendition_id for one in signals.by_sound if one.state != "released"]
    if not released and not withdrawn:
        return None
    if len(signals.by_sound) == 1:
        return Message(_RELEASED if released else _WITHDRAWN, {"video": signals.by_sound[0].rendition_id})
    if not released:
        return Message(_SEVERAL_WITHDRAWN, {"videos": _listed(withdrawn)})
    said = Message(_SEVERAL, {"videos": _listed(released)})
    return said.followed_by(Message(_WITHDRAWN_TOO, {"videos": _listed(withdrawn)})) if withdrawn else said


def sound_elsewhere_findings(signals: Signals) -> list[tuple[str, Message]]:
    """The same as reasons: what became of each record as a stable word, and the sentence."""
    return [
        (
            one.state,
            Message(_WHOSE if one.state == "released" else _WHOSE_WITHDRAWN, {"video": one.rendition_id}),
        )
        for one in signals.by_sound[:MOST_IN_SENTENCE]
    ]


def _listed(videos: list[str]) -> str:
    return ", ".join([*videos[:MOST_IN_SENTENCE], *(["\u2026"] if len(videos) > MOST_IN_SENTENCE else [])])
