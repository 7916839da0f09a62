"""What the verdict says about the visible label of a video, by the place of its picture in the file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.common.visible_label import VisibleLabel
from provenance.verify.evidence.reader_report import Corner
from provenance.verify.evidence.signals import PictureReading, PictureState
from provenance.verify.verdict.verdict import verdict
from tests.provenance.verify.verdict.given_signals import LIFTED, OURS, SAME, A, signals

LABELLED = replace(
    A, visible_label=VisibleLabel("eu", "en", "top_right", None, False, (0.5, 0.03, 0.97, 0.11))
)
Corners = tuple[Corner, Corner, Corner, Corner]


def corners(left: float, top: float, right: float, bottom: float) -> Corners:
    """Of the marked video, in parts of the file's frame."""
    return (left, top), (right, top), (right, bottom), (left, bottom)


def findings(picture: PictureReading, mark=SAME, record=LABELLED) -> list[tuple[str, str]]:
    found = verdict(signals(OURS, mark, by_mark=record, picture=picture))
    return [(one.finding, one.sentence.render()) for one in found.reasons if one.signal == "label"]


@pytest.mark.parametrize(
    ("place", "finding"),
    [
        (corners(0, 0, 1, 1), "made_with"),
        (corners(0.2, 0.2, 0.8, 0.8), "made_with"),  # embedded whole
        (corners(0, -0.25, 1, 1), "cropped_off"),
        (corners(0, 0, 1.35, 1), "cropped"),
        (corners(-1.2, -0.2, 1, 1.1), "cropped_off"),
    ],
)
def test_a_label_that_was_cropped_off_is_told_from_one_that_was_not(place: Corners, finding: str) -> None:
    (told,) = findings(PictureReading(PictureState.CHANGED, corners=place))
    assert told[0] == finding


def test_where_the_place_is_not_known_nothing_is_said_to_be_missing() -> None:
    ((finding, sentence),) = findings(PictureReading(PictureState.NOT_COMPARED))
    assert finding == "made_with"
    assert "not looked at" in sentence


def test_a_video_that_was_made_without_a_label_is_not_said_to_lack_one() -> None:
    assert findings(PictureReading(PictureState.SAME, corners=corners(0, 0, 1, 1)), record=A) == []


def test_of_another_picture_under_our_mark_the_label_is_not_spoken() -> None:
    assert findings(PictureReading(PictureState.NOT_COMPARED), mark=LIFTED) == []


def test_the_record_in_the_verdict_names_the_label() -> None:
    told = verdict(signals(OURS, SAME, by_manifest=LABELLED, by_mark=LABELLED)).to_json()["record"]
    assert told is not None
    assert told["visible_label"] == {
        "preset": "eu",
        "language": "en",
        "place": "top_right",
        "first_seconds": None,
        "sound_cue": False,
    }
