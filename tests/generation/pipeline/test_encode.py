from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from generation.pipeline.decode import probe, read_frames, read_luma
from generation.pipeline.encode import EncodedVideo, EncodingFailed, encode_video
from tests.generation.pipeline.moving_portrait import moving_portrait

SAMPLE_RATE = 24_000


def tone(seconds: float, sample_rate: int = SAMPLE_RATE) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * sample_rate)) / sample_rate)).astype(
        np.float32
    )


def encode(destination: Path, frames: Iterable[np.ndarray], **changes: object) -> EncodedVideo:
    values: dict[str, object] = {
        "fps": 25,
        "audio": tone(1.2),
        "sample_rate": SAMPLE_RATE,
        "mark": lambda luma: luma,
        "on_frame": lambda done: None,
    }
    return encode_video(frames, destination=destination, **(values | changes))  # type: ignore[arg-type]


def top_level_boxes(path: Path) -> list[bytes]:
    data, position, names = path.read_bytes(), 0, []
    while position < len(data):
        names.append(data[position + 4 : position + 8])
        position += int.from_bytes(data[position : position + 4], "big")
    return names


def presented(path: Path, kind: str) -> tuple[float, float, list[float]]:
    """Start, end and packet times of a track, measured from its packets without encoder priming."""
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        packets = [packet for packet in container.demux(stream) if packet.size and packet.pts >= 0]
        times = sorted(float(packet.pts * packet.time_base) for packet in packets)
        end = max(float((packet.pts + packet.duration) * packet.time_base) for packet in packets)
    return times[0], end, times


@pytest.fixture(scope="module")
def frames() -> list[np.ndarray]:
    return moving_portrait("maya", 30, size=256)


def test_it_says_what_it_wrote(tmp_path: Path, frames: list[np.ndarray]) -> None:
    video = encode(tmp_path / "a.mp4", frames)
    assert (video.width, video.height, video.fps, video.frames) == (256, 256, 25.0, 30)
    assert video.duration_s == pytest.approx(1.2)
    assert video.size_bytes == (tmp_path / "a.mp4").stat().st_size
    assert [file.name for file in tmp_path.iterdir()] == ["a.mp4"]


def test_players_get_h264_in_yuv420p_with_bt709_flagged_and_aac(
    tmp_path: Path, frames: list[np.ndarray]
) -> None:
    encode(tmp_path / "a.mp4", frames)
    facts = probe(tmp_path / "a.mp4")
    assert (facts.codec, facts.pixel_format) == ("h264", "yuv420p")
    assert (facts.audio_codec, facts.audio_sample_rate, facts.audio_channels) == ("aac", 48_000, 1)
    with av.open(str(tmp_path / "a.mp4")) as container:
        picture = container.streams.video[0].codec_context
        assert (picture.colorspace, picture.color_primaries, picture.color_trc, picture.color_range) == (
            1,
            1,
            1,
            1,
        )


def test_the_index_comes_before_the_media(tmp_path: Path, frames: list[np.ndarray]) -> None:
    encode(tmp_path / "a.mp4", frames)
    boxes = top_level_boxes(tmp_path / "a.mp4")
    assert boxes.index(b"moov") < boxes.index(b"mdat")


@pytest.mark.parametrize("fps", [24, 25, 29.97, 30, 60])
@pytest.mark.parametrize("speech_s", [0.2, 1.0, 3.0])
def test_picture_and_sound_start_at_zero_and_end_together(
    tmp_path: Path, frames: list[np.ndarray], fps: float, speech_s: float
) -> None:
    encode(tmp_path / "a.mp4", frames, fps=fps, audio=tone(speech_s))
    picture_start, picture_end, picture_times = presented(tmp_path / "a.mp4", "video")
    sound_start, sound_end, _ = presented(tmp_path / "a.mp4", "audio")
    assert picture_start == sound_start == 0.0
    assert picture_end == pytest.approx(30 / fps, abs=1e-3)
    assert sound_end == pytest.approx(picture_end, abs=1e-3)
    assert np.diff(picture_times) == pytest.approx(1 / fps, abs=1e-4)


@pytest.mark.parametrize("sample_rate", [16_000, 24_000, 44_100, 48_000])
def test_a_flash_and_a_click_stay_within_a_frame(tmp_path: Path, sample_rate: int) -> None:
    black, white = np.zeros((64, 64, 3), np.uint8), np.full((64, 64, 3), 255, np.uint8)
    audio = np.zeros(2 * sample_rate, np.float32)
    audio[sample_rate : sample_rate + sample_rate // 100] = 0.9
    flashing = [white if frame == 25 else black for frame in range(50)]
    encode(tmp_path / "a.mp4", flashing, audio=audio, sample_rate=sample_rate)
    brightness = [frame.mean() for frame in read_frames(tmp_path / "a.mp4")]
    assert int(np.argmax(brightness)) == 25
    with av.open(str(tmp_path / "a.mp4")) as container:
        blocks = [
            (float(block.pts * block.time_base), block.to_ndarray()[0]) for block in container.decode(audio=0)
        ]
    heard = np.concatenate([np.arange(len(samples)) / 48_000 + start for start, samples in blocks])
    loud = np.abs(np.concatenate([samples for _, samples in blocks])) > 0.4
    assert heard[loud][0] == pytest.approx(1.0, abs=0.005)


def test_colours_come_back_as_they_went_in(tmp_path: Path) -> None:
    picture = np.zeros((128, 128, 3), np.uint8)
    picture[:64, :64], picture[:64, 64:] = (200, 60, 60), (60, 180, 60)
    picture[64:, :64], picture[64:, 64:] = (60, 60, 200), (230, 230, 230)
    encode(tmp_path / "a.mp4", [picture] * 10)
    *_, last = read_frames(tmp_path / "a.mp4")
    for y, x in ((32, 32), (32, 96), (96, 32), (96, 96)):
        assert last[y, x].astype(int) == pytest.approx(picture[y, x].astype(int), abs=4)


def test_it_keeps_two_channels(tmp_path: Path, frames: list[np.ndarray]) -> None:
    encode(tmp_path / "a.mp4", frames, audio=np.stack([tone(1.2), 0 * tone(1.2)], axis=1))
    with av.open(str(tmp_path / "a.mp4")) as container:
        left, right = np.concatenate([block.to_ndarray() for block in container.decode(audio=0)], axis=1)
    assert np.abs(left).max() > 0.2
    assert np.abs(right).max() < 0.01


def test_the_same_frames_give_the_same_bytes(tmp_path: Path, frames: list[np.ndarray]) -> None:
    encode(tmp_path / "a.mp4", frames)
    encode(tmp_path / "b.mp4", frames)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_it_bears_its_date(tmp_path: Path, frames: list[np.ndarray]) -> None:
    made = datetime(2026, 11, 28, 18, 30, tzinfo=UTC)
    encode(tmp_path / "a.mp4", frames[:5], created_at=made)
    data = (tmp_path / "a.mp4").read_bytes()
    seconds = []
    for name in (b"mvhd", b"tkhd", b"mdhd"):
        for place in (found.start() for found in re.finditer(name, data)):
            seconds.append(int.from_bytes(data[place + 8 : place + 12], "big"))
    assert len(seconds) == 5
    since_1904 = timedelta(seconds=seconds[0])
    assert datetime(1904, 1, 1, tzinfo=UTC) + since_1904 == made
    assert set(seconds) == {seconds[0]}


def test_it_counts_every_frame_for_the_caller(tmp_path: Path, frames: list[np.ndarray]) -> None:
    counted: list[int] = []
    encode(tmp_path / "a.mp4", frames, on_frame=counted.append)
    assert counted == list(range(1, 31))


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("at", [1, 15, 30])
def test_a_cancelled_encoding_leaves_nothing(tmp_path: Path, frames: list[np.ndarray], at: int) -> None:
    def cancel(done: int) -> None:
        if done == at:
            raise Cancelled

    with pytest.raises(Cancelled):
        encode(tmp_path / "a.mp4", frames, on_frame=cancel)
    assert list(tmp_path.iterdir()) == []


def test_a_failing_renderer_leaves_nothing_and_is_heard(tmp_path: Path, frames: list[np.ndarray]) -> None:
    def break_down() -> Iterator[np.ndarray]:
        yield from frames[:10]
        raise ZeroDivisionError("rendering broke")

    with pytest.raises(ZeroDivisionError, match="rendering broke"):
        encode(tmp_path / "a.mp4", break_down())
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_file_that_was_there(tmp_path: Path, frames: list[np.ndarray]) -> None:
    (tmp_path / "a.mp4").write_bytes(b"the earlier video")
    with pytest.raises(ValueError, match="even sides"):
        encode(tmp_path / "a.mp4", [*frames[:5], frames[5][:, :100]])
    assert (tmp_path / "a.mp4").read_bytes() == b"the earlier video"
    assert len(list(tmp_path.iterdir())) == 1


def test_no_frames_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(EncodingFailed, match="no frame"):
        encode(tmp_path / "a.mp4", [], audio=tone(1))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_a_failure(tmp_path: Path, frames: list[np.ndarray]) -> None:
    with pytest.raises(EncodingFailed):
        encode(tmp_path / "missing" / "a.mp4", frames)


@pytest.mark.parametrize("audio", [np.zeros((10, 3), np.float32), np.array([np.nan], np.float32)])
def test_it_refuses_sound_of_another_form(
    tmp_path: Path, frames: list[np.ndarray], audio: np.ndarray
) -> None:
    with pytest.raises(ValueError, match="audio"):
        encode(tmp_path / "a.mp4", frames, audio=audio)
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import numpy as np
from generation.pipeline.encode import EncodingFailed, encode_video

limit = int(sys.argv[2])
if limit >= 0:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = np.random.default_rng(0)
frames = (noise.integers(0, 256, (256, 256, 3), dtype=np.uint8) for _ in range(40))
try:
    encode_video(frames, fps=25, audio=np.zeros(1000, np.float32), sample_rate=16000,
                 destination=Path(sys.argv[1]) / "a.mp4", mark=lambda luma: luma, on_frame=lambda done: None)
except EncodingFailed as error:
    print("EncodingFailed", error)
"""


def write_on_a_full_disk(folder: Path, limit: int) -> str:
    """Encode in a process whose files may not grow above `limit` bytes (-1: any size). Its output."""
    command = [sys.executable, "-c", FULL_DISK, str(folder), str(limit)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_a_full_disk_leaves_nothing_at_whatever_byte_it_strikes(tmp_path: Path) -> None:
    """In the header, in the media, in the index and in the move of the index to the front."""
    assert write_on_a_full_disk(tmp_path, -1) == ""
    whole = (tmp_path / "a.mp4").stat().st_size
    (tmp_path / "a.mp4").unlink()
    for limit in (0, 40, whole // 2, whole - 2000, whole - 1):
        assert write_on_a_full_disk(tmp_path, limit).startswith("EncodingFailed")
        assert list(tmp_path.iterdir()) == []


def test_a_failure_does_not_say_where_the_file_was(tmp_path: Path) -> None:
    assert str(tmp_path) not in write_on_a_full_disk(tmp_path, 1000)


def test_what_is_encoded_is_the_luma_that_the_mark_returns(tmp_path: Path) -> None:
    given = []

    def darken(luma: np.ndarray) -> np.ndarray:
        given.append(luma.copy())
        return np.asarray(np.minimum(luma, 100), np.uint8)

    encode(tmp_path / "a.mp4", moving_portrait("maya", 3, size=256), mark=darken)
    assert [plane.shape for plane in given] == [(256, 256)] * 3
    assert min(plane.min() for plane in given) >= 16
    brightest = max(int(np.percentile(frame, 99)) for frame in read_luma(tmp_path / "a.mp4"))
    assert brightest < (100 - 16) * 255 / 219 + 12
