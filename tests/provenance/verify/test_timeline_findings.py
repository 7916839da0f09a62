"""What was done to picture and to sound is one finding where it is one thing."""

from __future__ import annotations

import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.verify.evidence.signals import PictureReading, PictureState, SoundReading, SoundState
from provenance.verify.verdict.timeline import FindingKind, TimelineFinding, findings_of
from provenance.verify.verdict.timeline_messages import finding_message
from tests.provenance.verify.test_verdict import signals


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


@pytest.mark.parametrize("kind", FindingKind)
def test_no_sentence_says_that_what_was_put_there_is_not_ours(kind: FindingKind) -> None:
    """It may be from another video of ours, or this one once more."""
    sentence = str(finding_message(TimelineFinding(kind, ("picture",), 0.0, 1.0, 0.0, 1.0)))
    assert "not ours" not in sentence
