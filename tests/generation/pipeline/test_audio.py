from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from generation.pipeline.audio import AudioUnreadable, as_one_channel, read_audio, whole_frames
from tests.generation.pipeline.moving_portrait import SAMPLES, SPEECH


def write_wav(
    path: Path, data: bytes, *, channels: int = 1, width: int = 2, sample_rate: int = 16_000
) -> Path:
    with wave.open(str(path), "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(width)
        target.setframerate(sample_rate)
        target.writeframes(data)
    return path


@pytest.mark.parametrize("name", SPEECH)
def test_it_reads_the_bundled_speech(name: str) -> None:
    samples, sample_rate = read_audio(SAMPLES / "speech" / f"{name}.wav")
    assert sample_rate == 24_000
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 7 < len(samples) / sample_rate < 12
    assert 0.1 < np.abs(samples).max() <= 1.0


@pytest.mark.parametrize(
    ("width", "data"),
    [
        (2, b"\x00\x80\x00\x00\xff\x7f"),
        (3, b"\x00\x00\x80\x00\x00\x00\xff\xff\x7f"),
        (4, b"\x00\x00\x00\x80\x00\x00\x00\x00\xff\xff\xff\x7f"),
    ],
)
def test_full_scale_reads_as_one(tmp_path: Path, width: int, data: bytes) -> None:
    samples, _ = read_audio(write_wav(tmp_path / "a.wav", data, width=width))
    assert samples == pytest.approx([-1.0, 0.0, 1.0], abs=1e-4)


def test_it_keeps_channels_apart(tmp_path: Path) -> None:
    data = np.array([[1000, -1000], [2000, -2000]], "<i2").tobytes()
    samples, _ = read_audio(write_wav(tmp_path / "a.wav", data, channels=2))
    assert samples.shape == (2, 2)
    assert (samples[:, 0] == -samples[:, 1]).all()


def test_it_refuses_eight_bit_samples(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="8-bit"):
        read_audio(write_wav(tmp_path / "a.wav", b"\x80" * 100, width=1))


def test_it_refuses_a_truncated_file(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", b"\x00\x01" * 1000)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(AudioUnreadable, match="cut short"):
        read_audio(path)


def test_it_refuses_what_is_not_wav(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"not a sound at all")
    with pytest.raises(AudioUnreadable, match="not a PCM WAV"):
        read_audio(path)


def test_it_refuses_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.touch()
    with pytest.raises(AudioUnreadable):
        read_audio(path)


def tone(level: float = 0.5) -> np.ndarray:
    return np.asarray(level * np.sin(np.arange(4800) * 0.1), np.float32)


def test_two_channels_are_heard_as_their_mean() -> None:
    left, right = tone(), tone(0.3)
    heard = as_one_channel(np.stack([left, right], axis=1))
    assert heard.dtype == np.float32
    assert np.allclose(heard, (left + right) / 2, atol=1e-6)


@pytest.mark.parametrize("other", [-0.49, -0.4, -0.1, 0.0])
def test_a_channel_that_the_other_cancels_is_heard_alone(other: float) -> None:
    left, right = tone(), tone(other)
    assert (as_one_channel(np.stack([left, right], axis=1)) == left).all()
    assert (as_one_channel(np.stack([right, left], axis=1)) == left).all()


def test_one_channel_and_silence_stay_as_they_are() -> None:
    assert (as_one_channel(tone()) == tone()).all()
    assert (as_one_channel(np.zeros((10, 2), np.float32)) == np.zeros(10)).all()


@pytest.mark.parametrize(
    ("samples", "padded"), [(73_872, 74_880), (48_000, 48_000), (48_001, 48_001), (1, 1)]
)
def test_the_last_part_of_a_frame_gets_a_whole_frame(samples: int, padded: int) -> None:
    audio = np.ones(samples, np.float32)
    whole = whole_frames(audio, 48_000, 25)
    assert len(whole) == padded
    assert np.array_equal(whole[:samples], audio)
    assert not whole[samples:].any()
