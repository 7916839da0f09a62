"""Where in a video the mark is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from provenance.keys.service_keys import watermark_key
from provenance.models import Record
from provenance.services.records import release_record, withdraw_record
from provenance.services.verify import verify_file
from provenance.watermark import Embedder, WatermarkPayload
from tests.provenance import clips
from tests.provenance.sealing import YEAR, SealedClip, seal

pytestmark = pytest.mark.slow

# Twice as much of ours, so that ours is the first mark read whichever key the tests drew.
SPLICE = [(4, True), (2, False)]


def patched(
    path: Path, ours: SealedClip, stretches: list[tuple[int, bool]], *, second: SealedClip | None = None
) -> Path:
    """A video of stretches (seconds, whether they carry our mark), each of other frames.

    What does not carry it carries that of `second`, whose frames it then is.
    """
    embedder = Embedder(WatermarkPayload(ours.watermark_id), watermark_key(YEAR))
    other = Embedder(WatermarkPayload(second.watermark_id), watermark_key(YEAR)) if second else None
    frames: list[NDArray[np.uint8]] = []
    carries: list[bool] = []
    for number, (seconds, is_marked) in enumerate(stretches):
        count = seconds * clips.FPS
        frames += clips.moving_frames(count, seed=1 if is_marked else 2 if second else 7 + number)
        carries += [is_marked] * count
    turn = iter(carries)

    def mark(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if next(turn):
            return embedder.mark(luma)
        return other.mark(luma) if other else luma

    return clips.write_clip(path, frames, has_audio=False, mark=mark)


def states(path: Path) -> list[str]:
    return [part.state for part in verify_file(path).signals.mark.parts]


@pytest.fixture(scope="module")
def splice(clip: SealedClip, other_clip: SealedClip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of ours, two of another video of ours."""
    return patched(tmp_path_factory.mktemp("splice") / "splice.mp4", clip, SPLICE, second=other_clip)


@pytest.fixture
def patchwork(clip: SealedClip, tmp_path: Path) -> Path:
    """Three seconds of ours, three of a stranger's."""
    return patched(tmp_path / "patchwork.mp4", clip, [(3, True), (3, False)])


def test_seconds_with_the_mark_are_told_from_those_without(released: Record, patchwork: Path) -> None:
    verdict = verify_file(patchwork)
    parts = verdict.to_json()["watermark"]["parts"]
    assert [part["state"] for part in parts] == ["found"] * 3 + ["not_found"] * 3
    assert parts[3]["start_s"] == pytest.approx(3.0, abs=0.1)
    said = {reason.signal: str(reason.sentence) for reason in verdict.reasons}
    assert said["watermark_parts"].startswith("It was found in 3 of 6 parts")


def test_seconds_of_another_video_of_ours_are_told_apart(
    released: Record, clip: SealedClip, other_clip: SealedClip, splice: Path
) -> None:
    other = release_record(seal(other_clip).rendition_id, actor="system")
    verdict = verify_file(splice)
    parts = verdict.to_json()["watermark"]["parts"]
    assert [part["rendition_id"] for part in parts] == [clip.rendition_id] * 4 + [other.rendition_id] * 2
    assert {reason.signal: reason.finding for reason in verdict.reasons}["watermark_parts"] == "several"
    withdraw_record(other.rendition_id, reason_code="consent_withdrawn", actor="system")
    verdict = verify_file(splice)
    assert (verdict.kind.value, verdict.rendition_id) == ("ours_withdrawn", other.rendition_id)


def test_what_shows_something_else_under_another_mark_is_not_called_that_video(
    released: Record, other_clip: SealedClip, splice: Path
) -> None:
    other = seal(other_clip)
    Record.objects.filter(pk=other.pk).update(content_prints=bytes(range(256)) * 8)
    parts = verify_file(splice).to_json()["watermark"]["parts"]
    assert [(part["state"], part["rendition_id"]) for part in parts[4:]] == [("other", None)] * 2


def test_the_page_says_whose_the_other_parts_are(
    released: Record, other_clip: SealedClip, splice: Path
) -> None:
    seal(other_clip)
    page = Client().post("/verify/", {"file": SimpleUploadedFile("v.mp4", splice.read_bytes())})
    assert f'another video of ours <span class="mono">{other_clip.rendition_id}' in page.content.decode()


@pytest.mark.slow
def test_in_a_long_video_the_seconds_between_key_frames_are_told_apart(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    """Key frames every ten seconds, the mark from the thirteenth to the twenty-seventh."""
    ours = list(clips.moving_frames(clips.FPS, seed=1))  # a second of each, again and again
    strange = list(clips.moving_frames(clips.FPS, seed=7))
    embedder = Embedder(WatermarkPayload(clip.watermark_id), watermark_key(YEAR))
    marked: dict[int, NDArray[np.uint8]] = {}
    numbers = iter(range(40 * clips.FPS))

    def mark(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
        number = next(numbers)
        if not 13 <= number // clips.FPS < 27:
            return luma
        if number % clips.FPS not in marked:
            marked[number % clips.FPS] = embedder.mark(luma)
        return marked[number % clips.FPS]

    path = clips.write_clip(
        tmp_path / "long.mp4",
        strange * 13 + ours * 14 + strange * 13,
        has_audio=False,
        mark=mark,
        key_frame_every=10 * clips.FPS,
    )
    verdict = verify_file(path).to_json()
    parts = verdict["watermark"]["parts"]
    found = [part for part in parts if part["state"] == "found"]
    assert found[0]["start_s"] == 13.0
    assert found[-1]["end_s"] == pytest.approx(26.7, abs=0.8)
    assert all(part["state"] == "not_found" for part in parts if part not in found)
    assert len(parts) >= 12
    assert "rest_of_parts" in {gap["what"] for gap in verdict["not_checked"]}


def test_a_whole_video_carries_it_everywhere(released: Record, clip: SealedClip) -> None:
    parts = verify_file(clip.path).signals.mark.parts
    assert {part.state for part in parts} == {"found"}
    assert "rest_of_parts" not in {gap.what for gap in verify_file(clip.path).unchecked}
    assert parts[0].start_s == 0
    assert parts[-1].end_s == pytest.approx(clip.duration_s, abs=0.1)


def test_without_a_mark_there_is_no_timeline(db: None, tmp_path: Path) -> None:
    assert states(clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(40, seed=7))) == []
