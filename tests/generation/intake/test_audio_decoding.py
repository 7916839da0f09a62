from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from scipy import ndimage, signal

from generation.intake.inspect_audio import check_length, check_speech, is_clipped
from generation.intake.limits import AUDIO_SAMPLE_RATE
from generation.intake.refusals import IntakeRefused
from generation.intake.sound.channels import one_channel
from generation.intake.sound.decoding import decode_sound
from tests.generation.intake.files import encoded, speech, tone, wav


def decoded(tmp_path: Path, data: bytes, container: str) -> np.ndarray:
    path = tmp_path / "upload"
    path.write_bytes(data)
    sound = decode_sound(path, container)
    check_length(sound.samples.shape[1] / AUDIO_SAMPLE_RATE, sound.gaps)
    return one_channel(sound.samples, sound.names)


def refusal_of(tmp_path: Path, data: bytes, container: str = "wav") -> str:
    with pytest.raises(IntakeRefused) as refusal:
        decoded(tmp_path, data, container)
    return refusal.value.code


def judged(sound: np.ndarray) -> list[str]:
    samples = np.repeat((np.clip(sound, -1, 1) * 32767).astype(np.int16), 2)  # 24 to 48 kHz, roughly
    return [warning.code for warning in check_speech(samples, is_cut=is_clipped(samples[None]))]


def refused(sound: np.ndarray) -> str:
    with pytest.raises(IntakeRefused) as refusal:
        judged(sound)
    return refusal.value.code


@pytest.mark.parametrize(
    ("container", "codec", "demuxer"),
    [
        ("wav", "pcm_s16le", "wav"),
        ("mp3", "libmp3lame", "mp3"),
        ("ipod", "aac", "mp4"),
        ("flac", "flac", "flac"),
        ("ogg", "libopus", "ogg"),
    ],
)
def test_every_accepted_format_gives_the_same_speech(
    tmp_path: Path, container: str, codec: str, demuxer: str
) -> None:
    data = encoded(speech(2), container, codec)
    if container == "wav":  # written to a pipe, so without the length
        data = wav(speech(2))
    samples = decoded(tmp_path, data, demuxer).astype(np.float32)
    assert samples.dtype == np.float32
    assert abs(len(samples) / 48_000 - 2) < 0.06
    expected = np.interp(np.arange(96_000) / 2, np.arange(48_000), speech(2))
    middle = slice(20_000, 60_000)
    likeness = max(
        np.corrcoef(samples[20_000 + lag : 60_000 + lag], expected[middle])[0, 1]
        for lag in range(-100, 3000, 4)
    )
    assert likeness > 0.95


def test_stereo_is_mixed_to_one_channel(tmp_path: Path) -> None:
    both = np.repeat((speech(1) * 32767).astype("<i2"), 2).tobytes()
    header = bytearray(wav(speech(1))[:44])
    struct.pack_into("<H", header, 22, 2)
    struct.pack_into("<H", header, 32, 4)
    struct.pack_into("<I", header, 40, len(both))
    assert len(decoded(tmp_path, bytes(header) + both, "wav")) == 48_000


@pytest.mark.parametrize("part", [0.1, 0.5, 0.85])
def test_it_refuses_a_truncated_wav(tmp_path: Path, part: float) -> None:
    data = wav(speech(2))
    assert refusal_of(tmp_path, data[: int(len(data) * part)]) == "audio_damaged"


@pytest.mark.parametrize(
    ("container", "codec", "demuxer"), [("ipod", "aac", "mp4"), ("flac", "flac", "flac")]
)
def test_it_refuses_a_truncated(tmp_path: Path, container: str, codec: str, demuxer: str) -> None:
    data = encoded(speech(3), container, codec)
    assert refusal_of(tmp_path, data[: len(data) // 2], container) == "audio_damaged"


def test_it_accepts_a_wav_written_to_a_pipe(tmp_path: Path) -> None:
    data = bytearray(wav(speech(1)))
    for place in (4, 40):
        struct.pack_into("<I", data, place, 0xFFFFFFFF)
    assert len(decoded(tmp_path, bytes(data), "wav")) == 48_000


@pytest.mark.parametrize(
    ("place", "form", "value", "code"),
    [
        (40, "<I", 10**9, "audio_damaged"),  # a gigabyte of samples that are not there
        (22, "<H", 0, "audio_damaged"),  # no channel
        (22, "<H", 60_000, "audio_damaged"),  # more channels than samples
        (24, "<I", 2**31, "audio_damaged"),  # two thousand million samples a second
        (24, "<I", 1, "audio_too_long"),  # one sample a second
    ],
)
def test_it_refuses_wrong_counts_in_a_wav(
    tmp_path: Path, place: int, form: str, value: int, code: str
) -> None:
    data = bytearray(wav(speech(1)))
    struct.pack_into(form, data, place, value)
    assert refusal_of(tmp_path, bytes(data)) == code


def test_it_refuses_a_header_without_sound(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, wav(speech(1))[:44]) == "audio_damaged"
    assert refusal_of(tmp_path, wav(np.zeros(0))) == "audio_damaged"
    assert refusal_of(tmp_path, b"RIFF" + bytes(200)) == "audio_damaged"


def test_it_refuses_too_short_and_too_long(tmp_path: Path) -> None:
    assert refusal_of(tmp_path, wav(speech(0.45))) == "audio_too_short"
    assert refusal_of(tmp_path, wav(np.tile(speech(8), 16), 24_000)) == "audio_too_long"


@pytest.mark.slow
def test_it_stops_decoding_what_claims_no_length(tmp_path: Path) -> None:
    data = encoded(np.tile(speech(8), 16), "ogg", "libopus")
    assert refusal_of(tmp_path, data, "ogg") == "audio_too_long"


def test_it_refuses_a_video_without_sound(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=25)
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        for _ in range(10):
            file.mux(
                video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24"))
            )
        file.mux(video.encode(None))
    assert refusal_of(tmp_path, path.read_bytes(), "mp4") == "audio_damaged"


@pytest.mark.parametrize("seconds", [0.6, 2, 8])
def test_speech_is_speech(seconds: float) -> None:
    assert judged(speech(seconds)) == []


def test_whispering_is_speech() -> None:
    """The spectrum of speech, excited by noise instead of a voice."""
    _, _, spoken = signal.stft(speech(), 24_000, nperseg=480)
    envelope = ndimage.uniform_filter1d(np.abs(spoken), 9, axis=0)
    _, _, noise = signal.stft(np.random.default_rng(0).normal(size=len(speech())), 24_000, nperseg=480)
    _, whisper = signal.istft(envelope * noise / np.abs(noise).mean(), 24_000, nperseg=480)
    assert judged(whisper / np.abs(whisper).max() * 0.5) == []


@pytest.mark.slow
def test_a_sentence_in_two_minutes_of_silence_or_of_a_quiet_room_is_speech() -> None:
    silence = np.zeros(55 * 24_000)
    around = np.concatenate([silence, speech(3), silence])
    assert judged(around) == []
    assert judged(around + np.random.default_rng(2).normal(0, 0.001, len(around))) == []


def test_a_room_without_anybody_is_not_speech() -> None:
    room = np.random.default_rng(3).normal(0, 0.02, 30 * 24_000)
    assert refused(room) == "audio_without_speech"


def test_a_silent_track_before_the_one_with_speech_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "screen recording.mkv"
    with av.open(str(path), "w", format="matroska") as file:
        tracks = [file.add_stream("pcm_s16le", rate=24_000, layout="mono") for _ in range(2)]
        for stream, sound in zip(tracks, (0 * speech(2), speech(2)), strict=True):
            frame = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None], "s16", "mono")
            frame.sample_rate, frame.pts = 24_000, 0
            file.mux(stream.encode(frame))
    assert np.abs(decode_sound(path, "matroska").samples).max() > 1_000


def test_it_refuses_silence() -> None:
    assert refused(np.zeros(48_000)) == "audio_silent"
    assert refused(np.random.default_rng(0).normal(size=48_000) * 0.0005) == "audio_silent"


def test_it_refuses_sound_without_speech() -> None:
    rng = np.random.default_rng(0)
    assert refused(tone()) == "audio_without_speech"
    assert refused(rng.normal(size=48_000) * 0.1) == "audio_without_speech"
    overtones = [np.sin(2 * np.pi * 50 * k * np.arange(48_000) / 24_000) / k for k in range(1, 15)]
    hum = np.sum(overtones, axis=0)
    assert refused(0.1 * hum) == "audio_without_speech"
    clicks = np.where(np.arange(48_000) % 12_000 == 0, 0.9, 0.0) + rng.normal(size=48_000) * 1e-4
    assert refused(clicks) == "audio_without_speech"


def test_it_warns_of_clipping() -> None:
    assert judged(speech(3) * 15) == ["audio_clipped"]


def test_it_warns_of_a_quiet_recording() -> None:
    assert judged(speech(3) * (0.03 / np.abs(speech(3)).max())) == ["audio_quiet"]


def test_a_recording_of_twelve_channels_is_read(tmp_path: Path) -> None:
    silent = np.zeros((len(speech(1)), 12), "<i2")
    silent[:, 0] = (speech(1) * 32767).astype("<i2")
    header = bytearray(wav(speech(1))[:44])
    struct.pack_into("<HIIH", header, 22, 12, 24_000, 24_000 * 24, 24)
    struct.pack_into("<I", header, 40, silent.nbytes)
    samples = decoded(tmp_path, bytes(header) + silent.tobytes(), "wav")
    assert len(samples) == 48_000
    assert np.abs(samples).max() > 1000
