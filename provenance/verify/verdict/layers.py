"""Compares the layers of a file with each other: credentials, mark, picture and sound.

Each can hold by itself while together they cannot be so: valid credentials that say "captured by a camera"
over our mark, the credentials of one video over the sound of another, a mark over the picture of another.
Each such contradiction is a finding of its own, and its sentence says which layer says what.
"""

from __future__ import annotations

from collections.abc import Iterator

from provenance.manifest.findings.causes import Cause
from provenance.verify.evidence.signals import MarkState, Signals, SoundState
from provenance.verify.verdict.messages import Message

# Of IPTC's digital source types, those that deny that a model made it.
_NOT_BY_A_MODEL = {
    "computationalCapture",
    "compositeCapture",
    "digitalArt",
    "digitalCapture",
    "digitalCreation",
    "humanEdits",
    "minorHumanEdits",
    "multiFrameComputationalCapture",
    "negativeFilm",
    "positiveFilm",
    "print",
    "screenCapture",
    "virtualRecording",
}
_OURS_IN_SOUND = {SoundState.SAME, SoundState.CHANGED}

CAPTURED_OVER_MARK = (
    "The credentials say that a camera captured it or that people made it; the mark in the picture says that "
    "it was made here, by a model. Both cannot be so."
)
CAPTURED_OVER_OTHER_MARK = (
    "The credentials say that a camera captured it or that people made it; the picture carries the mark that "
    "{generator} writes, which anybody can write."
)
_SOUND_OF_CREDENTIALS = (
    "The sound is that of the video that the credentials are about; the picture carries the mark of another "
    "video of ours."
)
SOUND_WITHOUT_PICTURE = (
    "The sound is that of the video that the credentials are about; its mark was not found in the picture."
)
_PICTURE_WITHOUT_SOUND = (
    "Credentials and picture lead to the same video of ours; the sound is not that video's."
)
SHOWS_ANOTHER = "The mark in the picture is that of one video of ours, and what it shows is that of another."


def is_captured_over_mark(signals: Signals) -> bool:
    """Whether credentials whose signature is good deny what our mark says."""
    return signals.mark.state is MarkState.FOUND and denies_a_model(signals)


def contradictions(signals: Signals) -> Iterator[tuple[str, Message]]:
    """A stable word for each contradiction between layers, and the sentence that says who says what."""
    if is_captured_over_mark(signals):
        yield "captured_over_mark", Message(CAPTURED_OVER_MARK)
    elif signals.generator is not None and denies_a_model(signals):
        yield "captured_over_mark", Message(CAPTURED_OVER_OTHER_MARK, {"generator": signals.generator})
    if signals.by_shown is not None:
        yield "shows_another", Message(SHOWS_ANOTHER)
    if signals.manifest is None or not signals.manifest.is_signed_by_us or signals.by_manifest is None:
        return
    if signals.by_mark is None:
        if is_sound_of_credentials(signals):
            yield "sound_without_picture", Message(SOUND_WITHOUT_PICTURE)
    elif signals.by_mark.rendition_id != signals.by_manifest.rendition_id:
        if signals.sound_of_manifest.state in _OURS_IN_SOUND:
            yield "sound_of_credentials", Message(_SOUND_OF_CREDENTIALS)
    elif signals.sound.state is SoundState.OTHER and signals.mark.is_same_content is not False:
        yield "picture_without_sound", Message(_PICTURE_WITHOUT_SOUND)


def is_sound_of_credentials(signals: Signals) -> bool:
    """Whether the sound is that of the video that our credentials are about, without its mark."""
    return (
        signals.mark.state is MarkState.NOT_FOUND
        and signals.by_mark is None
        and signals.by_manifest is not None
        and signals.sound.state in _OURS_IN_SOUND
    )


def denies_a_model(signals: Signals) -> bool:
    """Whether credentials whose signature is good say that no model made it."""
    manifest = signals.manifest
    if manifest is None or Cause.SIGNATURE in manifest.causes:
        return False
    said = [manifest.digital_source_type, *(item.digital_source_type for item in manifest.inputs)]
    return any(one.rpartition("/")[2] in _NOT_BY_A_MODEL for one in said if one)
