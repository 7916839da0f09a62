"""Whether a sound is ours with nothing in it that is not, and only pieces of it are missing or elsewhere."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from provenance.fingerprints.edit import EditKind
from provenance.fingerprints.other_track import JUMP_S, TOGETHER_S
from provenance.verify.evidence.signals import PictureState, Signals, SoundState
from provenance.verify.verdict.timeline import FindingKind, TimelineFinding, findings_of

# What leaves a sound ours, and under its own picture, if it was done to both.
_WITH_THE_PICTURE: Final = {
    FindingKind.CUT,
    FindingKind.INSERTED,
    FindingKind.REORDERED,
    FindingKind.REPEATED,
    FindingKind.REVERSED,
    FindingKind.SPEED,
}
_WHATEVER_IS_SEEN: Final = {FindingKind.CUT, FindingKind.SPEED}  # leave the words ours under any picture
_BESIDE_TIME: Final = {FindingKind.SECOND_TRACK}
_NOT_OURS: Final = {EditKind.REPLACED, EditKind.MUTED}
_ONE_TEMPO: Final = 1.1  # times as fast as the slowest piece is the fastest, of what runs at one tempo
_UNSEEN: Final = 0.7  # of a piece in which nothing of ours is seen


def is_excerpt(signals: Signals) -> bool:
    """Whether all that was done to the sound is that it begins later or ends earlier, as the picture does."""
    of_sound = [one for one in findings_of(signals) if "sound" in one.tracks]
    ends = (0.0, signals.sound.duration_s)
    return bool(of_sound) and all(
        one.kind is FindingKind.CUT
        and "picture" in one.tracks
        and min(abs(one.start_s - at_s) for at_s in ends) <= TOGETHER_S
        for one in of_sound
    )


def is_sound_shortened(signals: Signals) -> bool:
    """Whether what is heard is ours, with pieces missing that the picture, as far as it was compared, does
    not show either.
    """
    return signals.sound.is_shortened and not any(
        one.is_told_apart for one in findings_of(signals) if "sound" in one.tracks
    )


def does_sound_differ(signals: Signals) -> bool:
    """Whether something is heard that is not the sound of what is seen."""
    if signals.sound.state is not SoundState.CHANGED:
        return signals.sound.state is SoundState.OTHER
    if is_sound_shortened(signals):
        return False
    # Findings are about the other track then, which is ours; this one is another.
    if any(one.state is SoundState.SAME for one in signals.other_sounds):
        return True
    if any(one.kind in _NOT_OURS for one in signals.sound.edits):
        return True
    of_sound = _done_to_the_sound(signals)
    return not of_sound or not all(_is_with_the_picture(one, signals) for one in of_sound)


def are_words_distorted(signals: Signals) -> bool:
    """Whether pieces of what is heard run backwards, or much faster or slower than others: what was said
    there may not be understood, or be taken for something else.
    """
    if signals.sound.state is not SoundState.CHANGED or does_sound_differ(signals):
        return False
    changes = [one.change for one in signals.sound.stretches]
    tempos = [one.tempo for one in changes] or [1.0]
    return len({one.is_reversed for one in changes}) > 1 or max(tempos) > _ONE_TEMPO * min(tempos)


def may_words_say_something_else(signals: Signals) -> bool:
    """Whether what is heard is ours, with pieces left out, moved or put in between.

    What is missing at an end of ours, or stands before or behind all of it, changes no words of ours; nor
    does another speed, or all that is heard once more from its beginning.
    """
    if signals.sound.state is not SoundState.CHANGED or does_sound_differ(signals):
        return False
    heard = sorted(signals.sound.stretches, key=lambda one: one.start_s)
    if not heard:
        return True
    first_s = min(one.record_start_s for one in heard)
    last_s = max(one.record_end_s for one in heard)
    is_from_the_first = heard[0].record_start_s <= first_s + JUMP_S
    for one, after in pairwise(heard):
        if abs(after.record_start_s - one.record_end_s) <= JUMP_S and after.start_s - one.end_s <= JUMP_S:
            continue
        was_all = is_from_the_first and one.record_end_s >= last_s - JUMP_S
        is_from_the_first = after.record_start_s <= first_s + JUMP_S
        if not (was_all and is_from_the_first):
            return True
    return False


def _done_to_the_sound(signals: Signals) -> list[TimelineFinding]:
    return [one for one in findings_of(signals) if "sound" in one.tracks and one.kind not in _BESIDE_TIME]


def _is_with_the_picture(one: TimelineFinding, signals: Signals) -> bool:
    """Whether what was done to the sound was done to what is seen, as far as that is known."""
    if one.kind not in _WITH_THE_PICTURE or "picture" in one.tracks:
        return one.kind in _WITH_THE_PICTURE
    if one.is_told_apart or signals.picture.state is not PictureState.NOT_COMPARED:
        return False
    return one.kind in _WHATEVER_IS_SEEN or (one.kind is FindingKind.INSERTED and _is_unseen(one, signals))


def _is_unseen(one: TimelineFinding, signals: Signals) -> bool:
    """Whether nothing of ours is seen in most of a piece, as of another video before or behind ours."""
    unseen_s = sum(
        max(0.0, min(part.end_s, one.end_s) - max(part.start_s, one.start_s))
        for part in signals.mark.parts
        if part.state == "not_found"
    )
    return unseen_s >= _UNSEEN * (one.end_s - one.start_s) > 0
