"""Whether what was done to the picture was done to the sound, too, and the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Final, Literal

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.stretch import Stretch

TOGETHER_S: Final = 1.0  # within which the same was done to picture and sound at once
JUMP_S: Final = 0.35  # by which two clocks may differ and still agree
SOMETHING_ELSE: Final = {EditKind.INSERTED, EditKind.REPLACED}
_REACH_S = 1.5
_SAME_TEMPO = 0.015  # in natural log, within which two tracks run at one speed
_HOW_IT_RUNS = {EditKind.REVERSED, EditKind.SPEED}
_IN_SEVERAL_PLACES = {EditKind.REORDERED, EditKind.REPEATED, EditKind.REVERSED, EditKind.SPEED}


def partner_of(edit: Edit, others: Sequence[Edit]) -> Edit | None:
    """The edit of the other track that is the same, if there is one.

    Something else that was put in is the same whether or not a moment of ours is missing there: in a
    cross-fade the sound of ours may be heard before its picture is seen.
    """
    kinds = SOMETHING_ELSE if edit.kind in SOMETHING_ELSE else {edit.kind}
    fitting = [one for one in others if one.kind in kinds and _is_together(edit, one)]
    return min(fitting, key=lambda one: abs(one.start_s - edit.start_s), default=None)


def _is_together(one: Edit, other: Edit) -> bool:
    if abs(one.start_s - other.start_s) <= TOGETHER_S and abs(one.end_s - other.end_s) <= TOGETHER_S:
        return True
    shared = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    return shared > 0.5 * max(one.end_s - one.start_s, other.end_s - other.start_s) > 0


def is_told_by(edit: Edit, other: Edit) -> bool:
    """Whether what was done to the picture tells this of the sound too, if at another of several places."""
    if edit.kind is not other.kind or edit.kind not in _IN_SEVERAL_PLACES:
        return False
    # Of what is repeated the record says which piece it is.
    shared = min(edit.record_end_s, other.record_end_s) - max(edit.record_start_s, other.record_start_s)
    return edit.kind is not EditKind.REPEATED or shared > 0


def goes_along_with(edit: Edit, stretches: Sequence[Stretch]) -> bool:
    """Whether the other track, of which nothing of the kind was found, jumps as this edit has it jump."""
    if edit.kind is EditKind.REPEATED:
        again = _record_time_beside(stretches, edit.start_s, 1)
        return again is not None and abs(again - edit.record_start_s) <= JUMP_S
    runs_along = _runs_along(edit, stretches) if edit.kind in _HOW_IT_RUNS else None
    if runs_along is not None:
        return runs_along
    before, after = (
        _record_time_beside(stretches, edit.start_s, -1),
        _record_time_beside(stretches, edit.end_s, 1),
    )
    if before is None or after is None:
        return False
    return abs(after - before - (edit.record_end_s - edit.record_start_s)) <= JUMP_S


def _runs_along(edit: Edit, stretches: Sequence[Stretch]) -> bool | None:
    """Whether the other track runs backwards, or at this speed, in most of this place; None where too little
    is known of it. What is backwards begins and ends where it does forwards, and slightly faster nearly so.
    """
    seconds = {True: 0.0, False: 0.0}
    for one in stretches:
        is_along = (
            one.change.is_reversed
            if edit.kind is EditKind.REVERSED
            else abs(log(one.change.tempo / edit.tempo)) < _SAME_TEMPO
        )
        seconds[is_along] += max(0.0, min(one.end_s, edit.end_s) - max(one.start_s, edit.start_s))
    half_s = 0.5 * (edit.end_s - edit.start_s)
    return next((is_along for is_along, shared_s in seconds.items() if shared_s > half_s), None)


def _record_time_beside(stretches: Sequence[Stretch], at_s: float, side: Literal[-1, 1]) -> float | None:
    """The record's time at a moment of the file, by the nearest stretch before (-1) or behind it (1)."""
    if side < 0:
        beside = [one for one in stretches if one.start_s < at_s - 0.2 and one.end_s > at_s - _REACH_S]
        one = max(beside, key=lambda one: one.start_s, default=None)
    else:
        beside = [one for one in stretches if one.end_s > at_s + 0.2 and one.start_s < at_s + _REACH_S]
        one = min(beside, key=lambda one: one.end_s, default=None)
    return None if one is None else record_time(one, at_s)


def record_time(stretch: Stretch, at_s: float) -> float:
    """The record's time (s) at a moment of the file, along a stretch and beyond its ends."""
    passed = (at_s - stretch.start_s) * stretch.change.tempo
    if stretch.change.is_reversed:
        return stretch.record_end_s - passed
    return stretch.record_start_s + passed
