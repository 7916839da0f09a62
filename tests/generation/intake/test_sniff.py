from __future__ import annotations

from pathlib import Path

import pytest
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from benchmarks.service import intake_pictures, intake_sounds
from generation.intake.formats.media_format import AUDIO_FORMATS, PORTRAIT_FORMATS, MediaFormat
from generation.intake.formats.sniff import Sniffed, sniff
from generation.intake.refusals import IntakeRefused
from tests.generation.intake.files import encoded, portrait, saved, speech, wav


def sniffed(
    tmp_path: Path,
    data: bytes,
    accepted: tuple[MediaFormat, ...] = PORTRAIT_FORMATS,
    name: str = "",
    content_type: str = "",
) -> Sniffed:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return sniff(path, accepted, name=name, content_type=content_type)


def refusal_of(tmp_path: Path, data: bytes, accepted: tuple[MediaFormat, ...], name: str = "") -> str:
    with pytest.raises(IntakeRefused) as refusal:
        sniffed(tmp_path, data, accepted, name)
    return refusal.value.code


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("camera.jpg", "JPEG"),
        ("two views.jpg", "JPEG"),
        ("png.png", "PNG"),
        ("animated.png", "PNG"),
        ("webp.webp", "WEBP"),
        ("telephone.heic", "HEIF"),
        ("avif.avif", "AVIF"),
        ("animated.avif", "AVIF"),
        ("film.jp2", "JPEG2000"),
        ("stream.j2k", "JPEG2000"),
        ("scan.tif", "TIFF"),
        ("bitmap.bmp", "BMP"),
        ("gif.gif", "GIF"),
    ],
)
def test_it_knows_pictures_by_their_content(tmp_path: Path, shape: str, found: str) -> None:
    data = next(one for one in intake_pictures.SHAPES if one.name == shape).make()
    answer = sniffed(tmp_path, data, name=shape)
    assert (answer.format.name, answer.warnings) == (found, ())


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ("rf64.wav", "wav"),
        ("wave64.w64", "w64"),
        ("aiff.aif", "aiff"),
        ("core audio.caf", "caf"),
        ("flac.flac", "flac"),
        ("opus.opus", "ogg"),
        ("browser.webm", "matroska"),
        ("browser.mp4", "mp4"),
        ("android mp42.m4a", "mp4"),
        ("samsung 3gp4.m4a", "mp4"),
        ("dash.m4a", "mp4"),
        ("voice memo.3gp", "mp4"),
        ("voice memo.amr", "amr"),
        ("quicktime.mov", "mp4"),
        ("video.mp4", "mp4"),
        ("mp3.mp3", "mp3"),
        ("mp3 without header.mp3", "mp3"),
        ("mp3 with id3.mp3", "mp3"),
        ("mp3 24 kHz.mp3", "mp3"),
        ("layer 2.mp2", "mp3"),
        ("aac.aac", "aac"),
        ("windows media.wma", "asf"),
        ("flac with id3.flac", "flac"),
        ("telephone.au", "au"),
        ("camera.avi", "avi"),
        ("camcorder.mts", "mpegts"),
        ("camcorder.mpg", "mpeg"),
    ],
)
def test_it_knows_sound_by_its_content(tmp_path: Path, shape: str, found: str) -> None:
    data = next(one for one in intake_sounds.SHAPES if one.name == shape).make()
    answer = sniffed(tmp_path, data, AUDIO_FORMATS, shape)
    assert (answer.format.name, answer.warnings) == (found, ())


def test_it_knows_frames_of_a_telephone_and_packets_with_a_time_before_each(tmp_path: Path) -> None:
    frames = (b"\xd4" + bytes(range(32))) * 10
    assert sniffed(tmp_path, frames, AUDIO_FORMATS, "a.gsm").format.name == "gsm"
    packets = (bytes(4) + b"\x47" + bytes(187)) * 10
    assert sniffed(tmp_path, packets, AUDIO_FORMATS, "a.m2ts").format.name == "mpegts"


def test_it_knows_a_large_tiff(tmp_path: Path) -> None:
    assert sniffed(tmp_path, saved(portrait(64), "TIFF", big_tiff=True)).format.name == "TIFF"


@pytest.mark.parametrize("maker", ["dng", "cr2", "nef"])
def test_a_raw_file_of_a_camera_is_not_taken_for_its_small_preview(tmp_path: Path, maker: str) -> None:
    preview: dict[str, dict[int, object]] = {"dng": {50_706: b"\1\4\0\0"}, "nef": {254: 1, 330: 8}, "cr2": {}}
    tags = ImageFileDirectory_v2()
    for tag, value in preview[maker].items():
        tags[tag] = value
    data = bytearray(saved(portrait(64), "TIFF", tiffinfo=tags))
    if maker == "cr2":
        data[8:11] = b"CR\x02"
    assert refusal_of(tmp_path, bytes(data), PORTRAIT_FORMATS, f"a.{maker}") == "file_type_unsupported"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.png", ""), ("a.jpg", "image/png"), ("a.mp3", ""), ("", "audio/wav")],
)
def test_a_wrong_name_or_content_type_draws_a_warning(tmp_path: Path, name: str, content_type: str) -> None:
    answer = sniffed(tmp_path, saved(portrait(64), "JPEG"), name=name, content_type=content_type)
    assert answer.format.name == "JPEG"
    (warning,) = answer.warnings
    assert warning.code == "named_otherwise"
    assert "JPEG" in warning.message


@pytest.mark.parametrize("name", ["Anna M. Meyer", "noname", "a.jpg.download", ""])
def test_a_name_that_claims_nothing_draws_none(tmp_path: Path, name: str) -> None:
    answer = sniffed(
        tmp_path, saved(portrait(64), "JPEG"), name=name, content_type="application/octet-stream"
    )
    assert answer.warnings == ()


@pytest.mark.parametrize(
    ("container", "codec", "name", "content_type"),
    [("ipod", "aac", "a.m4a", "audio/mpeg"), ("ogg", "libopus", "a.ogg", "video/ogg")],
)
def test_content_types_that_programs_commonly_send_draw_none(
    tmp_path: Path, container: str, codec: str, name: str, content_type: str
) -> None:
    data = encoded(speech(0.6), container, codec)
    assert sniffed(tmp_path, data, AUDIO_FORMATS, name, content_type).warnings == ()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.png", "file_empty"),
        (b"only text, whatever it is called\n" * 9, "a.png", "file_type_mismatch"),
        (b"%PDF-1.7\n" + bytes(90), "a.pdf", "file_type_unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "file_type_unsupported"),
        (b"PK\x03\x04" + bytes(90), "a.zip", "file_type_unsupported"),
        (wav(speech(0.6)), "a.jpg", "file_type_unsupported"),
    ],
)
def test_it_refuses_what_is_no_portrait(tmp_path: Path, data: bytes, name: str, code: str) -> None:
    assert refusal_of(tmp_path, data, PORTRAIT_FORMATS, name) == code


@pytest.mark.parametrize(
    ("name", "code"), [("a.mp4", "file_type_mismatch"), ("a.txt", "file_type_unsupported")]
)
def test_it_refuses_text(tmp_path: Path, name: str, code: str) -> None:
    assert refusal_of(tmp_path, b"only text\n" * 50, AUDIO_FORMATS, name) == code


def test_it_refuses_a_playlist_that_names_other_files(tmp_path: Path) -> None:
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n"
    for name in ("a.m3u8", "a.mp3", "a.wav"):
        refusal_of(tmp_path, playlist, AUDIO_FORMATS, name)


def test_it_reads_no_further_than_it_must_in_a_file_of_boxes_in_boxes(tmp_path: Path) -> None:
    nested = b"".join((8 * (4000 - depth)).to_bytes(4, "big") + b"moov" for depth in range(4000))
    assert sniffed(tmp_path, nested, AUDIO_FORMATS).format.name == "mp4"
