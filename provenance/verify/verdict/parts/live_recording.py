"""What is said of a recording of a live session: it has no credentials to lose, and may be a part of it."""

from __future__ import annotations

from typing import Final

from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.signals import (
    PictureState,
    RecordFacts,
    Signals,
    SoundState,
)
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.timeline import findings_of

LIVE: Final = "It comes from a live session: the picture spoke while somebody talked into a microphone."
OF_A_SESSION: Final = (
    "The picture carries the mark of a live session. What a live session sends has no credentials, so that a "
    "recording of it has none either."
)
_UNEDITED: Final = (
    "Picture and sound are those of the session, and no edit was found in them. They may be a part of it: a "
    "recording begins and ends anywhere."
)
_NOT_COMPARED: Final = (
    "No edit was found in it, but not all of it could be compared with the session: see what was not checked."
)
_UNCHANGED_SOUND: Final = {SoundState.SAME, SoundState.NOT_COMPARED}
_UNCHANGED_PICTURE: Final = {PictureState.SAME, PictureState.NOT_COMPARED}
_WITHOUT: Final = {ManifestState.NONE, ManifestState.REMOTE_ONLY}


def is_recording(signals: Signals, record: RecordFacts) -> bool:
    """Whether the file is one of a live session that has no credentials."""
    return record.is_live and _is_without(signals.manifest)


def is_unedited(signals: Signals, record: RecordFacts) -> bool:
    """Whether it is such a recording in which nothing was found to be another than what the session sent."""
    container = signals.container
    is_single = container is None or not (
        container.is_picture_unclear or container.is_sound_unclear or container.is_cut
    )
    return (
        is_recording(signals, record)
        and record is signals.by_mark
        and not signals.by_other_marks
        and is_single
        and signals.sound.state in _UNCHANGED_SOUND
        and signals.picture.state in _UNCHANGED_PICTURE
        and all(part.state == "found" for part in signals.mark.parts)
        and signals.named_input is None
        and not (signals.picture.unread or signals.sound.unread)
        and not findings_of(signals)
    )


def unedited_message(signals: Signals) -> Message:
    """What is said of a recording that `is_unedited`."""
    is_compared = signals.picture.state is PictureState.SAME and signals.sound.state is SoundState.SAME
    is_whole = signals.picture.until_s is None and signals.sound.until_s is None
    is_whole = is_whole and not signals.mark.is_compared_in_part
    return Message(_UNEDITED if is_compared and is_whole else _NOT_COMPARED)


def _is_without(manifest: ManifestReading | None) -> bool:
    return manifest is None or manifest.state in _WITHOUT
