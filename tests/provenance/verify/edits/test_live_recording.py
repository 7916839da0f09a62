"""What is said of recordings of live sessions: no credentials were there to lose, and no edit is supposed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.edits import edits_of, known_of_a_recording
from provenance.fingerprints.stretch import Change, Stretch
from provenance.verify.evidence.reader_report import ContainerReport
from provenance.verify.evidence.signals import (
    MarkPart,
    PictureReading,
    PictureState,
    Signals,
    SoundReading,
    SoundState,
)
from provenance.verify.verdict.verdict import VerdictKind, verdict
from tests.provenance.verify.verdict.given_signals import OTHER, SAME, UNLOGGED, WITHDRAWN, A, B, signals

LIVE = replace(A, rendition_id="lvr_a")
SOUND, PICTURE = SoundReading(SoundState.SAME), PictureReading(PictureState.SAME)
REDUBBED = SoundReading(SoundState.CHANGED, (Edit(EditKind.REPLACED, 3.0, 4.0, 3.0, 4.0),))
CUT = PictureReading(PictureState.CHANGED, (Edit(EditKind.CUT, 3.0, 3.0, 3.0, 4.0),))


def recorded(**more: Any) -> Signals:
    return signals(**{"mark": SAME, "by_mark": LIVE, "sound": SOUND, "picture": PICTURE, **more})


def test_an_unedited_recording_is_called_one_and_accused_of_nothing() -> None:
    found = verdict(recorded())
    said = found.sentence.render()
    assert (found.kind, found.rendition_id) == (VerdictKind.OURS_RECORDED, "lvr_a")
    assert found.headline.render() == "Made here, recorded from a live session"
    assert "no edit was found" in said
    assert not any(word in said for word in ("changed", "are gone", "passed on"))


def test_words_that_were_added_beside_an_unedited_recording_are_said() -> None:
    found = verdict(recorded(container=ContainerReport(pictures=1, sounds=1, texts=1)))
    assert "no edit was found" in str(found.sentence)
    assert "had no subtitles and no chapters: they were added" in str(found.sentence)


def test_what_could_not_be_compared_is_said() -> None:
    found = verdict(recorded(sound=SoundReading(SoundState.NOT_COMPARED)))
    assert found.kind is VerdictKind.OURS_RECORDED
    assert "not all of it could be compared" in found.sentence.render()
    assert "sound" in {gap.what for gap in found.unchecked}


def test_a_part_that_was_not_followed_is_said() -> None:
    found = verdict(recorded(sound=replace(SOUND, until_s=600.0)))
    assert found.kind is VerdictKind.OURS_RECORDED
    assert "not all of it could be compared" in found.sentence.render()


def test_a_background_that_was_not_compared_is_said() -> None:
    found = verdict(recorded(mark=replace(SAME, compared=0.6)))
    assert found.kind is VerdictKind.OURS_RECORDED
    assert "not all of it could be compared" in found.sentence.render()
    assert "unmarked_parts" in {gap.what for gap in found.unchecked}


@pytest.mark.parametrize(
    "edited",
    [
        {"sound": REDUBBED},
        {"sound": SoundReading(SoundState.OTHER)},
        {"sound": SoundReading(SoundState.SILENT)},
        {"picture": CUT},
        {"container": ContainerReport(pictures=1, sounds=2, is_sound_unclear=True)},
        {"mark": replace(SAME, parts=(MarkPart(0, 1, "found"), MarkPart(1, 2, "not_found")))},
        {"by_other_marks": (B,)},
        {"manifest": OTHER},
    ],
    ids=("re-dubbed", "other sound", "silent", "cut", "two sounds", "mark in parts", "two videos", "signed"),
)
def test_a_recording_that_was_edited_is_a_changed_one(edited: dict[str, Any]) -> None:
    assert verdict(recorded(**edited)).kind is VerdictKind.OURS_CHANGED


def test_its_withdrawal_and_the_log_come_first() -> None:
    withdrawn = replace(WITHDRAWN, rendition_id="lvr_a")
    assert verdict(recorded(by_mark=withdrawn)).kind is VerdictKind.OURS_WITHDRAWN
    unlogged = replace(UNLOGGED, rendition_id="lvr_a")
    assert verdict(recorded(by_mark=unlogged)).kind is VerdictKind.CANNOT_TELL


def test_a_video_that_lost_its_credentials_is_still_a_changed_one() -> None:
    assert verdict(recorded(by_mark=A)).kind is VerdictKind.OURS_CHANGED


def test_a_recording_begins_and_ends_anywhere_and_what_is_missing_between_is_cut() -> None:
    """Of twenty seconds the recording has 5 to 8 and 10 to 15."""
    stretches = [Stretch(0.0, 3.0, 5.0, 8.0, Change(), 0.9), Stretch(3.0, 8.0, 10.0, 15.0, Change(), 0.9)]
    edits = edits_of(stretches, np.ones(625, np.bool_), np.ones(250), 8.0)
    assert len(edits) == 3
    (cut,) = known_of_a_recording(edits, stretches)
    assert (cut.kind, cut.start_s, cut.record_start_s) == (EditKind.CUT, 3.0, 8.0)
    assert cut.record_end_s == pytest.approx(10.0, abs=0.05)
