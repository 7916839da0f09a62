"""What a finished file is asked: a sample of its pictures is decoded, and all of them are compared with what
was encoded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from generation.pipeline.decode import DecodingFailed, read_luma, read_spread_luma
from generation.pipeline.encode import EncodedVideo, encode_video
from generation.pipeline.picture_digest import annex_b_units, length_prefixed_units
from generation.pipeline.read_back import check_pictures
from generation.pipeline.segments.stretches import ProductionFailed

FPS, FRAMES, SIDE = 5, 64, 96  # key frames at 0, 25 and 50


def pictures(frames: int = FRAMES) -> list[np.ndarray]:
    """Frames that all differ, with pictures between key frames that are taken from both sides."""
    random = np.random.default_rng(3)
    noise = random.integers(0, 255, (SIDE, 2 * SIDE, 3)).astype(np.uint8)
    return [np.ascontiguousarray(noise[:, number : number + SIDE]) for number in range(frames)]


def encoded(path: Path, frames: list[np.ndarray]) -> EncodedVideo:
    return encode_video(
        frames,
        fps=FPS,
        audio=np.zeros(round(len(frames) / FPS * 8_000), np.float32),
        sample_rate=8_000,
        destination=path,
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> EncodedVideo:
    return encoded(tmp_path_factory.mktemp("video") / "a.mp4", pictures())


@pytest.mark.parametrize("every", [1, 2, 7, 24, 25, 26, 63, 99])
def test_spread_frames_are_those_of_a_decoder_that_reads_everything(video: EncodedVideo, every: int) -> None:
    spread = list(read_spread_luma(video.path, every=every))
    assert len(spread) == len(range(0, FRAMES, every))
    for one, other in zip(spread, read_luma(video.path, every=every), strict=True):
        assert (one == other).all()


def damaged(video: EncodedVideo, path: Path, number: int) -> Path:
    """A copy of the file in which one picture, counted in the order of decoding, has a wrong byte."""
    with av.open(str(video.path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        at = packets[number].pos + packets[number].size - 1
    data = bytearray(video.path.read_bytes())
    data[at] ^= 0x55
    path.write_bytes(bytes(data))
    return path


def test_a_picture_that_is_not_decoded_cannot_be_another(video: EncodedVideo, tmp_path: Path) -> None:
    path = damaged(video, tmp_path / "a.mp4", 40)
    for one, other in zip(
        read_spread_luma(path, every=25), read_spread_luma(video.path, every=25), strict=True
    ):
        assert (one == other).all()
    check_pictures(video.path, video)
    with pytest.raises(ProductionFailed, match="other pictures"):
        check_pictures(path, video)


def copied(video: EncodedVideo, path: Path, keeps: Callable[[int], bool], later: int = 0) -> Path:
    """A copy without some pictures, and with others `later` steps of time later."""
    with av.open(str(video.path)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        number = 0
        for packet in source.demux(source.streams.video[0]):
            if packet.size and packet.pts is not None and packet.dts is not None:
                if keeps(number):
                    packet.stream = stream
                    packet.pts += later if number == 60 else 0
                    target.mux(packet)
                number += 1
    return path


def test_a_copy_with_all_pictures_holds_what_was_encoded(video: EncodedVideo, tmp_path: Path) -> None:
    check_pictures(copied(video, tmp_path / "a.mp4", lambda number: True), video)


def test_a_picture_that_is_left_out_is_missed(video: EncodedVideo, tmp_path: Path) -> None:
    path = copied(video, tmp_path / "a.mp4", lambda number: number != 60)
    with pytest.raises(ProductionFailed):
        check_pictures(path, video)


def test_a_picture_that_is_shown_at_another_time_is_noticed(video: EncodedVideo, tmp_path: Path) -> None:
    path = copied(video, tmp_path / "a.mp4", lambda number: True, later=100_000)
    with pytest.raises(ProductionFailed):
        check_pictures(path, video)


def test_pictures_of_another_encoding_are_others(video: EncodedVideo, tmp_path: Path) -> None:
    frames = pictures()
    frames[30] = frames[31]
    with pytest.raises(ProductionFailed):
        check_pictures(encoded(tmp_path / "a.mp4", frames).path, video)


def test_what_is_no_video_cannot_be_compared(video: EncodedVideo, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(DecodingFailed):
        check_pictures(tmp_path / "a.mp4", video)
    with pytest.raises(DecodingFailed):
        list(read_spread_luma(tmp_path / "a.mp4", every=1))


def test_units_are_the_same_however_they_are_wrapped() -> None:
    units = [b"\x67\x64\x00\x0a", b"\x65\x88\x84\x00\x03", b"\x06\x05"]
    stream = b"".join(
        code + unit for code, unit in zip((b"\0\0\0\1", b"\0\0\1", b"\0\0\0\1"), units, strict=True)
    )
    sized = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
    assert annex_b_units(stream) == length_prefixed_units(sized) == units


@pytest.mark.parametrize("data", [b"\0\0\0\5abc", b"\0\0\0\1ab", b"\0\0"])
def test_sizes_that_do_not_fit_are_refused(data: bytes) -> None:
    with pytest.raises(DecodingFailed):
        length_prefixed_units(data)
