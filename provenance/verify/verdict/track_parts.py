"""The pieces of a file's picture and sound from beginning to end: ours, changed, something else, unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from provenance.fingerprints.stretch import Stretch
from provenance.verify.evidence.signals import Signals
from provenance.verify.verdict.timeline import FindingKind, TimelineFinding, Track


@dataclass(frozen=True)
class TrackPart:
    """A piece of one track of the file: `ours` as it was made at that place, `changed` where something was
    done to it, `other` where it is not ours, `unknown` where nobody looked or nothing could be told. The
    sound of another video of ours whose mark is in the picture is ours too."""

    start_s: float
    end_s: float
    state: Literal["ours", "changed", "other", "unknown"]


def track_parts(track: Track, signals: Signals, findings: Sequence[TimelineFinding]) -> tuple[TrackPart, ...]:
    """The pieces of one track from beginning to end; none where it was not compared."""
    reading = signals.picture if track == "picture" else signals.sound
    if reading.state.value == "not_compared" or not reading.duration_s:
        return ()
    ends = {0.0, reading.duration_s}
    spans = [one for one in findings if track in one.tracks and one.end_s > one.start_s]
    # What is in a part of the frame is drawn there; the track is marked for what has a place in time.
    spans = [one for one in spans if one.kind not in _WITHOUT_TIME]
    for one in spans:
        ends |= {max(0.0, one.start_s), min(reading.duration_s, one.end_s)}
    if reading.until_s is not None:
        ends.add(min(reading.until_s, reading.duration_s))
    of_picture = (*signals.picture.unclear, *signals.picture.held) if track == "picture" else ()
    unclear = (*of_picture, *reading.unread)
    ends |= {min(max(0.0, at_s), reading.duration_s) for span in unclear for at_s in span}
    of_others = [] if track == "picture" else _heard_of_others(signals)
    for at_s in (at_s for one in of_others for at_s in (one.start_s, one.end_s)):
        if 0.0 < at_s < reading.duration_s and all(abs(at_s - end_s) > _SAME_PLACE_S for end_s in ends):
            ends.add(at_s)
    marks = sorted(ends)
    parts: list[TrackPart] = []
    for start_s, end_s in pairwise(marks):
        middle = (start_s + end_s) / 2
        over = [one for one in spans if one.start_s <= middle <= one.end_s]
        state: Literal["ours", "changed", "other", "unknown"] = "ours"
        is_followed = reading.until_s is None or middle <= reading.until_s
        if not is_followed or any(begins_s <= middle <= ends_s for begins_s, ends_s in unclear):
            state = "unknown"
        elif heard := next((one for one in of_others if over and one.start_s <= middle <= one.end_s), None):
            state = "ours" if heard.change.is_hardly_any else "changed"
        elif any(one.kind in _NOT_OURS for one in over):
            state = "other"
        elif over:
            state = "changed"
        if parts and parts[-1].state == state:
            parts[-1] = replace(parts[-1], end_s=end_s)
        else:
            parts.append(TrackPart(start_s, end_s, state))
    return tuple(parts)


def _heard_of_others(signals: Signals) -> list[Stretch]:
    """The pieces of the sound that are of the other videos of ours in the file."""
    return [stretch for sound in signals.sound_of_other_marks for stretch in sound.stretches]


_SAME_PLACE_S = 0.5  # within which two comparisons place the end of one piece
_WITHOUT_TIME = {FindingKind.CROPPED, FindingKind.EMBEDDED, FindingKind.SECOND_TRACK}
_NOT_OURS = {
    FindingKind.INSERTED,
    FindingKind.REPLACED,
    FindingKind.PICTURE_REPLACED,
    FindingKind.OTHER_PERFORMANCE,
    FindingKind.SWAPPED,
    FindingKind.REDUBBED,
    FindingKind.MUTED,
    FindingKind.FROZEN,
}
