"""What is read from a file in the closed process: media type, frames, hidden data, mark."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from provenance.verify.evidence.media_type import sniff
from provenance.verify.reader.frames import NotDecodable, frame_facts, sampled
from provenance.verify.reader.mp4_boxes import has_hidden_data
from provenance.verify.reader.watermark_search import search_watermark
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from tests.provenance.clips import FPS, moving_frames, truncated, with_free_box, write_clip

pytestmark = pytest.mark.slow

SECRET = b"0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x08wide\x00\x00", "video/quicktime"),
        (b"\x00\x00\x00\x1cftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x1cftypavif", "image/avif"),
        (b"\x1a\x45\xdf\xa3\x01", "video/webm"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video/avi"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<svg>', "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<html>', None),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"fLaC\x00", "audio/flac"),
        (b"OggS\x00", "audio/ogg"),
        (b"once upon a time", None),
        (b"RIFF\x00\x00\x00\x00????", None),
        (b"#!/bin/sh\n", None),
        (b"#EXTM3U\nhttp://127.0.0.1/", None),
        (b"%PDF-1.7", "application/pdf"),
        (b"", None),
    ],
)
def test_it_sniffs(head: bytes, name: str | None) -> None:
    found = sniff(head)
    assert (found.name if found else None) == name


def frames_of(path: Path) -> list[tuple[int, np.ndarray]]:
    facts = frame_facts(path)
    assert facts is not None
    return list(sampled(path, facts))


def test_it_reads_a_short_clip_through(tmp_path: Path) -> None:
    frames = frames_of(write_clip(tmp_path / "clip.mp4", moving_frames(75)))
    assert [second for second, _ in frames] == sorted(second for second, _ in frames)
    assert {second for second, _ in frames} == {0, 1, 2}
    assert 20 < len(frames) <= 48
    assert {(luma.shape, str(luma.dtype)) for _, luma in frames} == {((320, 320), "uint8")}


def test_it_looks_into_a_long_clip_at_places_all_over_it(tmp_path: Path) -> None:
    clip = write_clip(
        tmp_path / "clip.mp4", (np.full((64, 64, 3), n % 200, np.uint8) for n in range(25 * 40))
    )
    frames = frames_of(clip)
    assert len(frames) == 48
    assert max(second for second, _ in frames) > 30


def grey_of_second(second: float) -> int:
    return 40 + 4 * int(second)


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds, each of another grey, with a key frame every ten; in each second a bright bar moves."""
    frames = []
    for number in range(40 * FPS):
        frame = np.full((64, 64, 3), grey_of_second(number / FPS), np.uint8)
        frame[:16, 2 * (number % FPS) : 2 * (number % FPS) + 8] = 250
        frames.append(frame)
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return write_clip(path, frames, has_audio=False, key_frame_every=10 * FPS)


def test_no_frame_of_a_long_clip_is_looked_at_twice(long_clip: Path) -> None:
    frames = frames_of(long_clip)
    assert len(frames) == len({luma.tobytes() for _, luma in frames}) == 48


def test_the_places_in_a_long_clip_lie_evenly_between_key_frames_too(long_clip: Path) -> None:
    begins = [second for second, _ in frames_of(long_clip)][::4]
    assert begins == pytest.approx([40 * place / 12 for place in range(12)], abs=1.1)


def test_frames_of_a_long_clip_come_with_their_true_second(long_clip: Path) -> None:
    for second, luma in frames_of(long_clip):
        assert np.median(luma[20:]) == pytest.approx(grey_of_second(second), abs=2.5)


def test_what_is_decoded_on_the_way_to_places_is_bounded(
    long_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.verify.reader.frames.MOST_PIXELS_ON_THE_WAY", 12 * 10 * 64 * 64)
    frames = frames_of(long_clip)
    assert len(frames) == len({luma.tobytes() for _, luma in frames}) == 48
    assert {second // 10 for second, _ in frames} == {0, 1, 2, 3}
    for second, luma in frames:
        assert np.median(luma[20:]) == pytest.approx(grey_of_second(second), abs=2.5)


def test_a_header_that_says_a_clip_is_long_hides_nothing(long_clip: Path) -> None:
    facts = frame_facts(long_clip)
    assert facts is not None
    assert len(list(sampled(long_clip, replace(facts, duration_s=4000.0)))) == 48


def test_it_gives_what_is_left_of_a_long_transport_stream_with_damage(
    long_clip: Path, tmp_path: Path
) -> None:
    path = tmp_path / "long.ts"
    with av.open(str(long_clip)) as source, av.open(str(path), "w", format="mpegts") as target:
        copied = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = copied
                target.mux(packet)
    data = bytearray(path.read_bytes())
    for place in range(len(data) // 3, len(data) // 3 * 2, 97):
        data[place] ^= 0x5A
    path.write_bytes(data)
    assert len(frames_of(path)) > 8


def test_it_gives_what_is_left_of_a_damaged_file(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(30), has_audio=False)
    clip.write_bytes(truncated(clip.read_bytes()))
    assert 5 < len(frames_of(clip)) < 30


def test_it_scales_large_frames_down(tmp_path: Path) -> None:
    wide = write_clip(tmp_path / "wide.mp4", [np.full((720, 2560, 3), 90, np.uint8)], has_audio=False)
    assert frames_of(wide)[0][1].shape == (360, 1280)


def test_it_does_not_decode_giants(tmp_path: Path) -> None:
    Image.new("1", (5000, 5000)).save(tmp_path / "large.png")
    with pytest.raises(NotDecodable):
        frame_facts(tmp_path / "large.png")
    assert search_watermark(tmp_path / "large.png", [SECRET]).state == "inconclusive"


def test_it_cannot_decide_about_an_unknown_codec(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(3))
    clip.write_bytes(clip.read_bytes().replace(b"avc1", b"zzzz").replace(b"avcC", b"zzzC"))
    with pytest.raises(NotDecodable):
        frame_facts(clip)
    assert search_watermark(clip, [SECRET]).state == "inconclusive"


def test_it_survives_a_picture_that_lies_about_its_size(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(header)) + b"IHDR" + header + b"\0" * 4
    (tmp_path / "giant.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)
    extraction = search_watermark(tmp_path / "giant.png", [SECRET]).extraction
    assert extraction is not None
    assert not extraction.is_judged


def test_it_opens_no_file_that_a_file_names(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "secret.mp4", moving_frames(3))
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile '{clip}'\n")
    with pytest.raises(av.error.FFmpegError):
        frame_facts(playlist)
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{clip}\n#EXT-X-ENDLIST\n")
    with pytest.raises(av.error.FFmpegError):
        frame_facts(playlist)


def test_it_says_from_where_on_a_clip_is_marked(tmp_path: Path) -> None:
    embedder = Embedder(WatermarkPayload(77), WatermarkKey(SECRET))
    frames = [*moving_frames(50, seed=4), *moving_frames(75, seed=3)]
    passed = iter(range(len(frames)))
    clip = write_clip(
        tmp_path / "spliced.mp4",
        frames,
        has_audio=False,
        mark=lambda luma: embedder.mark(luma) if next(passed) >= 50 else luma,
    )
    found = search_watermark(clip, [SECRET]).extraction
    assert found is not None
    assert found.readings[0].payload == WatermarkPayload(77)
    assert found.readings[0].seconds == (2, 3, 4)


def test_it_does_not_look_for_a_mark_without_a_picture(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "tone.wav"), "w", format="wav") as out:
        stream = out.add_stream("pcm_s16le", rate=16_000, layout="mono")
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.int16), format="s16", layout="mono")
        sound.sample_rate = 16_000
        out.mux(stream.encode(sound))
    assert search_watermark(tmp_path / "tone.wav", [SECRET]).state == "not_looked_for"


def test_it_sees_data_that_no_signature_covers(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.mp4", moving_frames(3))
    assert not has_hidden_data(clip)
    (tmp_path / "free.mp4").write_bytes(with_free_box(clip.read_bytes()))
    assert has_hidden_data(tmp_path / "free.mp4")
    (tmp_path / "zeros.mp4").write_bytes(clip.read_bytes() + struct.pack(">I4s", 1008, b"free") + bytes(1000))
    assert not has_hidden_data(tmp_path / "zeros.mp4")
    large = struct.pack(">I4sQ", 1, b"skip", 116) + b"Y" * 100
    (tmp_path / "large.mp4").write_bytes(clip.read_bytes() + large)
    assert has_hidden_data(tmp_path / "large.mp4")


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x00\x00\x00\x00free", b"\x00\x00\x00\x04free" * 9])
def test_it_is_not_stopped_by_nonsense_boxes(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "nonsense.mp4").write_bytes(data)
    assert not has_hidden_data(tmp_path / "nonsense.mp4")
