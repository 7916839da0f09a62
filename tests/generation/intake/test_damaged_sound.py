"""What is missing in a damaged recording is told with its seconds, and its place is kept in time."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from generation.intake.inspect_audio import check_length
from generation.intake.refusals import IntakeRefused
from generation.intake.sound.decoding import DecodedSound, decode_sound
from generation.intake.sound.missing_time import gaps_between_frames
from tests.generation.intake.files import encoded, speech, wav


def decoded(tmp_path: Path, data: bytes, container: str) -> DecodedSound:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return decode_sound(path, container)


def remarks(sound: DecodedSound) -> list[str]:
    return [warning.code for warning in check_length(sound.samples.shape[1] / 48_000, sound.gaps)]


def with_hole(data: bytes, length: int) -> bytes:
    return data[: len(data) // 2] + data[len(data) // 2 + length :]


def with_zeros(data: bytes, length: int) -> bytes:
    return data[: len(data) // 2] + bytes(length) + data[len(data) // 2 + length :]


@pytest.mark.parametrize("part", [0.95, 0.97, 0.99])
def test_a_little_missing_at_the_end_of_a_wav_is_warned_of(tmp_path: Path, part: float) -> None:
    data = wav(speech(4))
    sound = decoded(tmp_path, data[: int(len(data) * part)], "wav")
    assert sound.missing_s == pytest.approx(4 * (1 - part), abs=0.01)
    assert remarks(sound) == ["audio_incomplete"]


def test_an_mp3_that_is_cut_off_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    data = encoded(speech(4), "mp3", "libmp3lame")
    sound = decoded(tmp_path, data[: int(len(data) * 0.62)], "mp3")
    assert sound.missing_s == pytest.approx(4 * 0.38, abs=0.1)
    with pytest.raises(IntakeRefused) as refusal:
        remarks(sound)
    assert refusal.value.code == "audio_damaged"
    assert "s of it are missing" in refusal.value.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("container", "codec", "demuxer"),
    [("mp3", "libmp3lame", "mp3"), ("adts", "aac", "aac"), ("flac", "flac", "flac")],
)
@pytest.mark.parametrize("damage", [with_hole, with_zeros])
def test_a_hole_is_found_and_what_follows_stays_in_its_place(
    tmp_path: Path, container: str, codec: str, demuxer: str, damage
) -> None:
    data = encoded(speech(8), container, codec)
    whole = decoded(tmp_path, data, demuxer).samples[0].astype(float)
    sound = decoded(tmp_path, damage(data, 400), demuxer)
    assert sound.missing_s > 0.02
    holed = sound.samples[0].astype(float)
    assert abs(len(holed) - len(whole)) / 48_000 < 0.1
    late = slice(6 * 48_000, 7 * 48_000)
    shifts = range(-4800, 4801, 24)
    best = max(shifts, key=lambda shift: np.dot(np.roll(holed, shift)[late], whole[late]))
    assert abs(best) / 48_000 <= 0.1


@pytest.mark.parametrize("codec", ["libopus", "flac"])
def test_an_ogg_with_three_flipped_bytes_does_not_lose_a_second_in_silence(
    tmp_path: Path, codec: str
) -> None:
    data = bytearray(encoded(speech(8), "ogg", codec))
    for place in (0, 1, 7):
        data[len(data) // 2 + place] ^= 0x55
    sound = decoded(tmp_path, bytes(data), "ogg")
    assert sound.samples.shape[1] / 48_000 == pytest.approx(8, abs=0.05)
    assert sound.missing_s > 0.5
    with pytest.raises(IntakeRefused):
        remarks(sound)


@pytest.mark.parametrize(
    ("container", "codec", "demuxer"),
    [("ogg", "libopus", "ogg"), ("webm", "libopus", "matroska"), ("matroska", "flac", "matroska")],
)
def test_a_file_that_ends_in_the_middle_of_a_block_is_refused(
    tmp_path: Path, container: str, codec: str, demuxer: str
) -> None:
    data = encoded(speech(4), container, codec)
    with pytest.raises(IntakeRefused) as refusal:
        decoded(tmp_path, data[: int(len(data) * 0.7)], demuxer)
    assert refusal.value.code == "audio_damaged"


@pytest.mark.parametrize("part", [0.5, 0.9, 0.97])
def test_a_video_of_a_camera_that_is_cut_off_does_not_lose_its_end_in_silence(
    tmp_path: Path, part: float
) -> None:
    data = encoded(speech(4), "avi", "pcm_s16le")
    with pytest.raises(IntakeRefused) as refusal:
        remarks(decoded(tmp_path, data[: int(len(data) * part)], "avi"))
    assert refusal.value.code == "audio_damaged"


@pytest.mark.parametrize("part", [0.95, 0.99])
def test_a_little_missing_at_the_end_of_a_telephone_recording_is_warned_of(
    tmp_path: Path, part: float
) -> None:
    data = encoded(speech(4), "au", "pcm_mulaw", 8_000)
    sound = decoded(tmp_path, data[: int(len(data) * part)], "au")
    assert sound.missing_s == pytest.approx(4 * (1 - part), abs=0.01)
    assert remarks(sound) == ["audio_incomplete"]


@pytest.mark.parametrize(
    ("container", "codec", "demuxer"),
    [("mp3", "libmp3lame", "mp3"), ("webm", "libopus", "matroska"), ("ogg", "libopus", "ogg")],
)
def test_what_stands_behind_the_sound_does_not_matter(
    tmp_path: Path, container: str, codec: str, demuxer: str
) -> None:
    sound = decoded(tmp_path, encoded(speech(2), container, codec) + b"garbage" * 50, demuxer)
    assert sound.gaps == ()


@pytest.mark.parametrize(("index", "rate"), [(0, 96_000), (11, 8_000), (12, 7_350)])
def test_the_frames_of_every_rate_that_adts_knows_have_their_time(index: int, rate: int) -> None:
    frame = bytes([0xFF, 0xF1, 0x40 | index << 2, 0x80, 20 >> 3, (20 & 7) << 5 | 0x1F, 0xFC]) + bytes(13)
    gaps, there_s = gaps_between_frames(BytesIO(9 * frame), 180, "adts")
    assert gaps == []
    assert there_s == pytest.approx(9 * 1024 / rate)
