"""What was done to picture and to sound is one finding where it is one thing."""

from __future__ import annotations

import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.stretch import Change, Stretch
from provenance.verify.evidence.signals import PictureReading, PictureState, Signals, SoundReading, SoundState
from provenance.verify.verdict.findings import reasons_for
from provenance.verify.verdict.timeline import FindingKind, TimelineFinding, findings_of
from provenance.verify.verdict.timeline_messages import finding_message
from provenance.verify.verdict.verdict import verdict
from tests.provenance.verify.verdict.given_signals import SAME, A, B, signals


def found(picture: Edit, sound: Edit) -> list[tuple[FindingKind, tuple[str, ...], float, float]]:
    given = signals(
        picture=PictureReading(PictureState.CHANGED, (picture,), duration_s=15.0),
        sound=SoundReading(SoundState.CHANGED, (sound,), duration_s=15.0),
    )
    return [(one.kind, one.tracks, one.start_s, one.end_s) for one in findings_of(given)]


def test_another_video_that_fades_into_ours_is_one_thing_put_in_its_place() -> None:
    """The sound of ours is heard from the beginning on, its picture is seen a second later."""
    picture = Edit(EditKind.REPLACED, 0.0, 8.0, 0.0, 1.0)
    sound = Edit(EditKind.INSERTED, 0.0, 7.7, 0.0, 0.0)
    assert found(picture, sound) == [(FindingKind.REPLACED, ("picture", "sound"), 0.0, 8.0)]


def test_what_was_put_into_the_picture_here_and_into_the_sound_there_are_two() -> None:
    picture = Edit(EditKind.REPLACED, 0.0, 2.0, 0.0, 2.0)
    sound = Edit(EditKind.INSERTED, 9.0, 11.0, 9.0, 9.0)
    assert len(found(picture, sound)) == 2


def test_a_sound_put_in_where_the_picture_takes_a_moment_of_ours_is_one_thing() -> None:
    picture = Edit(EditKind.INSERTED, 0.0, 7.7, 0.0, 0.0)
    sound = Edit(EditKind.REPLACED, 0.0, 8.0, 0.0, 1.0)
    assert [one[:2] for one in found(picture, sound)] == [(FindingKind.REPLACED, ("picture", "sound"))]


def test_words_that_come_again_are_told_where_the_picture_repeats_another_piece() -> None:
    picture = Edit(EditKind.REPEATED, 12.0, 14.0, 1.0, 3.0)
    sound = Edit(EditKind.REPEATED, 4.0, 6.0, 8.0, 10.0)
    told = [one[:2] for one in found(picture, sound)]
    assert told == [(FindingKind.REPEATED, ("sound",)), (FindingKind.REPEATED, ("picture",))]


# A picture that runs otherwise, over a sound of 8 s that plays as it was made.
RUNNING = {
    "backwards": Edit(EditKind.REVERSED, 0.5, 7.5, 0.5, 7.5),
    "a little slower": Edit(EditKind.SPEED, 0.0, 8.0, 0.0, 7.76, tempo=0.97),
    "faster for a piece": Edit(EditKind.SPEED, 2.0, 5.0, 2.0, 5.3, tempo=1.1),
}


@pytest.mark.parametrize("name", RUNNING)
@pytest.mark.parametrize("track", ["picture", "sound"])
def test_a_track_that_plays_as_it_was_made_is_not_said_to_run_otherwise(name: str, track: str) -> None:
    edited = (RUNNING[name],)
    plain = (Stretch(0.0, 8.0, 0.0, 8.0, Change(), 0.9),)
    picture = PictureReading(PictureState.SAME, stretches=plain, duration_s=8.0)
    sound = SoundReading(SoundState.SAME, stretches=plain, duration_s=8.0)
    if track == "picture":
        picture = PictureReading(PictureState.CHANGED, edited, duration_s=8.0)
    else:
        sound = SoundReading(SoundState.CHANGED, edited, duration_s=8.0)
    (one,) = findings_of(signals(picture=picture, sound=sound))
    assert (one.kind, one.tracks, one.is_told_apart) == (
        FindingKind(RUNNING[name].kind.value),
        (track,),
        True,
    )


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        (RUNNING["backwards"], Change(is_reversed=True)),
        (RUNNING["a little slower"], Change(tempo=0.972)),
    ],
)
def test_a_track_that_runs_in_the_same_way_is_said_to(edit: Edit, change: Change) -> None:
    along = (Stretch(0.2, 7.9, edit.record_start_s, edit.record_end_s, change, 0.9),)
    picture = PictureReading(PictureState.CHANGED, (edit,), duration_s=8.0)
    sound = SoundReading(SoundState.SAME, stretches=along, duration_s=8.0)
    (one,) = findings_of(signals(picture=picture, sound=sound))
    assert one.tracks == ("picture", "sound")


@pytest.mark.parametrize("kind", FindingKind)
def test_no_sentence_says_that_what_was_put_there_is_not_ours(kind: FindingKind) -> None:
    """It may be from another video of ours, or this one once more."""
    sentence = str(finding_message(TimelineFinding(kind, ("picture",), 0.0, 1.0, 0.0, 1.0)))
    assert "not ours" not in sentence


def test_what_ours_cannot_be_told_under_may_lie_over_it() -> None:
    """As loud music or the echo of a hall does, and a sticker over a mouth."""
    finding = TimelineFinding(FindingKind.REDUBBED, ("sound",), 1.0, 2.0, 1.0, 2.0)
    assert "in place of ours, or over it" in str(finding_message(finding))
    edit = Edit(EditKind.REPLACED, 1.0, 2.0, 1.0, 2.0)
    given = signals(mark=SAME, by_mark=A, sound=SoundReading(SoundState.CHANGED, (edit,), duration_s=8.0))
    assert "in place of ours, or over it" in told(given)
    finding = TimelineFinding(FindingKind.MOUTH_REPLACED, ("picture",), 1.0, 2.0, 1.0, 2.0)
    assert "is covered, or moves otherwise" in str(finding_message(finding))
    finding = TimelineFinding(FindingKind.PICTURE_REPLACED, ("picture",), 1.0, 2.0, 1.0, 2.0)
    assert "in place of this video's, or over it" in str(finding_message(finding))


# What is left of a video of 8 s, in seconds of the file and of the video, and what was done to it.
TRIMMED = {
    "its first half": ([(0.0, 4.0, 0.0)], [Edit(EditKind.CUT, 4.0, 4.0, 4.0, 8.0)]),
    "its second half": ([(0.0, 4.0, 4.0)], [Edit(EditKind.CUT, 0.0, 0.0, 0.0, 4.0)]),
    "its middle": (
        [(0.0, 4.0, 2.0)],
        [Edit(EditKind.CUT, 0.0, 0.0, 0.0, 2.0), Edit(EditKind.CUT, 4.0, 4.0, 6.0, 8.0)],
    ),
    "all but a piece": (
        [(0.0, 3.0, 0.0), (3.0, 6.0, 5.0)],
        [Edit(EditKind.CUT, 3.0, 3.0, 3.0, 5.0)],
    ),
}


def trimmed(name: str, *, sound: SoundReading | None = None) -> Signals:
    left, edits = TRIMMED[name]
    stretches = tuple(
        Stretch(start_s, end_s, at_s, at_s + end_s - start_s, Change(), 0.9) for start_s, end_s, at_s in left
    )
    length_s = stretches[-1].end_s
    heard = SoundReading(SoundState.CHANGED, tuple(edits), stretches=stretches, duration_s=length_s)
    return signals(
        mark=SAME,
        by_mark=A,
        picture=PictureReading(PictureState.CHANGED, tuple(edits), stretches, duration_s=length_s),
        sound=heard if sound is None else sound,
    )


def told(given: Signals) -> str:
    """All that a verdict says, whether in its sentence or among its reasons."""
    return " ".join([str(verdict(given).sentence), *(str(one.sentence) for one in reasons_for(given))])


@pytest.mark.parametrize("name", TRIMMED)
def test_a_copy_in_which_pieces_are_missing_is_not_said_to_be_another(name: str) -> None:
    said = told(trimmed(name))
    for accusation in ("differs", "not everywhere", "was changed: do not rely", "otherwise"):
        assert accusation not in said
    words = {one.finding for one in reasons_for(trimmed(name)) if one.signal in {"picture", "sound"}}
    assert words == {"cut"}


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("its first half", ["Of our video the last 4.0 s are missing."]),
        ("its second half", ["Of our video the first 4.0 s are missing."]),
        (
            "its middle",
            ["Of our video the first 2.0 s are missing.", "Of our video the last 2.0 s are missing."],
        ),
        ("all but a piece", ["At 3.0 s a piece of 2.0 s was cut out."]),
    ],
)
def test_a_missing_end_is_called_one(name: str, sentences: list[str]) -> None:
    assert [str(finding_message(one)) for one in findings_of(trimmed(name))] == sentences


def test_words_that_are_missing_in_the_middle_are_warned_of() -> None:
    sentence = str(verdict(trimmed("all but a piece")).sentence)
    assert "A piece of the sound is missing, so that the words may say something else." in sentence


def test_a_word_that_is_missing_in_the_sound_alone_makes_the_sound_another() -> None:
    """The picture goes on: somebody took a word out."""
    given = trimmed("all but a piece")
    whole = Stretch(0.0, 8.0, 0.0, 8.0, Change(), 0.9)
    given = signals(
        mark=SAME,
        by_mark=A,
        picture=PictureReading(PictureState.SAME, (), (whole,), duration_s=8.0),
        sound=given.sound,
    )
    assert "the sound differs" in told(given)
    assert "do not rely on the words" in told(given)


@pytest.mark.parametrize("name", TRIMMED)
def test_what_was_put_into_the_sound_makes_it_another(name: str) -> None:
    edits = (*TRIMMED[name][1], Edit(EditKind.REPLACED, 1.0, 2.0, 1.0, 2.0))
    given = trimmed(name, sound=SoundReading(SoundState.CHANGED, edits, duration_s=4.0))
    assert "the sound differs" in told(given)
    assert "do not rely on the words" in told(given)


def test_a_sound_that_is_gone_is_said_to_be_gone_once() -> None:
    sentence = str(verdict(trimmed("its first half", sound=SoundReading(SoundState.SILENT))).sentence)
    assert "Its sound is gone." in sentence
    assert "silenced" not in sentence


def test_another_sound_is_said_to_be_another_once() -> None:
    edit = Edit(EditKind.REPLACED, 0.0, 4.0, 0.0, 8.0)
    sound = SoundReading(SoundState.OTHER, (edit,), duration_s=4.0)
    sentence = str(verdict(trimmed("its first half", sound=sound)).sentence)
    assert "Its sound is not the one that we made" in sentence
    assert "another one from beginning to end" not in sentence


@pytest.mark.parametrize(
    ("tempo", "parts"),
    [
        (1.0, [(0.0, 16.6, "ours")]),
        (0.9, [(0.0, 8.3, "changed"), (8.3, 16.6, "ours")]),
        (None, [(0.0, 8.3, "other"), (8.3, 16.6, "ours")]),
    ],
)
def test_the_sound_of_another_video_of_ours_is_drawn_as_ours(
    tempo: float | None, parts: list[tuple[float, float, str]]
) -> None:
    """Two videos of ours, one after the other: the second is named, and the first has its own sound."""
    edits = (Edit(EditKind.INSERTED, 0.0, 8.3, 0.0, 0.0),)
    heard = (Stretch(0.1, 8.2, 0.1, 8.2, Change(tempo=tempo), 0.9),) if tempo else ()
    given = signals(
        mark=SAME,
        by_mark=A,
        by_other_marks=(B,),
        picture=PictureReading(PictureState.CHANGED, edits, duration_s=16.6),
        sound=SoundReading(SoundState.CHANGED, edits, duration_s=16.6),
        sound_of_other_marks=(SoundReading(SoundState.CHANGED, stretches=heard, duration_s=16.6),),
    )
    timeline = verdict(given).to_json()["timeline"]
    assert [(one["start_s"], one["end_s"], one["state"]) for one in timeline["sound"]] == parts
    assert [one["state"] for one in timeline["picture"]] == ["other", "ours"]


def test_a_swapped_sound_is_other_where_no_video_of_ours_has_it() -> None:
    swapped = Edit(EditKind.REPLACED, 0.0, 16.6, 0.0, 8.3)
    heard = Stretch(9.0, 16.5, 0.0, 7.5, Change(), 0.9)
    given = signals(
        mark=SAME,
        by_mark=A,
        by_other_marks=(B,),
        sound=SoundReading(SoundState.OTHER, (swapped,), duration_s=16.6),
        sound_of_other_marks=(SoundReading(SoundState.CHANGED, stretches=(heard,), duration_s=16.6),),
    )
    drawn = verdict(given).to_json()["timeline"]["sound"]
    assert [(one["start_s"], one["state"]) for one in drawn] == [(0.0, "other"), (9.0, "ours")]
