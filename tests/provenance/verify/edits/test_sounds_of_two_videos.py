"""The sound of a file that shows two of our videos."""

from __future__ import annotations

from typing import Any

import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.stretch import Change, Stretch
from provenance.verify import verify_file as verifying
from provenance.verify.evidence.reader_report import ContainerReport, FileReport, SoundReport
from provenance.verify.evidence.signals import (
    PictureReading,
    PictureState,
    SoundReading,
    SoundState,
)
from provenance.verify.verdict.parts.sound_findings import may_be_of_others
from provenance.verify.verdict.verdict import verdict
from tests.provenance.verify.verdict.given_signals import NONE, SAME, SAME_SOUND, A, B, signals

IN_PLACE_OF_OURS = (Edit(EditKind.REPLACED, 3.0, 8.0, 3.0, 8.0),)
MIXED = SoundReading(
    SoundState.CHANGED,
    IN_PLACE_OF_OURS,
    stretches=(Stretch(0.0, 3.0, 0.0, 3.0, Change(), 0.75),),
    duration_s=8.0,
)
ELSE = SoundReading(SoundState.OTHER, IN_PLACE_OF_OURS, duration_s=8.0)
OURS_THROUGHOUT = (Stretch(0.0, 8.0, 0.0, 8.0, Change(), 0.9),)
TRIMMED, FASTER = (
    SoundReading(
        SoundState.CHANGED, (Edit(kind, 8.0, 8.0, 8.0, 9.0),), stretches=OURS_THROUGHOUT, duration_s=8.0
    )
    for kind in (EditKind.CUT, EditKind.SPEED)
)
SOUNDS_OF_TWO = {
    "the sound of the second, trimmed": (ELSE, TRIMMED, "one of these videos was made with: rnd_b"),
    "the sound of the second, faster": (ELSE, FASTER, "Its sound was changed"),
    "the sound of the second": (ELSE, SAME_SOUND, "one of these videos was made with: rnd_b"),
    "both mixed, each heard somewhere": (MIXED, MIXED, "it holds sound of several of them"),
    "both mixed, neither heard": (ELSE, ELSE, "theirs may be mixed in it"),
    "one heard somewhere": (MIXED, ELSE, "theirs may be mixed in it"),
}


@pytest.mark.parametrize(("sound", "of_other", "words"), SOUNDS_OF_TWO.values(), ids=SOUNDS_OF_TWO.keys())
def test_of_two_videos_side_by_side_the_sound_is_compared_with_both(
    sound: SoundReading, of_other: SoundReading, words: str
) -> None:
    given = signals(
        NONE,
        SAME,
        by_mark=A,
        by_other_marks=(B,),
        sound=sound,
        sound_of_other_marks=(of_other,),
        picture=PictureReading(
            PictureState.SAME, stretches=(Stretch(0.0, 8.0, 0.0, 8.0, Change(), 0.9),), duration_s=8.0
        ),
    )
    sentence = str(verdict(given).sentence)
    assert words in sentence
    assert "in place of ours" not in sentence
    assert "from beginning to end" not in sentence
    answer = verdict(given).to_json()
    (reason,) = (one["sentence"] for one in answer["reasons"] if one["signal"] == "sound")
    assert words in reason
    assert "timeline" not in {one["signal"] for one in answer["reasons"]}
    assert answer["timeline"]["findings"] == []


def test_of_two_videos_side_by_side_with_the_sound_of_the_named_one_nothing_is_said_of_it() -> None:
    given = signals(
        NONE, SAME, by_mark=A, by_other_marks=(B,), sound=SAME_SOUND, sound_of_other_marks=(ELSE,)
    )
    assert "sound" not in str(verdict(given).sentence)


@pytest.mark.parametrize(
    "heard",
    [
        {"sound": TRIMMED},
        {"sound": FASTER},
        {"sound": ELSE, "other_sounds": (SAME_SOUND,), "container": ContainerReport(pictures=1, sounds=2)},
    ],
    ids=("trimmed", "faster", "beside another track"),
)
def test_of_two_videos_the_sound_of_the_named_one_is_not_said_to_be_that_of_none(
    heard: dict[str, Any],
) -> None:
    given = signals(NONE, SAME, by_mark=A, by_other_marks=(B,), sound_of_other_marks=(ELSE,), **heard)
    assert "of these videos alone" not in str(verdict(given).sentence)


@pytest.mark.parametrize("of_first", [SAME_SOUND, ELSE])
def test_a_sound_is_compared_with_other_videos_only_where_it_may_be_theirs(
    of_first: SoundReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And then the track that is not the named video's, not the one that plays by default."""
    theirs, other = (SoundReport(None, b"1"), SoundReport(None, b"2"))
    answers = {theirs: SAME_SOUND, other: of_first}
    monkeypatch.setattr(verifying, "compare_sound", lambda report, *_: answers[report])
    report = FileReport(NONE, has_hidden_data=False, watermark=None, sound=theirs, other_sounds=(other,))
    sound, _, heard = verifying._compare_sounds(report, A, ())
    assert (sound, heard) == ((SAME_SOUND, theirs) if of_first is SAME_SOUND else (ELSE, other))
    assert may_be_of_others(sound, ()) is (of_first is ELSE)
