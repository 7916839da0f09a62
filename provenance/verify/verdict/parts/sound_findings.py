"""The reasons of a verdict about its sound: whether it is that of the video as it was made, and the edits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.fingerprints.edit import Edit, EditKind
from provenance.verify.evidence.signals import Signals, SoundReading, SoundState
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.parts.shortened import does_sound_differ
from provenance.verify.verdict.timeline import FindingKind, TimelineFinding, findings_of

_STATES = {
    SoundState.SAME: "The sound is the one that the video was made with.",
    SoundState.CHANGED: "The sound is not everywhere the one that the video was made with.",
    SoundState.OTHER: "The sound is not the one that the video was made with: the words may be others.",
    SoundState.SILENT: "The sound that the video was made with is gone.",
}
_SHORTENED = (
    "What there is of the sound is the one that the video was made with: only pieces of it are missing."
)
_ALONG = (
    "What there is of our sound is the one that the video was made with: it runs at another speed, or pieces "
    "are missing, moved or put in."
)
_FINDINGS = {SoundState.OTHER: "other_sound"}  # "other" is a watermark's finding
_EDITS = {
    EditKind.REPLACED: "From {start} s to {end} s another sound stands in place of ours, or over it.",
    EditKind.MUTED: "From {start} s to {end} s our sound was silenced.",
    EditKind.CUT: "At {start} s a piece of {length} s of our sound was cut out.",
    EditKind.INSERTED: "From {start} s to {end} s something was put into the sound.",
    EditKind.REORDERED: "From {start} s to {end} s our sound was put in another place.",
    EditKind.REPEATED: "From {start} s to {end} s a piece of our sound is heard once more.",
    EditKind.REVERSED: "From {start} s to {end} s our sound runs backwards.",
    EditKind.SPEED: "From {start} s to {end} s our sound runs at {tempo} times its speed.",
}
MOST_EDITS = 12  # that are told one by one
_SOMETHING_ELSE = {EditKind.REPLACED, EditKind.INSERTED}
SOUND_CHANGED = "Its sound was changed: do not rely on the words."
_OF_ONE = "The sound is the one that one of these videos was made with: {video}."
_OF_SEVERAL = (
    "The sound is that of none of these videos alone: it holds sound of several of them, one over the other "
    "or one after the other. Do not rely on the words."
)
_OF_NONE = (
    "The sound is that of none of these videos alone; theirs may be mixed in it. Do not rely on the words."
)


def sound_findings(signals: Signals, *, with_edits: bool = True) -> Iterator[tuple[str, Message]]:
    """A stable word for each finding, and its sentence; nothing where nothing was compared.

    Edits are told one by one where they are not told together with those of the picture, nor the sound may
    be that of another of several videos.
    """
    sound = signals.sound
    if sound.state is SoundState.NOT_COMPARED:
        return
    if (of_several := sound_among_several(signals)) is not None:
        yield _FINDINGS.get(sound.state, sound.state.value), of_several
        return
    if sound.is_shortened:
        yield "cut", Message(_SHORTENED)
    elif sound.state is SoundState.CHANGED and not does_sound_differ(signals):
        yield sound.state.value, Message(_ALONG)
    else:
        yield _FINDINGS.get(sound.state, sound.state.value), Message(_STATES[sound.state])
    if with_edits and sound.state is SoundState.CHANGED:
        kinds = [edit.kind.value for edit in sound.edits[:MOST_EDITS]]
        yield from zip(kinds, sound_edits(signals), strict=True)


def sound_edits(signals: Signals) -> tuple[Message, ...]:
    """What was done to the sound by itself, one sentence for each of the first edits."""
    return tuple(_edit(edit) for edit in signals.sound.edits[:MOST_EDITS])


def sound_among_several(signals: Signals) -> Message | None:
    """What is known of the sound where the picture carries the marks of several videos, compared with each.

    None where it is the named one's, be it cut or edited with nothing else put in, gone, or was not compared
    with any other; and where the file holds the named one's in another track.
    """
    sound = signals.sound
    compared = zip(signals.by_other_marks, signals.sound_of_other_marks, strict=False)
    others = {
        record.rendition_id: one for record, one in compared if one.state is not SoundState.NOT_COMPARED
    }
    if not others or not may_be_of_others(sound, signals.other_sounds):
        return None
    for video, one in others.items():
        if one.state is SoundState.SAME or one.is_shortened:
            return Message(_OF_ONE, {"video": video})
    for video, one in others.items():
        if _is_all_ours(one):
            return Message(_OF_ONE, {"video": video}).followed_by(Message(SOUND_CHANGED))
    heard = [one for one in (sound, *others.values()) if one.stretches]
    return Message(_OF_SEVERAL if len(heard) > 1 else _OF_NONE)


def may_be_of_others(sound: SoundReading, other_tracks: Sequence[SoundReading]) -> bool:
    """Whether something is heard that is not of the video it was compared with, and no other track is."""
    return (
        sound.state in {SoundState.CHANGED, SoundState.OTHER}
        and not _is_all_ours(sound)
        and all(one.state is not SoundState.SAME for one in other_tracks)
    )


def told_findings(signals: Signals) -> tuple[TimelineFinding, ...]:
    """What was done to picture and sound, without what differs in a sound that may be of another video."""
    found = findings_of(signals)
    if sound_among_several(signals) is None:
        return found
    return tuple(one for one in found if one.tracks != ("sound",) or one.kind is FindingKind.SECOND_TRACK)


def _is_all_ours(sound: SoundReading) -> bool:
    """Whether a sound that was changed has nothing in it but what the video was made with."""
    return sound.state is SoundState.CHANGED and not any(one.kind in _SOMETHING_ELSE for one in sound.edits)


def _edit(edit: Edit) -> Message:
    values = {"start": f"{edit.start_s:.1f}", "end": f"{edit.end_s:.1f}"}
    if edit.kind is EditKind.CUT:
        values = {"start": values["start"], "length": f"{edit.record_end_s - edit.record_start_s:.1f}"}
    elif edit.kind is EditKind.SPEED:
        values["tempo"] = f"{edit.tempo:.2f}"
    return Message(_EDITS[edit.kind], values)
