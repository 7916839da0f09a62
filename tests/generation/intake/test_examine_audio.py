"""Through the whole door: sniffing, the limited process, decoding, judging."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from generation.intake.examine import AudioFacts, examine_driving_audio
from generation.intake.refusals import IntakeRefused
from provenance.sandbox.requirement import ReaderLate
from tests.generation.intake.files import encoded, speech, wav


def examined(tmp_path: Path, data: bytes, name: str = "") -> AudioFacts:
    source = tmp_path / "upload"
    source.write_bytes(data)
    return examine_driving_audio(source, name=name, content_type="", workspace=tmp_path)


def test_it_normalises_to_48_khz_mono(tmp_path: Path) -> None:
    facts = examined(tmp_path, encoded(speech(2), "flac", "flac", 44_100), "speech.flac")
    assert facts.duration_s == pytest.approx(2, abs=0.01)
    with wave.open(str(facts.path)) as stored:
        assert (stored.getnchannels(), stored.getsampwidth(), stored.getframerate()) == (1, 2, 48_000)
        assert stored.getnframes() / 48_000 == facts.duration_s


@pytest.mark.slow
def test_examining_what_it_made_gives_the_same_again(tmp_path: Path) -> None:
    made = examined(tmp_path, wav(speech(1))).path.read_bytes()
    assert examined(tmp_path, made).path.read_bytes() == made


@pytest.mark.slow
def test_a_voice_in_a_room_stays_stereo_and_stays_so(tmp_path: Path) -> None:
    sound = speech(1)
    made = examined(tmp_path, wav(np.stack([sound, 0.7 * np.roll(sound, 5)], axis=1))).path.read_bytes()
    again = examined(tmp_path, made)
    assert again.path.read_bytes() == made
    with wave.open(str(again.path)) as stored:
        assert stored.getnchannels() == 2
    assert again.duration_s == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.wav", "file_empty"),
        (b"only text\n" * 20, "a.wav", "file_type_mismatch"),
        (b"only text\n" * 20, "a.txt", "file_type_unsupported"),
        (wav(speech(1))[:9000], "a.wav", "audio_damaged"),
        (wav(np.zeros(24_000)), "a.wav", "audio_silent"),
        (wav(speech(1)) + bytes(31 * 1024 * 1024), "a.wav", "audio_file_too_large"),
    ],
    ids=["empty", "text", "text called txt", "truncated", "silent", "31 MB"],
)
def test_it_refuses(tmp_path: Path, data: bytes, name: str, code: str) -> None:
    with pytest.raises(IntakeRefused) as refusal:
        examined(tmp_path, data, name)
    assert refusal.value.code == code


def test_a_reader_that_the_clock_ends_says_nothing_of_the_recording(tmp_path: Path) -> None:
    source = tmp_path / "upload"
    source.write_bytes(wav(speech(1)))
    with pytest.raises(ReaderLate):
        examine_driving_audio(source, name="", content_type="", workspace=tmp_path, wall_s=0.01)
    assert list(tmp_path.iterdir()) == [source]
