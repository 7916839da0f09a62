"""Where the mark is: each part of a video is looked at by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from provenance.models import Record
from provenance.services.keys import watermark_secret
from provenance.services.verify import verify_file
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from tests.provenance import clips
from tests.provenance.sealing import SealedClip


def marked(record_id: int, seconds: float, seed: int) -> list[NDArray[np.uint8]]:
    frames = clips.moving_frames(round(seconds * clips.FPS), seed=seed)
    return list(Embedder(WatermarkPayload(record_id), WatermarkKey(watermark_secret())).mark(frames))


def states(path: Path) -> list[str]:
    return [part.state for part in verify_file(path).signals.mark.parts]


@pytest.fixture
def patchwork(clip: SealedClip, other_clip: SealedClip, tmp_path: Path) -> Path:
    """Two seconds of ours, two of a stranger's, two of another video of ours."""
    foreign = list(clips.moving_frames(2 * clips.FPS, seed=8))
    frames = [*marked(clip.record_id, 2, 1), *foreign, *marked(other_clip.record_id, 2, 2)]
    return clips.write_clip(tmp_path / "patchwork.mp4", frames, has_audio=False)


def test_each_part_is_told_apart(released: Record, patchwork: Path) -> None:
    assert states(patchwork) == ["found", "found", "not_found", "not_found", "other", "other"]


def test_the_reasons_say_that_only_parts_carry_it(released: Record, patchwork: Path) -> None:
    said = {reason.signal: reason.sentence for reason in verify_file(patchwork).reasons}
    assert said["watermark_parts"].startswith("It was found in 2 of 6 parts")


def test_a_whole_video_carries_it_everywhere(released: Record, clip: SealedClip) -> None:
    parts = verify_file(clip.path).signals.mark.parts
    assert {part.state for part in parts} == {"found"}
    assert parts[0].start_s == 0
    assert parts[-1].end_s == pytest.approx(clip.duration_s, abs=0.1)


def test_a_part_is_not_taken_for_what_the_key_frame_before_it_shows(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    """The only key frame of this file is the first, and it is ours; the rest is not."""
    ours = marked(clip.record_id, 2, 1)
    foreign = list(clips.moving_frames(75, seed=1))
    video = clips.write_clip(tmp_path / "v.mp4", [*ours, *foreign], has_audio=False)
    assert states(video) == ["found", "found", "not_found", "not_found", "not_found"]


def test_the_api_gives_the_parts(released: Record, patchwork: Path) -> None:
    upload = {"file": SimpleUploadedFile("v.mp4", patchwork.read_bytes())}
    parts = Client().post("/v1/verify", upload).json()["watermark"]["parts"]
    assert [part["state"] for part in parts][2:4] == ["not_found", "not_found"]
    assert parts[2]["start_s"] == pytest.approx(2.0, abs=0.1)


def test_without_a_mark_there_is_no_timeline(db: None, tmp_path: Path) -> None:
    assert states(clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(40, seed=7))) == []
