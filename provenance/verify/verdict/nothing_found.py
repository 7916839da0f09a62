"""The verdict on a file in which nothing was found: whether that is no provenance, or we cannot tell."""

from __future__ import annotations

from provenance.manifest.states import ManifestState
from provenance.verify.evidence.media_type import ZIP_TYPE
from provenance.verify.evidence.signals import MarkReading, MarkState, Signals
from provenance.verify.verdict.kind import Decision, VerdictKind, cannot_tell
from provenance.verify.verdict.messages import Message

_CONTAINER = (
    "The file is a container without credentials of its own: send what is inside it, each by itself. That "
    "does not say whether anything in it is real."
)

_CREDENTIALS_UNREAD = (
    "The file's credentials cannot be read, because it is damaged or they are of a kind that we do not know."
)
_FILE_UNREAD = (
    "Whether the file carries credentials cannot be told, because it is damaged or of a kind that we do not "
    "know."
)


def nothing_found(signals: Signals, state: ManifestState | None) -> Decision:
    """The decision where no credentials and no mark say anything; `state` is that of the credentials."""
    if signals.read_failure is not None and state is None:
        return cannot_tell("The file could not be read within the limits that we set for unknown files.")
    if state is ManifestState.REMOTE_ONLY:
        return cannot_tell(
            "The file says that its credentials are kept elsewhere. We do not fetch what a file tells us to."
        )
    if signals.manifest is not None and signals.manifest.is_part and state is ManifestState.UNREADABLE:
        return cannot_tell(
            "The file is one part of a video that is kept in several. Whether it has credentials can be told "
            "only together with its first part, which is not here."
        )
    if state is ManifestState.UNREADABLE:
        is_there = signals.manifest is not None and signals.manifest.is_there
        said = Message(_CREDENTIALS_UNREAD if is_there else _FILE_UNREAD)
        return VerdictKind.CANNOT_TELL, said.followed_by(Message(_of_the_mark(signals))), None
    if signals.media_type.name == ZIP_TYPE:
        return VerdictKind.NO_PROVENANCE, Message(_CONTAINER), None
    if signals.media_type.kind == "document":
        sentence = (
            "The file carries no credentials, and it is of a kind that is not made here. That does not say "
            "whether it is real, nor where pictures inside it come from."
        )
        return VerdictKind.NO_PROVENANCE, Message(sentence), None
    if not signals.has_mark_key:
        return cannot_tell(
            "The file carries no credentials. Whether our mark is in it, only the service can tell, which "
            "keeps the key to it."
        )
    if signals.mark.state is MarkState.NOT_LOOKED_FOR:
        return cannot_tell(
            "The file carries no credentials, and it has no picture in which our mark could be looked for."
            if signals.read_failure is None
            else "The file carries no credentials, and its picture could not be read to look for our mark."
        )
    if signals.has_unread_picture:
        return cannot_tell(
            "The file carries no credentials, and its picture cannot be read here, so that our mark could "
            "not be looked for: it is damaged, or of a kind or size that we do not read. Send it whole, as "
            "MP4, GIF, PNG or JPEG."
        )
    if signals.mark.state is MarkState.INCONCLUSIVE:
        return cannot_tell(
            "The file carries no credentials, and whether our mark is in it cannot be decided."
        )
    if signals.mark.unseen or signals.mark.coarse:
        return VerdictKind.NO_PROVENANCE, _of_a_long_video(signals.mark), None
    return (
        VerdictKind.NO_PROVENANCE,
        Message(
            "The file carries no credentials and not our watermark. That does not say whether it is real."
        ),
        None,
    )


def _of_the_mark(signals: Signals) -> str:
    """What is known of our mark where the credentials could not be read."""
    if not signals.has_mark_key:
        return "Whether our mark is in it, only the service can tell, which keeps the key to it."
    if signals.mark.state is MarkState.NOT_LOOKED_FOR or signals.has_unread_picture:
        return "Our mark could not be looked for, because no picture in it could be read."
    if signals.mark.state is MarkState.INCONCLUSIVE:
        return "Whether our mark is in it cannot be decided."
    if signals.mark.unseen or signals.mark.coarse:
        return "Our mark is not where we looked."
    return "Our mark was not found."


def _of_a_long_video(mark: MarkReading) -> Message:
    """What is claimed of a video of which not everything was looked at closely."""
    seconds = {"seconds": f"{mark.longest_unseen_s:.0f}"}
    if mark.unseen and mark.coarse:
        sentence = (
            "The file carries no credentials, and our watermark is not where we looked. Of a long video we "
            "look at single frames from many places: a piece of {seconds} s or less of a video of ours could "
            "lie between them, and a longer one whose mark is faint could be missed. That does not say "
            "whether it is real."
        )
        return Message(sentence, seconds)
    if mark.unseen:
        sentence = (
            "The file carries no credentials, and our watermark is not where we looked. Of a long video we "
            "look at frames from many places: a piece of {seconds} s or less of a video of ours could lie "
            "between them. That does not say whether it is real."
        )
        return Message(sentence, seconds)
    return Message(
        "The file carries no credentials, and our watermark is not where we looked. Of a long video we look "
        "at single frames: a piece of a video of ours whose mark is faint could be missed. That does not say "
        "whether it is real."
    )
