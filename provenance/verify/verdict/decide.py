"""The rules that lead from signals to one of the eight kinds of verdict."""

from __future__ import annotations

from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.signals import MarkState, PictureState, Signals, SoundState
from provenance.verify.verdict.kind import Decision, VerdictKind, cannot_tell, ours
from provenance.verify.verdict.layers import (
    CAPTURED_OVER_MARK,
    SHOWS_ANOTHER,
    SOUND_WITHOUT_PICTURE,
    is_captured_over_mark,
    is_sound_of_credentials,
)
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.nothing_found import nothing_found
from provenance.verify.verdict.others import about_named, decide_others, state_of_another
from provenance.verify.verdict.parts.marked_by_us import marked_by_us

_COPIED = (
    "The file carries the credentials of a video that was made here, but its content is not that video's, "
    "and our watermark was not found in it. The video was changed, or the credentials were copied from "
    "another file."
)
_COPIED_PERHAPS = (
    "The file carries the credentials of a video that was made here, but its content is not that video's. "
    "Our watermark was not looked for, which takes a secret key. The video was changed or broke off on its "
    "way, or the credentials were copied from another file."
)
_COPIED_UNDECIDED = (
    "The file carries the credentials of a video that was made here, but its content is not that video's. "
    "Whether our watermark is in it could not be told. The video was changed or broke off on its way, or the "
    "credentials were copied from another file."
)
_NO_PICTURE = (
    "The file carries the credentials of a video that was made here, but no picture of it can be shown. It "
    "may be a part of a download that broke off: send it again when it is whole. Whether it was changed, or "
    "the credentials were copied from another file, cannot be said."
)
_MARK_NOT_ON_RECORD = (
    "The picture carries our mark, and it was read beyond doubt, but it is none of those on record here. "
    "Which video it comes from cannot be said. Do not rely on it."
)
_MARK_NOT_READ = (
    "The picture carries a mark that reads like ours, but we have no record of it. Do not rely on it."
)
_MARK_NOT_AT_HAND = (
    "The picture carries a mark of the service, of which there is no record among the evidence at hand. "
    "Which video it comes from, and whether that was withdrawn, cannot be said."
)
MARK_WITHOUT_RECORD = frozenset(
    {_MARK_NOT_ON_RECORD, _MARK_NOT_READ, _MARK_NOT_AT_HAND}
)  # the sentences that say so
_NO_EVIDENCE = (
    "The file is signed with the certificate of the service, and it is as it was signed. The evidence of "
    "this video is not at hand, so whether it was released, and whether it was withdrawn, cannot be said."
)
DRAFT = (
    "The picture carries the mark of a draft: it was made to be looked at, by the person in a portrait or "
    "while a video was prepared, and was never released. No copy is kept here, so whether the picture is as "
    "it was cannot be told. Do not rely on it, and please do not pass it on."
)

_ONE_OF_SEVERAL = (
    "The file holds several pictures, and players differ in which one they show. The one that was looked at "
    "carries the mark of a video that was made here; what a player shows may be another."
)
_COVER = (
    "The cover of the file carries the mark of a video that was made here. What plays is something else, and "
    "about that the mark says nothing."
)
_UPDATED = (
    "Picture and sound are those of a video that was made here: our own signature fits them. Somebody else "
    "signed again what the file says about it."
)
_OTHER_PERFORMANCE = (
    "The picture carries the mark of a video that was made here, but neither its motion nor its sound are "
    "that video's: it is another performance, over which the mark was laid."
)
_OF_OTHERS = {ManifestState.TRUSTED_OTHER, ManifestState.VALID_UNTRUSTED, ManifestState.INVALID}

_SIGNED_OVER_ANOTHER = (
    "The file is signed with our certificate and names a video that was made here, but its picture is not "
    "that video's: our mark is not in it, or was laid over something else. Do not rely on it, and please "
    "tell us where it came from."
)


def decide(signals: Signals) -> Decision:
    """The kind of the verdict, the sentence that says it, and the record that it is about.

    What counts, strongest first: the file's own hash in our records; our signature over exactly this content;
    our watermark in the frames. A manifest of ours over content that is not its own counts for nothing unless
    the watermark says the same: manifests can be copied from file to file.
    """
    manifest, mark = signals.manifest, signals.mark
    by_file, by_mark = signals.by_file, signals.by_mark
    state = manifest.state if manifest else None
    if by_file is not None:
        return ours(
            by_file, VerdictKind.OURS_INTACT, Message("This is, byte for byte, a video that was made here.")
        )
    if (
        manifest is not None
        and state is ManifestState.TRUSTED_OURS
        # Where our signature does not say which video it is, the mark may.
        and (manifest.rendition_id is not None or by_mark is None)
    ):
        return _signed_by_us(signals, manifest)
    if (bound := signals.by_bound_input) is not None and by_mark in {None, bound}:
        return ours(bound, VerdictKind.OURS_CHANGED, Message(_UPDATED))
    if signals.has_mark_without_record:
        unread = _MARK_NOT_ON_RECORD if mark.is_word_read else _MARK_NOT_READ
        if not signals.has_all_records:
            unread = _MARK_NOT_AT_HAND
        said = Message(DRAFT if mark.is_draft else unread)
        if is_captured_over_mark(signals):
            said = said.followed_by(Message(CAPTURED_OVER_MARK))
        return VerdictKind.CANNOT_TELL, said, None
    if by_mark is not None and (unclear := _what_plays_is_unclear(signals)):
        return VerdictKind.CANNOT_TELL, Message(unclear).followed_by(*state_of_another(by_mark)), None
    if by_mark is not None and mark.is_same_content is False and not signals.by_other_marks:
        sentence = (
            "The picture carries the mark of a video that was made here, but it shows something else: the "
            "mark was taken from that video and laid over this one, or nearly everything was changed."
        )
        said = Message(sentence)
        if signals.by_shown is not None:
            said = Message(SHOWS_ANOTHER).followed_by(*state_of_another(signals.by_shown))
        return VerdictKind.MARK_TRANSPLANTED, said.followed_by(*about_named(signals)), None
    if by_mark is not None and _is_other_performance(signals):
        said = Message(_OTHER_PERFORMANCE).followed_by(*about_named(signals))
        return VerdictKind.MARK_TRANSPLANTED, said, None
    if by_mark is not None:
        return marked_by_us(signals, by_mark)
    if manifest is not None and state is ManifestState.DETACHED:
        return _detached(manifest)
    if manifest is not None and manifest.is_signed_by_us:
        said = Message(_COPIED_UNDECIDED if signals.has_mark_key else _COPIED_PERHAPS)
        if mark.state is MarkState.NOT_FOUND:
            said = Message(_COPIED)
        if mark.state is not MarkState.NOT_LOOKED_FOR and not mark.frames_read:
            said = Message(_NO_PICTURE)
        if is_sound_of_credentials(signals) and signals.by_manifest is not None:
            said = said.followed_by(Message(SOUND_WITHOUT_PICTURE), *state_of_another(signals.by_manifest))
        return VerdictKind.CANNOT_TELL, said, None
    if manifest is not None and state in _OF_OTHERS:
        return decide_others(signals, manifest)
    return nothing_found(signals, state)


def _is_other_performance(signals: Signals) -> bool:
    """Whether nothing but the mark is of the video that it names: neither its motion nor its sound."""
    return (
        signals.picture.state is PictureState.OTHER
        and signals.sound.state not in {SoundState.SAME, SoundState.CHANGED}
        and not signals.by_other_marks
        and all(part.state == "found" for part in signals.mark.parts)
    )


def _what_plays_is_unclear(signals: Signals) -> str:
    """Why the picture with our mark may not be what plays; empty where it is."""
    container = signals.container
    if container is None:
        return ""
    if container.is_picture_unclear:
        return _ONE_OF_SEVERAL
    if container.is_cover and signals.sound.state not in {SoundState.SAME, SoundState.CHANGED}:
        return _COVER
    return ""


def _signed_by_us(signals: Signals, manifest: ManifestReading) -> Decision:
    """Our signature fits the content, but the bytes are not those of any record."""
    record, by_mark = signals.by_manifest, signals.by_mark
    if record is None and not signals.has_all_records:
        return cannot_tell(_NO_EVIDENCE)
    if record is None:
        return cannot_tell(
            "The file is signed with our certificate, but we have no record of it. Do not rely on it, and "
            "please tell us where it came from."
        )
    if by_mark is not None and by_mark.rendition_id != record.rendition_id:
        return cannot_tell(
            "The credentials and the watermark in this file lead to two different videos. Do not rely on it."
        )
    # Every video has its mark when it is signed. Without it somebody else signed, with a key of ours. An edit
    # may have lost it.
    has_another_picture = signals.mark.state is MarkState.NOT_FOUND or signals.mark.is_same_content is False
    if has_another_picture and not manifest.is_edited:
        return cannot_tell(_SIGNED_OVER_ANOTHER)
    if manifest.is_edited:
        sentence = (
            "This is a video that was made here and edited here after it was made. Our signature fits "
            "picture and sound as they are now; what was done, the credentials say."
        )
    else:
        sentence = (
            "Picture and sound are those of a video that was made here, but the file around them was "
            "changed, in parts that the signature does not cover."
        )
    return ours(record, VerdictKind.OURS_CHANGED, Message(sentence))


def _detached(manifest: ManifestReading) -> Decision:
    """Credentials without the file that they are about."""
    if manifest.is_signed_by_us:
        return cannot_tell(
            "These are the credentials of a video that was made here, without the video. Whether a video is "
            "the one that they are about can be told only from that video."
        )
    return _others(
        "These are somebody else's credentials for a file that is not here. Whether a file is the one that "
        "they are about can be told only from that file."
    )


def _others(sentence: str) -> Decision:
    return VerdictKind.OTHER_CREDENTIALS, Message(sentence), None
