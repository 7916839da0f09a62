"""A sound that was edited along with its picture is not said to be another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.stretch import Change, Stretch
from provenance.verify.evidence.signals import (
    MarkPart,
    MarkReading,
    PictureReading,
    PictureState,
    Signals,
    SoundReading,
    SoundState,
)
from provenance.verify.verdict.findings import reasons_for
from provenance.verify.verdict.verdict import verdict
from tests.provenance.verify.verdict.given_signals import SAME, A, signals

Piece = tuple[float, float, float, float, float]  # seconds of the file, of the video, and the tempo
FAST, WHOLE, LATER = (0.0, 6.4, 0.0, 8.0, 1.25), (0.0, 8.0, 0.0, 8.0, 1.0), (2.0, 10.0, 0.0, 8.0, 1.0)
ACCUSATIONS = ("do not rely on the words", "the sound differs", "not everywhere the one")
WARNING = "so that the words may say something else"

# What is ours in a file, and what was done to a video of 8 s, to picture and sound alike.
ALL_OF_OURS: dict[str, tuple[list[Piece], list[Edit]]] = {
    "faster": ([FAST], [Edit(EditKind.SPEED, 0.0, 6.4, 0.0, 8.0, tempo=1.25)]),
    "faster, and its end is missing": (
        [(0.0, 4.0, 0.0, 5.0, 1.25)],
        [Edit(EditKind.SPEED, 0.0, 4.0, 0.0, 5.0, tempo=1.25), Edit(EditKind.CUT, 4.0, 4.0, 5.0, 8.0)],
    ),
    "joined to itself": (
        [WHOLE, (8.0, 16.0, 0.0, 8.0, 1.0)],
        [Edit(EditKind.REPEATED, 8.0, 16.0, 0.0, 8.0)],
    ),
    "behind a card": ([LATER], [Edit(EditKind.INSERTED, 0.0, 2.0, 0.0, 0.0)]),
    "before a card": ([WHOLE], [Edit(EditKind.INSERTED, 8.0, 11.0, 8.0, 8.0)]),
    "between two cards, without its end": (
        [(2.0, 7.0, 0.0, 5.0, 1.0)],
        [
            Edit(EditKind.INSERTED, 0.0, 2.0, 0.0, 0.0),
            Edit(EditKind.CUT, 7.0, 7.0, 5.0, 8.0),
            Edit(EditKind.INSERTED, 7.0, 9.0, 5.0, 5.0),
        ],
    ),
}
SAID_OTHERWISE: dict[str, tuple[list[Piece], list[Edit]]] = {
    "something in between": (
        [(0.0, 4.0, 0.0, 4.0, 1.0), (6.0, 10.0, 4.0, 8.0, 1.0)],
        [Edit(EditKind.INSERTED, 4.0, 6.0, 4.0, 4.0)],
    ),
    "its halves changed places": (
        [(0.0, 4.0, 4.0, 8.0, 1.0), (4.0, 8.0, 0.0, 4.0, 1.0)],
        [Edit(EditKind.REORDERED, 4.0, 8.0, 0.0, 4.0)],
    ),
    "faster, and a piece is missing": (
        [(0.0, 2.4, 0.0, 3.0, 1.25), (2.4, 4.8, 5.0, 8.0, 1.25)],
        [Edit(EditKind.SPEED, 0.0, 4.8, 0.0, 8.0, tempo=1.25), Edit(EditKind.CUT, 2.4, 2.4, 3.0, 5.0)],
    ),
    "pieces stand behind all of it once more": (
        [WHOLE, (8.0, 9.0, 5.0, 6.0, 1.0), (9.0, 10.5, 1.0, 2.5, 1.0), (10.5, 11.5, 3.0, 4.0, 1.0)],
        [
            Edit(EditKind.REPEATED, 8.0, 9.0, 5.0, 6.0),
            Edit(EditKind.REPEATED, 9.0, 10.5, 1.0, 2.5),
            Edit(EditKind.REPEATED, 10.5, 11.5, 3.0, 4.0),
        ],
    ),
    "a second copy lacks a piece": (
        [WHOLE, (8.0, 11.0, 0.0, 3.0, 1.0), (11.0, 14.0, 5.0, 8.0, 1.0)],
        [Edit(EditKind.REPEATED, 8.0, 11.0, 0.0, 3.0), Edit(EditKind.REPEATED, 11.0, 14.0, 5.0, 8.0)],
    ),
    "a piece is there again before it goes on": (
        [(0.0, 4.0, 0.0, 4.0, 1.0), (4.0, 6.0, 2.0, 4.0, 1.0), (6.0, 10.0, 4.0, 8.0, 1.0)],
        [Edit(EditKind.REPEATED, 4.0, 6.0, 2.0, 4.0)],
    ),
}


def edited(
    pieces: list[Piece], edits: list[Edit], picture: PictureReading | None = None, mark: MarkReading = SAME
) -> Signals:
    stretches = tuple(
        Stretch(start, end, first, last, Change(tempo=tempo), 0.9)
        for start, end, first, last, tempo in pieces
    )
    length_s = max(*(one.end_s for one in stretches), *(one.end_s for one in edits))
    alike = PictureReading(PictureState.CHANGED, tuple(edits), stretches, duration_s=length_s)
    sound = SoundReading(SoundState.CHANGED, tuple(edits), stretches=stretches, duration_s=length_s)
    return signals(mark=mark, by_mark=A, picture=picture or alike, sound=sound)


def told(given: Signals) -> str:
    """All that a verdict says, whether in its sentence or among its reasons."""
    return " ".join([str(verdict(given).sentence), *(str(one.sentence) for one in reasons_for(given))])


@pytest.mark.parametrize("name", ALL_OF_OURS)
def test_what_has_all_words_of_ours_in_their_order_is_not_accused(name: str) -> None:
    said = told(edited(*ALL_OF_OURS[name]))
    assert WARNING not in said
    for accusation in ACCUSATIONS:
        assert accusation not in said


@pytest.mark.parametrize("name", SAID_OTHERWISE)
def test_words_of_ours_in_another_order_are_warned_of_and_no_more(name: str) -> None:
    said = told(edited(*SAID_OTHERWISE[name]))
    assert WARNING in said
    for accusation in ACCUSATIONS:
        assert accusation not in said


def test_what_was_done_is_told_also_where_the_picture_was_not_compared() -> None:
    unseen = PictureReading(PictureState.NOT_COMPARED)
    sentence = str(verdict(edited(*ALL_OF_OURS["faster"], picture=unseen)).sentence)
    assert "From 0.0 s to 6.4 s our sound runs at 1.25 times its speed." in sentence
    assert "do not rely on the words" not in sentence


def test_a_sound_that_runs_faster_than_its_picture_differs() -> None:
    plain = (Stretch(0.0, 6.4, 0.0, 6.4, Change(), 0.9),)
    picture = PictureReading(PictureState.SAME, (), plain, duration_s=6.4)
    said = told(edited(*ALL_OF_OURS["faster"], picture=picture))
    assert "do not rely on the words" in said
    assert "the sound differs" in said


@pytest.mark.parametrize(("state", "is_accused"), [("not_found", False), ("found", True)])
def test_what_is_heard_where_nothing_of_ours_is_seen_is_no_sound_under_our_picture(
    state: str, is_accused: bool
) -> None:
    """A piece of ours in a long video, the motion of which is not compared."""
    parts = (MarkPart(0.0, 2.0, state), MarkPart(2.0, 10.0, "found"))  # type: ignore[arg-type]
    given = edited(
        *ALL_OF_OURS["behind a card"],
        picture=PictureReading(PictureState.NOT_COMPARED),
        mark=replace(SAME, parts=parts),
    )
    assert ("do not rely on the words" in told(given)) is is_accused


def test_a_piece_that_runs_backwards_is_not_relied_on() -> None:
    pieces = (
        Stretch(0.0, 3.0, 0.0, 3.0, Change(), 0.9),
        Stretch(3.0, 5.0, 3.0, 5.0, Change(is_reversed=True), 0.9),
        Stretch(5.0, 8.0, 5.0, 8.0, Change(), 0.9),
    )
    edits = (Edit(EditKind.REVERSED, 3.0, 5.0, 3.0, 5.0),)
    given = edited([WHOLE], list(edits))
    given = replace(
        given,
        picture=replace(given.picture, stretches=pieces),
        sound=replace(given.sound, stretches=pieces),
    )
    assert "do not rely on the words" in told(given)


def test_a_piece_that_is_hurried_through_is_not_relied_on() -> None:
    pieces = [(0.0, 3.0, 0.0, 3.0, 1.0), (3.0, 3.6, 3.0, 6.0, 5.0), (3.6, 5.6, 6.0, 8.0, 1.0)]
    said = told(edited(pieces, [Edit(EditKind.SPEED, 3.0, 3.6, 3.0, 6.0, tempo=5.0)]))
    assert "do not rely on the words" in said


def test_a_redubbed_track_is_not_vouched_for_by_ours_beside_it() -> None:
    given = edited(*ALL_OF_OURS["faster"])
    dubbed = replace(given.sound, edits=(Edit(EditKind.REPLACED, 2.0, 5.0, 2.0, 5.0),))
    for sound in (dubbed, given.sound):
        second = replace(given, sound=sound, other_sounds=(SoundReading(SoundState.SAME),))
        assert "do not rely on the words" in told(second)


def test_a_sound_that_its_picture_does_not_follow_is_not_ours_along() -> None:
    """As of a picture whose light was turned, of which it is known only how it runs."""
    plain = (Stretch(0.0, 6.4, 0.0, 6.4, Change(), 0.9),)
    picture = PictureReading(PictureState.NOT_COMPARED, (), plain, duration_s=6.4)
    assert "do not rely on the words" in told(edited(*ALL_OF_OURS["faster"], picture=picture))
