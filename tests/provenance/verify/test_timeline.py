"""Where in a video the mark is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from provenance.models import Record
from provenance.services.keys import watermark_key
from provenance.services.verify import verify_file
from provenance.watermark import Embedder, WatermarkPayload
from tests.provenance import clips
from tests.provenance.sealing import YEAR, SealedClip


def patched(path: Path, ours: SealedClip, stretches: list[tuple[int, bool]]) -> Path:
    """A video of stretches (seconds, whether they carry our mark), each of other frames."""
    embedder = Embedder(WatermarkPayload(ours.record_id), watermark_key(YEAR))
    frames: list[NDArray[np.uint8]] = []
    carries: list[bool] = []
    for number, (seconds, is_marked) in enumerate(stretches):
        count = seconds * clips.FPS
        frames += clips.moving_frames(count, seed=1 if is_marked else 7 + number)
        carries += [is_marked] * count
    turn = iter(carries)
    return clips.write_clip(
        path, frames, has_audio=False, mark=lambda luma: embedder.mark(luma) if next(turn) else luma
    )


def states(path: Path) -> list[str]:
    return [part.state for part in verify_file(path).signals.mark.parts]


@pytest.fixture
def patchwork(clip: SealedClip, tmp_path: Path) -> Path:
    """Three seconds of ours, three of a stranger's."""
    return patched(tmp_path / "patchwork.mp4", clip, [(3, True), (3, False)])


def test_seconds_with_the_mark_are_told_from_those_without(released: Record, patchwork: Path) -> None:
    assert states(patchwork) == ["found"] * 3 + ["not_found"] * 3


def test_the_reasons_say_that_only_parts_carry_it(released: Record, patchwork: Path) -> None:
    said = {reason.signal: reason.sentence for reason in verify_file(patchwork).reasons}
    assert said["watermark_parts"].startswith("It was found in 3 of 6 parts")


def test_a_whole_video_carries_it_everywhere(released: Record, clip: SealedClip) -> None:
    parts = verify_file(clip.path).signals.mark.parts
    assert {part.state for part in parts} == {"found"}
    assert parts[0].start_s == 0
    assert parts[-1].end_s == pytest.approx(clip.duration_s, abs=0.1)


def test_the_api_gives_the_parts(released: Record, patchwork: Path) -> None:
    upload = {"file": SimpleUploadedFile("v.mp4", patchwork.read_bytes())}
    parts = Client().post("/v1/verify", upload).json()["watermark"]["parts"]
    assert [part["state"] for part in parts][3:] == ["not_found"] * 3
    assert parts[3]["start_s"] == pytest.approx(3.0, abs=0.1)


def test_without_a_mark_there_is_no_timeline(db: None, tmp_path: Path) -> None:
    assert states(clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(40, seed=7))) == []
