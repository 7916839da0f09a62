"""What a verdict says was not looked at, and words that came with a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provenance.verify.evidence.media_type import FileKind, FileType
from provenance.verify.evidence.reader_report import ContainerReport
from provenance.verify.evidence.signals import PictureReading, PictureState, Signals
from provenance.verify.verdict.verdict import VerdictKind, verdict
from tests.provenance.verify.verdict.given_signals import (
    ABSENT,
    LIFTED,
    OURS_MISFIT,
    SAME,
    UNCLEAR,
    A,
    signals,
)


def test_places_that_were_not_looked_at_are_said() -> None:
    everywhere, not_everywhere = (
        {gap.what for gap in verdict(signals(mark=replace(ABSENT, is_everywhere=said))).unchecked}
        for said in (True, False)
    )
    assert not_everywhere - everywhere == {"everywhere"}


STILL, MOVING = FileType("image/webp", "image"), FileType("image/gif", "image")
ONE_FRAME = replace(SAME, frames_read=1)


def not_checked(given: Signals) -> dict[str, str]:
    return {one.what: str(one.sentence) for one in verdict(given).unchecked}


def test_of_a_single_picture_nothing_is_said_that_is_true_of_videos_alone() -> None:
    gaps = not_checked(replace(signals(mark=ONE_FRAME, by_mark=A), media_type=STILL))
    assert set(gaps) == {"details", "truth"}
    for word in ("frames", "sound", "pieces", "a video comes from"):
        assert not any(word in sentence for sentence in gaps.values())


def test_a_picture_that_moves_has_frames_and_motion_but_no_sound() -> None:
    gaps = not_checked(replace(signals(mark=SAME, by_mark=A), media_type=MOVING))
    assert set(gaps) == {"every_frame", "motion", "truth"}


@pytest.mark.parametrize("name", ["image/tiff", "image/gif", "image/heic", "image/heif", "image/avif"])
def test_a_picture_of_a_type_that_can_hold_several_is_not_said_to_be_all_that_was_there(name: str) -> None:
    given = replace(signals(mark=ONE_FRAME, by_mark=A), media_type=FileType(name, "image"))
    assert not_checked(given)["every_frame"].startswith("Other pictures in the file")


@pytest.mark.parametrize(("sounds", "is_said"), [(0, False), (1, True)])
def test_a_picture_that_holds_sound_has_a_sound_that_was_not_checked(sounds: int, is_said: bool) -> None:
    given = signals(mark=SAME, by_mark=A, container=ContainerReport(pictures=1, sounds=sounds))
    gaps = not_checked(replace(given, media_type=FileType("image/avif", "image")))
    assert ("sound" in gaps) is is_said


def test_frames_that_could_not_be_read_behind_the_first_ones_are_said() -> None:
    given = signals(mark=ONE_FRAME, by_mark=A, container=ContainerReport(pictures=1, is_damaged=True))
    assert "damaged" in not_checked(replace(given, media_type=STILL))["rest_of_frames"]


def test_one_frame_is_not_called_frames() -> None:
    assert not_checked(signals(mark=ONE_FRAME, by_mark=A))["every_frame"].endswith("one frame was looked at.")


@pytest.mark.parametrize("kind", ["video", "image", "audio", "document"])
def test_what_is_not_known_to_be_true_is_named_by_its_kind(kind: FileKind) -> None:
    truth = not_checked(replace(signals(), media_type=FileType("x/y", kind)))["truth"]
    assert ("a video comes from" in truth) is (kind == "video")


def test_a_picture_that_cannot_be_read_is_called_that_and_what_to_send_is_said() -> None:
    given = replace(signals(mark=UNCLEAR), media_type=STILL)
    assert "cannot be read here" in str(verdict(given).sentence)
    assert "Send it whole, as MP4, GIF, PNG or JPEG." in str(verdict(given).sentence)
    assert set(not_checked(given)) == {"frames", "truth"}


def test_words_that_were_added_beside_our_picture_are_said_and_accuse_nobody() -> None:
    given = signals(
        mark=SAME, by_mark=A, container=ContainerReport(pictures=1, sounds=1, texts=2, chapters=3)
    )
    answer = verdict(given)
    assert answer.kind is VerdictKind.OURS_CHANGED
    assert "had no subtitles and no chapters: they were added" in str(answer.sentence)
    (said,) = (str(one.sentence) for one in answer.reasons if one.finding == "text")
    assert "(tracks of subtitles: 2, chapters: 3)" in said
    assert "(tracks of subtitles: 2, chapters: 3)" in not_checked(given)["text"]


def test_words_beside_a_picture_that_is_not_ours_are_not_said_to_have_been_added() -> None:
    given = signals(container=ContainerReport(pictures=1, texts=1))
    assert "added" not in " ".join(str(one.sentence) for one in verdict(given).reasons)
    assert "text" in not_checked(given)


NOT_ADDED = {
    "our mark on something else": signals(mark=LIFTED, by_mark=A),
    "our credentials on something else": signals(OURS_MISFIT, ABSENT, by_manifest=A),
}


@pytest.mark.parametrize("given", NOT_ADDED.values(), ids=NOT_ADDED.keys())
def test_nobody_is_said_to_have_added_words_to_a_video_that_is_not_ours(given: Signals) -> None:
    given = replace(given, container=ContainerReport(pictures=1, texts=1))
    (said,) = (str(one.sentence) for one in verdict(given).reasons if one.finding == "text")
    assert "added" not in said


IN_PART = replace(SAME, compared=0.44)
MOVES = PictureReading(PictureState.SAME)


def reasons(given: Signals) -> dict[tuple[str, str], str]:
    return {(one.signal, one.finding): str(one.sentence) for one in verdict(given).reasons}


def test_of_a_picture_that_carries_its_mark_in_part_no_more_than_that_part_is_vouched_for() -> None:
    given = signals(mark=IN_PART, by_mark=A, picture=MOVES)
    said = reasons(given)
    assert ("content", "same") not in said
    assert "about 45 % of it" in said["content", "same_in_part"]
    assert said["picture", "same"].startswith("What moves in the video as it was made")
    assert "background" in not_checked(given)["unmarked_parts"]


def test_where_the_mark_is_seen_all_over_nothing_is_left_out() -> None:
    given = signals(mark=replace(SAME, compared=0.95), by_mark=A, picture=MOVES)
    assert ("content", "same") in reasons(given)
    assert "unmarked_parts" not in not_checked(given)


def test_parts_without_a_mark_are_not_spoken_of_where_the_content_is_another() -> None:
    assert "unmarked_parts" not in not_checked(signals(mark=replace(LIFTED, compared=0.4), by_mark=A))


@pytest.mark.parametrize(("share", "said"), [(0.02, "about 5 %"), (0.895, "about 85 %")])
def test_the_share_that_was_compared_is_neither_nothing_nor_nearly_all(share: float, said: str) -> None:
    given = signals(mark=replace(SAME, compared=share), by_mark=A, picture=MOVES)
    assert said in reasons(given)["content", "same_in_part"]
