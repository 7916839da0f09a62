"""What is known of edits in a file of which some seconds could not be read: nothing of those seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.edits import LEAST_S

Span = tuple[float, float]
_BESIDE_S: Final = 0.3  # of damage, within which nothing is told either
_NEAR_S: Final = 1.0  # of damage, within which what is missing may be what was damaged
_MORE_S: Final = 0.3  # by which that may be longer than what is known to be damaged
_ELSEWHERE: Final = {EditKind.REORDERED, EditKind.REPEATED, EditKind.REVERSED, EditKind.SPEED}


def known_of_the_readable(edits: Sequence[Edit], unread: Sequence[Span]) -> list[Edit]:
    """The edits without what may only be damage: what stands in the spans (start_s, end_s) that could not be
    read, and what is missing there, if it is no longer than they are.
    """
    return [known for edit in edits for known in _known(edit, unread)] if unread else list(edits)


def outside(start_s: float, end_s: float, unread: Sequence[Span], least_s: float) -> Iterator[Span]:
    """The pieces of a span that lie outside of those that could not be read, of `least_s` at least."""
    at_s = start_s
    for begin_s, stop_s in sorted(unread):
        if stop_s + _BESIDE_S <= at_s or begin_s - _BESIDE_S >= end_s:
            continue
        if begin_s - _BESIDE_S - at_s >= least_s:
            yield at_s, begin_s - _BESIDE_S
        at_s = max(at_s, stop_s + _BESIDE_S)
    if end_s - at_s >= least_s:
        yield at_s, end_s


def seconds_of(spans: Sequence[Span]) -> float:
    """How long spans are together."""
    return sum(end_s - start_s for start_s, end_s in spans)


def _known(edit: Edit, unread: Sequence[Span]) -> Iterator[Edit]:
    if edit.kind is EditKind.CUT:
        near = [one for one in unread if one[0] - _NEAR_S <= edit.start_s <= one[1] + _NEAR_S]
        if not near or edit.record_end_s - edit.record_start_s > seconds_of(near) + _MORE_S:
            yield edit
        return
    length_s = edit.end_s - edit.start_s
    least_s = min(LEAST_S, length_s)
    left = list(outside(edit.start_s, edit.end_s, unread, least_s))
    if not left and length_s and seconds_of(list(outside(edit.start_s, edit.end_s, unread, 0.0))) >= least_s:
        yield edit  # too many places were damaged to tell its pieces
        return
    if edit.kind in _ELSEWHERE:
        if seconds_of(left) >= length_s / 2:
            yield edit
        return
    rate = (edit.record_end_s - edit.record_start_s) / length_s if length_s else 0.0
    for start_s, end_s in left:
        yield replace(
            edit,
            start_s=round(start_s, 3),
            end_s=round(end_s, 3),
            record_start_s=round(edit.record_start_s + (start_s - edit.start_s) * rate, 3),
            record_end_s=round(edit.record_start_s + (end_s - edit.start_s) * rate, 3),
        )
