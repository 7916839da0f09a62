from __future__ import annotations

import pytest

from generation.intake.media_types import AUDIO_TYPES, PORTRAIT_TYPES, sniff
from generation.intake.refusals import IntakeRefused
from tests.generation.intake.files import encoded, portrait, saved, speech, wav


@pytest.mark.parametrize(
    ("image_format", "name", "content_type"),
    [("JPEG", "a.jpg", "image/jpeg"), ("PNG", "A.PNG", "image/png"), ("WEBP", "a.webp", "image/webp")],
)
def test_it_knows_pictures_by_their_content(image_format: str, name: str, content_type: str) -> None:
    data = saved(portrait(64), image_format)
    assert sniff(data, PORTRAIT_TYPES, name=name, content_type=content_type).name == image_format
    assert sniff(data, PORTRAIT_TYPES, name="", content_type="").name == image_format
    assert sniff(data, PORTRAIT_TYPES, name="noname", content_type="application/octet-stream").name


@pytest.mark.parametrize(
    ("container", "codec", "found"),
    [
        ("mp3", "libmp3lame", "mp3"),
        ("ipod", "aac", "mp4"),
        ("flac", "flac", "flac"),
        ("ogg", "libopus", "ogg"),
    ],
)
def test_it_knows_sound_by_its_content(container: str, codec: str, found: str) -> None:
    data = encoded(speech(0.6), container, codec)
    assert sniff(data[:8192], AUDIO_TYPES, name="", content_type="").name == found


def test_it_knows_an_mp3_without_a_tag() -> None:
    data = encoded(speech(0.6), "mp3", "libmp3lame")
    frames = data[data.index(b"\xff\xfb") :]
    assert sniff(frames, AUDIO_TYPES, name="a.mp3", content_type="audio/mpeg").name == "mp3"


@pytest.mark.parametrize(
    ("data", "name", "content_type", "code"),
    [
        (b"", "a.png", "image/png", "file_empty"),
        (b"only text, whatever it is called\n" * 9, "a.png", "", "file_type_mismatch"),
        (b"only text, whatever it is called\n" * 9, "a", "image/png", "file_type_mismatch"),
        (b"%PDF-1.7\n" + bytes(90), "a.pdf", "application/pdf", "file_type_unsupported"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "image/svg+xml", "file_type_unsupported"),
        (b"GIF89a" + bytes(90), "a.gif", "image/gif", "file_type_unsupported"),
        (b"PK\x03\x04" + bytes(90), "a.zip", "", "file_type_unsupported"),
    ],
)
def test_it_refuses_what_is_no_portrait(data: bytes, name: str, content_type: str, code: str) -> None:
    with pytest.raises(IntakeRefused) as refusal:
        sniff(data, PORTRAIT_TYPES, name=name, content_type=content_type)
    assert refusal.value.code == code


def test_it_refuses_a_jpeg_called_png() -> None:
    with pytest.raises(IntakeRefused) as refusal:
        sniff(saved(portrait(64), "JPEG"), PORTRAIT_TYPES, name="a.png", content_type="")
    assert refusal.value.code == "file_type_mismatch"


def test_it_refuses_a_png_sent_as_jpeg() -> None:
    with pytest.raises(IntakeRefused) as refusal:
        sniff(saved(portrait(64), "PNG"), PORTRAIT_TYPES, name="a.png", content_type="image/jpeg")
    assert refusal.value.code == "file_type_mismatch"


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.txt"])
def test_it_refuses_text_called(name: str) -> None:
    with pytest.raises(IntakeRefused) as refusal:
        sniff(b"only text\n" * 50, AUDIO_TYPES, name=name, content_type="")
    assert refusal.value.code == "file_type_unsupported"


def test_it_refuses_a_playlist_that_names_other_files() -> None:
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n"
    for name in ("a.m3u8", "a.mp3", "a.wav"):
        with pytest.raises(IntakeRefused):
            sniff(playlist, AUDIO_TYPES, name=name, content_type="")


def test_it_refuses_a_wav_called_mp3() -> None:
    with pytest.raises(IntakeRefused) as refusal:
        sniff(wav(speech(0.6)), AUDIO_TYPES, name="a.mp3", content_type="audio/mpeg")
    assert refusal.value.code == "file_type_mismatch"
