"""Joins what was done to picture and sound into one list of findings, each with its place in the file.

What was done to both at once, as a cut through the whole video, is one finding with two tracks. What follows
from another finding, as a sound that lies elsewhere after a piece was cut out of it, is none of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.other_track import (
    JUMP_S,
    SOMETHING_ELSE,
    TOGETHER_S,
    goes_along_with,
    is_told_by,
    partner_of,
    record_time,
)
from provenance.fingerprints.stretch import Stretch
from provenance.verify.evidence.signals import (
    PictureReading,
    PictureState,
    Signals,
    SoundReading,
    SoundState,
)
from provenance.verify.verdict.frame_places import Polygon, area, placed, visible_region

Track = Literal["picture", "sound"]


class FindingKind(StrEnum):
    """What was done to a video. The words are public and lasting."""

    CUT = "cut"
    INSERTED = "inserted"
    REORDERED = "reordered"
    REPEATED = "repeated"  # a piece of ours that the file holds elsewhere, too
    REVERSED = "reversed"
    SPEED = "speed"
    REPLACED = "replaced"  # a piece, picture and sound together
    PICTURE_REPLACED = "picture_replaced"  # a piece, under our sound
    FROZEN = "frozen"  # the picture stands still for a piece
    OTHER_PERFORMANCE = "other_performance"  # the whole picture
    SWAPPED = "swapped"  # the whole sound
    REDUBBED = "redubbed"  # a piece of the sound
    MUTED = "muted"
    SHIFTED = "shifted"  # the sound against the picture
    MOUTH_REPLACED = "mouth_replaced"
    CROPPED = "cropped"
    EMBEDDED = "embedded"
    SECOND_TRACK = "second_track"


@dataclass(frozen=True)
class TimelineFinding:
    """One thing that was done to a video, in seconds of the file and of the video as it was made.

    `tempo`: of a SPEED; `shift_s` of a SHIFTED: by how much the sound comes late. `region`: where in the
    frame, for what is in a part of it. `is_told_apart`: what was done to one track is not in the other,
    which was compared. `missing_end`: which end of our video a CUT is, if it is one.
    """

    kind: FindingKind
    tracks: tuple[Track, ...]
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float = 1.0
    shift_s: float = 0.0
    region: Polygon | None = None
    is_told_apart: bool = False
    missing_end: Literal["first", "last"] | None = None


_BOTH: Final[tuple[Track, ...]] = ("picture", "sound")
_SHIFT_S = 0.3  # from which sound and picture are out of step, beside the time that a frame is shown
_VISIBLE = 0.97  # of the marked video's area, below which it was cropped
_FILLING = 0.92  # of the frame's, below which it is embedded
_OF_TIME = {
    EditKind.CUT,
    EditKind.INSERTED,
    EditKind.REORDERED,
    EditKind.REPEATED,
    EditKind.REVERSED,
    EditKind.SPEED,
}
_ALONE: Final[dict[tuple[EditKind, Track], FindingKind]] = {
    (EditKind.REPLACED, "picture"): FindingKind.PICTURE_REPLACED,
    (EditKind.REPLACED, "sound"): FindingKind.REDUBBED,
    (EditKind.MUTED, "picture"): FindingKind.FROZEN,
    (EditKind.MUTED, "sound"): FindingKind.MUTED,
}


def findings_of(signals: Signals) -> tuple[TimelineFinding, ...]:
    """All that was found to have been done to the video, in the order of the file."""
    picture, sound = signals.picture, signals.sound
    has_our_sound = SoundState.SAME in {sound.state, *(one.state for one in signals.other_sounds)}
    found: list[TimelineFinding] = []
    container = signals.container
    is_doubled = container is not None and max(container.pictures, container.sounds) > 1
    if is_doubled and container is not None and _is_compared(signals):
        tracks: tuple[Track, ...] = (
            *(("picture",) if container.pictures > 1 else ()),
            *(("sound",) if container.sounds > 1 else ()),
        )
        found.append(TimelineFinding(FindingKind.SECOND_TRACK, tracks, 0.0, _length(signals), 0.0, 0.0))
    if is_doubled and sound.state is SoundState.OTHER:
        sound = SoundReading(SoundState.NOT_COMPARED)  # it is the other track's
    elif is_doubled and has_our_sound and sound.state is not SoundState.SAME:
        sound = next(one for one in signals.other_sounds if one.state is SoundState.SAME)
    found += (_at_its_end(one, picture, sound) for one in _of_both(picture, sound))
    found += _of_the_frame(picture)
    found += _shift(picture, sound, found)
    return tuple(sorted(found, key=lambda one: (one.start_s, one.end_s, one.kind)))


def _is_compared(signals: Signals) -> bool:
    return (
        signals.picture.state is not PictureState.NOT_COMPARED
        or signals.sound.state is not SoundState.NOT_COMPARED
    )


def _length(signals: Signals) -> float:
    return max(signals.picture.duration_s, signals.sound.duration_s)


def _of_both(picture: PictureReading, sound: SoundReading) -> Iterator[TimelineFinding]:
    if picture.state is PictureState.OTHER:
        yield TimelineFinding(FindingKind.OTHER_PERFORMANCE, ("picture",), 0.0, picture.duration_s, 0.0, 0.0)
    if sound.state is SoundState.OTHER:
        yield from (_single(edit, "sound", FindingKind.SWAPPED) for edit in sound.edits[:1])
    if sound.state is SoundState.SILENT:
        edit = sound.edits[0] if sound.edits else Edit(EditKind.MUTED, 0.0, picture.duration_s, 0.0, 0.0)
        silenced = _silenced(edit, picture.stretches)
        yield from (_single(one, "sound", FindingKind.MUTED) for one in silenced if one.end_s > one.start_s)
    is_sound_known, is_picture_known = bool(sound.stretches), bool(picture.stretches)
    of_picture = list(picture.edits) if picture.state is PictureState.CHANGED else []
    of_sound = list(sound.edits) if sound.state is SoundState.CHANGED else []
    for edit in of_picture:
        partner = partner_of(edit, of_sound)
        if partner is not None:
            of_sound.remove(partner)
            kinds = {edit.kind, partner.kind}
            kind = FindingKind.REPLACED if EditKind.REPLACED in kinds else FindingKind(edit.kind.value)
            yield _single(edit, "picture", kind, both=True)
        elif edit.kind in _OF_TIME:
            goes_along = goes_along_with(edit, sound.stretches)
            kind = FindingKind(edit.kind.value)
            yield _single(edit, "picture", kind, both=goes_along, is_other_known=is_sound_known)
        else:
            yield _single(edit, "picture", _ALONE[edit.kind, "picture"])
    for edit in of_sound:
        if edit.kind not in _OF_TIME:
            yield _single(edit, "sound", _ALONE[edit.kind, "sound"])
        elif not any(is_told_by(edit, one) for one in of_picture):
            goes_along = goes_along_with(edit, picture.stretches)
            kind = FindingKind(edit.kind.value)
            yield _single(edit, "sound", kind, both=goes_along, is_other_known=is_picture_known)


def _silenced(edit: Edit, stretches: Sequence[Stretch]) -> Iterator[Edit]:
    """Where our sound would be heard in a file without it: under our picture, as far as that is known, and
    else for as long as our video lasts.
    """
    under = [one for one in stretches if not one.change.is_reversed]
    if not under:
        ours_s = edit.record_end_s - edit.record_start_s
        yield replace(edit, end_s=min(edit.end_s, edit.start_s + ours_s)) if ours_s > 0 else edit
        return
    begun = under[0]
    for one, after in zip(under, [*under[1:], None], strict=True):
        passed_s = 0.0 if after is None else after.start_s - one.end_s
        of_ours_s = 0.0 if after is None else after.record_start_s - one.record_end_s
        if after is None or abs(of_ours_s - passed_s) > TOGETHER_S:
            yield Edit(EditKind.MUTED, begun.start_s, one.end_s, begun.record_start_s, one.record_end_s)
            begun = one if after is None else after


def _at_its_end(one: TimelineFinding, picture: PictureReading, sound: SoundReading) -> TimelineFinding:
    """The finding, knowing whether what was cut out of picture and sound is the beginning of our video or its
    end: all of ours that is left comes after it, or before it, in the file and in our video.
    """
    stretches = picture.stretches or sound.stretches
    if one.kind is not FindingKind.CUT or "picture" not in one.tracks or not stretches:
        return one
    duration_s = max(picture.duration_s, sound.duration_s)
    if one.start_s <= TOGETHER_S and all(
        left.start_s >= one.end_s - JUMP_S and left.record_start_s >= one.record_end_s - JUMP_S
        for left in stretches
    ):
        return replace(one, missing_end="first")
    if one.end_s >= duration_s - TOGETHER_S and all(
        left.end_s <= one.start_s + JUMP_S and left.record_end_s <= one.record_start_s + JUMP_S
        for left in stretches
    ):
        return replace(one, missing_end="last")
    return one


def _single(
    edit: Edit, track: Track, kind: FindingKind, *, both: bool = False, is_other_known: bool = False
) -> TimelineFinding:
    return TimelineFinding(
        kind,
        _BOTH if both else (track,),
        edit.start_s,
        edit.end_s,
        edit.record_start_s,
        edit.record_end_s,
        edit.tempo,
        is_told_apart=is_other_known and not both,
    )


def _of_the_frame(picture: PictureReading) -> Iterator[TimelineFinding]:
    corners = picture.corners
    if corners is None or picture.state is PictureState.NOT_COMPARED:
        return
    seen = visible_region(corners)
    seen_area, whole = area(seen), area(corners)
    for piece in _ours(picture):
        if whole > 0 and seen_area < _VISIBLE * whole:
            yield TimelineFinding(FindingKind.CROPPED, ("picture",), *piece, 0.0, 0.0, region=seen)
        if seen_area < _FILLING:
            yield TimelineFinding(FindingKind.EMBEDDED, ("picture",), *piece, 0.0, 0.0, region=seen)
    box = picture.mouth
    for start_s, end_s, record_start_s, record_end_s in picture.mouths if box else ():
        assert box is not None  # noqa: S101
        ends = ((box.left, box.top), (box.right, box.top), (box.right, box.bottom), (box.left, box.bottom))
        region = visible_region(tuple(placed(corners, x, y) for x, y in ends))
        place = (start_s, end_s, record_start_s, record_end_s)
        yield TimelineFinding(
            FindingKind.MOUTH_REPLACED, ("picture",), *place, region=None if picture.is_moving else region
        )


def _ours(picture: PictureReading) -> list[tuple[float, float]]:
    """The pieces of the file that show no other picture; short ones only where there is no longer one."""
    pieces, at_s = [], 0.0
    others = [one for one in picture.edits if one.kind in SOMETHING_ELSE]
    for other in sorted(others, key=lambda one: one.start_s):
        pieces.append((at_s, other.start_s))
        at_s = max(at_s, other.end_s)
    pieces.append((at_s, picture.duration_s))
    long = [piece for piece in pieces if piece[1] - piece[0] > TOGETHER_S]
    longest = max(pieces, key=lambda piece: piece[1] - piece[0])
    return long or ([longest] if longest[1] > longest[0] else [])


def _shift(
    picture: PictureReading, sound: SoundReading, found: Iterable[TimelineFinding]
) -> Iterator[TimelineFinding]:
    """Sound and picture out of step, unless something else that was found makes them so."""
    end_s = max((one.end_s for one in (*picture.stretches, *sound.stretches)), default=0.0)
    if any(
        len(one.tracks) == 1
        and one.kind.value in _OF_TIME
        # What is missing at the end moves nothing before it.
        and (one.kind is not FindingKind.CUT or one.start_s < end_s - TOGETHER_S)
        for one in found
    ):
        return
    apart = []
    for one in picture.stretches:
        for other in sound.stretches:
            start_s, end_s = max(one.start_s, other.start_s), min(one.end_s, other.end_s)
            if end_s - start_s > 1.0 and one.change.is_reversed == other.change.is_reversed:
                middle = (start_s + end_s) / 2
                apart.append((record_time(one, middle) - record_time(other, middle), start_s, end_s))
    shifted = [one for one in apart if abs(one[0]) >= _SHIFT_S + picture.held_s]
    if not shifted or len(shifted) < len(apart):
        return
    start_s, end_s = shifted[0][1], shifted[-1][2]
    yield TimelineFinding(
        FindingKind.SHIFTED, ("sound",), start_s, end_s, 0.0, 0.0, shift_s=round(shifted[0][0], 2)
    )
