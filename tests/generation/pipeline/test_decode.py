from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from generation.pipeline.decode import DecodingFailed, probe, read_frames
from generation.pipeline.encode import encode_video
from tests.generation.pipeline.moving_portrait import SAMPLES, moving_portrait


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    encode_video(
        moving_portrait("tomas", 30, size=256),
        fps=25,
        audio=np.zeros(24_000, np.float32),
        sample_rate=24_000,
        destination=path,
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )
    return path


def test_it_states_the_facts(video: Path) -> None:
    facts = probe(video)
    assert (facts.width, facts.height, facts.fps, facts.frames) == (256, 256, 25.0, 30)
    assert facts.duration_s == pytest.approx(1.2)
    assert facts.has_audio
    assert facts.audio_duration_s == pytest.approx(1.2, abs=0.001)


def test_it_yields_every_frame_in_order(tmp_path: Path) -> None:
    greys = [np.full((64, 64, 3), 20 + 7 * index, np.uint8) for index in range(30)]
    encode_video(
        greys,
        fps=25,
        audio=np.zeros(100, np.float32),
        sample_rate=24_000,
        destination=tmp_path / "a.mp4",
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )
    levels = [frame.mean() for frame in read_frames(tmp_path / "a.mp4")]
    assert levels == pytest.approx([20 + 7 * index for index in range(30)], abs=2)


def test_it_yields_rgb_that_can_be_written_to(video: Path) -> None:
    frame = next(read_frames(video))
    assert frame.shape == (256, 256, 3)
    assert frame.dtype == np.uint8
    frame[0, 0] = 0


@pytest.mark.parametrize(
    ("every", "limit", "count"), [(1, 5, 5), (7, None, 5), (7, 3, 3), (40, None, 1), (1, 0, 0)]
)
def test_it_takes_every_nth_up_to_a_limit(video: Path, every: int, limit: int | None, count: int) -> None:
    frames = list(read_frames(video, every=every, limit=limit))
    assert len(frames) == count
    everything = list(read_frames(video))
    assert all((frame == everything[index * every]).all() for index, frame in enumerate(frames))


def test_it_refuses_text(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("This is not a video.\n" * 50)
    with pytest.raises(DecodingFailed, match="could not be read"):
        probe(path)
    with pytest.raises(DecodingFailed, match="could not be read"):
        next(read_frames(path))


def test_it_refuses_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DecodingFailed):
        probe(tmp_path / "a.mp4")


def test_it_refuses_sound_without_picture() -> None:
    with pytest.raises(DecodingFailed, match="no video stream"):
        probe(SAMPLES / "speech" / "sample1_female_calm.wav")


def frames_and_reason(path: Path) -> tuple[int, str]:
    """How many frames could be read, and why reading stopped early ("" if it did not)."""
    count = 0
    try:
        for _ in read_frames(path):
            count += 1
    except DecodingFailed as error:
        return count, str(error)
    return count, ""


def test_a_file_cut_in_the_middle_still_gives_its_beginning(video: Path, tmp_path: Path) -> None:
    data = video.read_bytes()
    path = tmp_path / "a.mp4"
    path.write_bytes(data[: len(data) * 7 // 10])
    count, _ = frames_and_reason(path)
    assert 0 < count < 30


def test_a_broken_bitstream_raises_nothing_but_a_reason(video: Path, tmp_path: Path) -> None:
    data = bytearray(video.read_bytes())
    media = data.index(b"mdat")
    for position in np.random.default_rng(9).integers(media + 8, len(data), 200):
        data[position] ^= 0xFF
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(data))
    count, reason = frames_and_reason(path)
    assert count <= 30
    assert reason == "" or "could not be read" in reason
