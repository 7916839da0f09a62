"""What is said where our watermark leads to a record, whatever became of the credentials."""

from __future__ import annotations

from provenance.manifest.findings.causes import Cause
from provenance.manifest.states import ManifestState
from provenance.verify.evidence.signals import PictureState, RecordFacts, Signals, SoundState
from provenance.verify.verdict.kind import Decision, VerdictKind, ours
from provenance.verify.verdict.layers import CAPTURED_OVER_MARK, is_captured_over_mark
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.others import about_named
from provenance.verify.verdict.parts.container_findings import CUT, SEVERAL_SOUNDS, TEXT_ADDED, damage
from provenance.verify.verdict.parts.live_recording import (
    OF_A_SESSION,
    is_recording,
    is_unedited,
    unedited_message,
)
from provenance.verify.verdict.parts.shortened import (
    are_words_distorted,
    does_sound_differ,
    is_excerpt,
    is_sound_shortened,
    may_words_say_something_else,
)
from provenance.verify.verdict.parts.sound_findings import (
    SOUND_CHANGED,
    sound_among_several,
    sound_edits,
    told_findings,
)
from provenance.verify.verdict.timeline import FindingKind
from provenance.verify.verdict.timeline_messages import summary

_CREDENTIALS_UNREAD = (
    "The picture carries the mark of a video that was made here, but the credentials in the file cannot be "
    "read: they are damaged or of a kind that we do not know."
)
_CREDENTIALS_NOT_TOLD = (
    "The picture carries the mark of a video that was made here, but whether the file has credentials cannot "
    "be told: it is damaged or of a kind that we do not know."
)
_SOUND_DIFFERS = {
    SoundState.CHANGED: SOUND_CHANGED,
    SoundState.OTHER: "Its sound is not the one that we made: do not rely on the words.",
    SoundState.SILENT: "Its sound is gone.",
}
_SOUND_SHORTENED = "A piece of the sound is missing, so that the words may say something else."
_SOUND_REARRANGED = "Pieces were left out, moved or put in, so that the words may say something else."
# What these sentences say of the whole sound is not said again.
_TOLD_OF_THE_WHOLE = {SoundState.OTHER: FindingKind.SWAPPED, SoundState.SILENT: FindingKind.MUTED}
_MOST_EDITS = 3  # of a sound alone in the verdict's own sentence; the reasons have them all
_CHANGED = "What was changed, we cannot say."
_ELSE_CHANGED = "What else was changed, we cannot say."


def marked_by_us(signals: Signals, record: RecordFacts) -> Decision:
    """Our watermark leads to a record, whatever became of the credentials."""
    manifest = signals.manifest
    names_another = (
        manifest is not None
        and manifest.is_signed_by_us
        and manifest.rendition_id is not None
        and manifest.rendition_id != record.rendition_id
    )
    changed: str | None = None
    if signals.by_other_marks:
        # A part that must not circulate says what is to be said about the whole.
        sentence = (
            "Parts of the picture carry the mark of one video that was made here and parts that of another: "
            "they were put together afterwards. The record shown is that of one of them."
        )
        # A mark that was laid over something else says nothing about its video.
        is_laid_over = signals.mark.is_same_content is False
        all_of_them = signals.by_other_marks if is_laid_over else (record, *signals.by_other_marks)
        record = next((one for one in all_of_them if one.state != "released"), all_of_them[0])
    elif names_another:
        sentence = (
            "The picture carries the mark of one video that was made here and the credentials of another "
            "one: they were put together afterwards."
        )
    elif is_recording(signals, record):
        sentence = OF_A_SESSION
    elif manifest is None or manifest.state in {ManifestState.NONE, ManifestState.REMOTE_ONLY}:
        sentence = (
            "The picture carries the mark of a video that was made here, but its credentials are gone: it "
            "was edited or passed on by something that drops them."
        )
        changed = _CHANGED
    elif manifest.state is ManifestState.TRUSTED_OURS:
        sentence = (
            "The picture carries the mark of a video that was made here, and our signature fits picture and "
            "sound as they are now, but the credentials do not say which video it is: it was edited and "
            "signed again."
        )
    elif manifest.state is ManifestState.UNREADABLE:
        sentence = _CREDENTIALS_UNREAD if manifest.is_there else _CREDENTIALS_NOT_TOLD
        changed = _CHANGED
    elif Cause.CONTENT in manifest.causes:
        sentence = (
            "The picture carries the mark of a video that was made here, but the file was changed after "
            "it was signed."
        )
        changed = _CHANGED
    elif manifest.is_signed_by_us or manifest.state is ManifestState.INVALID:
        sentence = (
            "The picture carries the mark of a video that was made here, but the credentials in the file do "
            "not hold, so that they do not say whether it is as it was."
        )
        changed = _CHANGED
    else:
        sentence = (
            "The picture carries the mark of a video that was made here, but the credentials in the file are "
            "somebody else's: it was edited and signed again."
        )
    said = Message(sentence)
    if is_unedited(signals, record):
        said = said.followed_by(unedited_message(signals))
        if signals.container is not None and signals.container.has_text:
            said = said.followed_by(Message(TEXT_ADDED))
        if is_captured_over_mark(signals):
            said = said.followed_by(Message(CAPTURED_OVER_MARK))
        return ours(record, VerdictKind.OURS_RECORDED, said)
    of_several = sound_among_several(signals)
    if of_several is not None:
        said = said.followed_by(of_several)
    elif record is signals.by_mark and (warning := _about_the_words(signals)):  # whose sound was compared
        said = said.followed_by(Message(warning))
        changed = _ELSE_CHANGED if changed else None
    is_joined = signals.picture.state is not PictureState.NOT_COMPARED
    is_ours_all_along = signals.sound.state is SoundState.CHANGED and not does_sound_differ(signals)
    if not is_joined and is_ours_all_along and record is signals.by_mark:  # of the sound alone it is known
        said = said.followed_by(*sound_edits(signals)[:_MOST_EDITS])
        changed = _ELSE_CHANGED if changed else None
    elif is_joined and record is signals.by_mark and (told := told_findings(signals)):
        of_the_whole = _TOLD_OF_THE_WHOLE.get(signals.sound.state)
        said = said.followed_by(*summary([one for one in told if one.kind is not of_the_whole]))
        changed = _ELSE_CHANGED if changed else None
    if record is signals.by_mark:
        said = said.followed_by(*damage(signals))
    if signals.container is not None and signals.container.has_text:
        said = said.followed_by(Message(TEXT_ADDED))
        changed = _ELSE_CHANGED if changed else None
    if changed:
        said = said.followed_by(Message(changed))
    if {"found", "not_found"} <= {part.state for part in signals.mark.parts}:
        said = said.followed_by(Message("Some parts carry no mark that could be found: see where it is."))
    if signals.container is not None and signals.container.is_sound_unclear:
        said = said.followed_by(Message(SEVERAL_SOUNDS))
    if signals.container is not None and signals.container.is_cut:
        said = said.followed_by(Message(CUT))
    if is_captured_over_mark(signals):
        said = said.followed_by(Message(CAPTURED_OVER_MARK))
    named = signals.named_input
    if named is not None and named.record.rendition_id != record.rendition_id:
        said = said.followed_by(*about_named(signals))
    return ours(record, VerdictKind.OURS_CHANGED, said)


def _about_the_words(signals: Signals) -> str | None:
    """What is said of a sound as a whole; None where ours is all there, or begins later or ends earlier."""
    state = signals.sound.state
    if state is not SoundState.CHANGED or does_sound_differ(signals):
        return _SOUND_DIFFERS.get(state)
    if is_sound_shortened(signals):
        return None if is_excerpt(signals) else _SOUND_SHORTENED
    if are_words_distorted(signals):
        return SOUND_CHANGED
    return _SOUND_REARRANGED if may_words_say_something_else(signals) else None
