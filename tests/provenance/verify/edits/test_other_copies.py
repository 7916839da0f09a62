"""Our video as pictures of all kinds, and with words beside it that are not ours."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image

from provenance.models import Record
from provenance.services.verify import verify_file
from provenance.verify.reader.containers import is_damaged_webp, is_moving_webp, open_untrusted
from provenance.verify.verdict.verdict import Verdict, VerdictKind
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.slow
EVERY = 2  # frames, from one of a picture that moves to the next


def frames(clip: SealedClip) -> list[Image.Image]:
    with av.open(io.BytesIO(clip.data)) as source:
        return [frame.to_image() for frame in source.decode(video=0)]


def still(clip: SealedClip, form: str) -> bytes:
    data = io.BytesIO()
    frames(clip)[20].save(data, form, quality=90)
    return data.getvalue()


def moving_webp(pictures: list[Image.Image], *, shown_ms: int = 1000 * EVERY // 25) -> bytes:
    data = io.BytesIO()
    pictures[0].save(
        data, "WEBP", save_all=True, append_images=pictures[1:], duration=shown_ms, quality=85, method=0
    )
    return data.getvalue()


def verdict_on(data: bytes, path: Path) -> Verdict:
    path.write_bytes(data)
    return verify_file(path)


def test_a_webp_that_moves_is_looked_at_as_a_video_is(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    verdict = verdict_on(moving_webp(frames(clip)[::EVERY]), tmp_path / "copy.webp")
    answer = verdict.to_json()
    assert (verdict.kind, verdict.rendition_id) == (VerdictKind.OURS_CHANGED, clip.rendition_id)
    assert answer["watermark"]["frames_read"] > 1
    assert answer["watermark"]["parts"][-1]["end_s"] == pytest.approx(len(frames(clip)) / 25, abs=0.3)
    assert "sound" not in {gap["what"] for gap in answer["not_checked"]}


def test_a_webp_that_moves_has_its_own_times_and_is_no_larger_than_what_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "large.webp"
    path.write_bytes(
        moving_webp([Image.new("RGB", (1600, 400), (n, 0, 0)) for n in (0, 99, 200)], shown_ms=300)
    )
    with open_untrusted(path) as container:
        shown = [(frame.time, frame.width, frame.height) for frame in container.decode(video=0)]
    assert shown == [(0.0, 1280, 320), (0.3, 1280, 320), (0.6, 1280, 320)]


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:40]])
def test_a_damaged_webp_ends_in_no_error(damage: Callable[[bytes], bytes], db: None, tmp_path: Path) -> None:
    pictures = [Image.effect_noise((64, 64), 90).convert("RGB") for _ in range(8)]
    verdict = verdict_on(damage(moving_webp(pictures)), tmp_path / "damaged.webp")
    assert verdict.kind in {VerdictKind.CANNOT_TELL, VerdictKind.NO_PROVENANCE}


def test_a_webp_that_is_damaged_behind_its_first_frames_is_known_to_be(tmp_path: Path) -> None:
    pictures = [Image.effect_noise((64, 64), 90).convert("RGB") for _ in range(8)]
    data = io.BytesIO()
    pictures[0].save(data, "WEBP", save_all=True, append_images=pictures[1:], duration=80, lossless=True)
    whole = data.getvalue()
    body = whole.rindex(b"VP8L") + 16
    for name, content in (("whole", whole), ("damaged", whole[:body] + bytes([255]) * (len(whole) - body))):
        path = tmp_path / name
        path.write_bytes(content)
        assert is_damaged_webp(path) is (name == "damaged")


def test_a_webp_that_would_take_too_long_is_said_to_be_unreadable(db: None, tmp_path: Path) -> None:
    """Small frames count as larger ones: so many would be more than is decoded."""
    pictures = [Image.new("RGB", (16, 16), (255 * (n % 2), 0, 0)) for n in range(6200)]
    verdict = verdict_on(moving_webp(pictures), tmp_path / "long.webp")
    assert "cannot be read here" in str(verdict.sentence)
    assert "frames" in {gap.what for gap in verdict.unchecked}


def test_a_long_picture_of_few_pixels_does_not_stop_its_reader(db: None, tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (16, 16), (255 * (n % 2), 0, 0)) for n in range(900)]
    verdict = verdict_on(moving_webp(pictures, shown_ms=100), tmp_path / "small.webp")
    assert "reader" not in {reason.signal for reason in verdict.reasons}


def test_a_webp_that_ends_in_its_first_bytes_is_none_that_moves(tmp_path: Path) -> None:
    whole = moving_webp([Image.new("RGB", (64, 64), (n, 0, 0)) for n in (0, 99)])
    path = tmp_path / "short.webp"
    for length in (12, 16, 20, 21, 29):
        path.write_bytes(whole[:length])
        assert not is_moving_webp(path)


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "JPEG2000"])
def test_a_single_picture_of_ours_is_found_and_spoken_of_as_one(
    form: str, released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    verdict = verdict_on(still(clip, form), tmp_path / "still")
    assert verdict.rendition_id == clip.rendition_id
    assert {gap.what for gap in verdict.unchecked} == {"details", "truth"}


def test_words_that_were_added_beside_our_video_are_said(
    released: Record, clip: SealedClip, tmp_path: Path
) -> None:
    words = tmp_path / "words.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:02,000\nsomething else\n\n")
    chapters = tmp_path / "chapters.txt"
    chapters.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=else\n")
    inputs = [argument for one in (clip.path, words, words, chapters) for argument in ("-i", str(one))]
    maps = ["-map", "0", "-map", "1", "-map", "2", "-map_chapters", "3"]
    path = tmp_path / "subtitled.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", *inputs, *maps, "-c", "copy", "-c:s", "mov_text", str(path)], check=True
    )
    verdict = verify_file(path)
    assert verdict.rendition_id == clip.rendition_id
    assert "had no subtitles and no chapters: they were added" in str(verdict.sentence)
    assert {gap.what: str(gap.sentence) for gap in verdict.unchecked}["text"].endswith(
        "(tracks of subtitles: 2, chapters: 1)."
    )
