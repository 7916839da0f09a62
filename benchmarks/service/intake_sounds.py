"""Sound files in the shapes that recorders, browsers and telephones write, made by real encoders."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SPEECH = Path(__file__).parents[2] / "samples" / "speech" / "sample1_female_calm.wav"
SECONDS = 4
RATE = 48_000


@cache
def speech() -> NDArray[np.float32]:
    """Four seconds of the bundled synthetic speech, (N,) float32 at 48 kHz."""
    with wave.open(str(SPEECH), "rb") as file:
        samples = np.frombuffer(file.readframes(SECONDS * 24_000), "<i2").astype(np.float32) / 2**15
    at = np.arange(SECONDS * RATE) / 2
    return np.interp(at, np.arange(len(samples)), samples).astype(np.float32)


@dataclass(frozen=True)
class SoundShape:
    """One shape: what it is called when sent, and how it is made. `brand` replaces an MP4's major brand."""

    name: str
    container: str = "wav"
    codec: str = "pcm_s16le"
    rate: int = RATE
    layout: str = "mono"
    channels: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None
    options: dict[str, str] = field(default_factory=dict)
    with_video: str = ""
    change: Callable[[bytes], bytes] | None = None
    bit_rate: int = 0

    def make(self) -> bytes:
        """The file."""
        data = encode(self)
        return self.change(data) if self.change else data


def encode(shape: SoundShape) -> bytes:
    """The speech in the shape's container and codec, with a small moving picture where it has a video."""
    mono = speech()
    sound = shape.channels(mono) if shape.channels else mono[None]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=shape.container, options=shape.options) as file:
        video = file.add_stream(shape.with_video, rate=25) if shape.with_video else None
        stream = file.add_stream(shape.codec, rate=shape.rate, layout=shape.layout)
        if shape.codec == "vorbis":  # FFmpeg's own encoder calls itself experimental
            stream.codec_context.options = {"strict": "experimental"}
        if shape.bit_rate:
            stream.bit_rate = shape.bit_rate
        if video is not None:
            _write_video(file, video)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(sound, np.float32), format="fltp", layout=shape.layout
        )
        frame.sample_rate, frame.pts = RATE, 0
        resampler = av.AudioResampler(
            format=stream.codec_context.format or "s16", layout=shape.layout, rate=shape.rate
        )
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def _write_video(file: av.container.OutputContainer, video: av.VideoStream) -> None:
    video.width = video.height = 64
    video.pix_fmt = "yuv420p"
    for i in range(SECONDS * 25):
        picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), i % 200, np.uint8), format="rgb24")
        picture.pts, picture.time_base = i, Fraction(1, 25)
        file.mux(video.encode(picture))
    file.mux(video.encode(None))


def with_sizes(riff: int, data: int) -> Callable[[bytes], bytes]:
    """A change that writes other sizes into a WAV file's header, as programs do that write to a pipe."""

    def change(wav: bytes) -> bytes:
        place = wav.index(b"data") + 4
        return wav[:4] + struct.pack("<I", riff) + wav[8:place] + struct.pack("<I", data) + wav[place + 4 :]

    return change


def with_brand(brand: bytes) -> Callable[[bytes], bytes]:
    """A change of an MP4's major brand and of its compatible ones."""

    def change(mp4: bytes) -> bytes:
        length = struct.unpack(">I", mp4[:4])[0]
        return mp4[:8] + brand + mp4[12:16] + brand * ((length - 16) // 4) + mp4[length:]

    return change


def _id3(data: bytes) -> bytes:
    return b"ID3\x04\0\0\0\0\x27\x10" + b"TIT2" + bytes(0x27 * 128 + 0x10 - 4) + data


def _lyrics(data: bytes) -> bytes:
    text = b"LYRICSBEGININD0000200EAL00005album"
    return data + text + b"%06d" % len(text) + b"LYRICS200" + b"TAG" + bytes(125)


def _ape(data: bytes) -> bytes:
    return data + b"APETAGEX" + struct.pack("<4I", 2000, 32, 0, 0xA0000000) + bytes(8)


def _off_zero(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return x[None] + 0.2


def _distant(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([x, 0.2 * x])


def _stereo(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([x, x])


def _inverted(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([x, -x])


def _dead(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([x, 0 * x])


def _centre(x: NDArray[np.float32]) -> NDArray[np.float32]:
    background = 0.02 * np.random.default_rng(1).normal(size=(6, len(x))).astype(np.float32)
    background[2] = x
    return background


FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_duration": "500000"}
_S = SoundShape
SHAPES = (
    _S("pcm 8 bit.wav", codec="pcm_u8"),
    _S("pcm 16 bit.wav"),
    _S("pcm 24 bit.wav", codec="pcm_s24le"),
    _S("pcm 32 bit.wav", codec="pcm_s32le"),
    _S("pcm float.wav", codec="pcm_f32le"),
    _S("a-law 8 kHz.wav", codec="pcm_alaw", rate=8_000),
    _S("mu-law 8 kHz.wav", codec="pcm_mulaw", rate=8_000),
    _S("adpcm ms.wav", codec="adpcm_ms", rate=22_050),
    _S("adpcm ima.wav", codec="adpcm_ima_wav", rate=22_050),
    _S("pcm 192 kHz.wav", rate=192_000),
    _S("rf64.wav", options={"rf64": "always"}),
    _S("wave64.w64", "w64"),
    _S("extensible 24 bit six channels.wav", codec="pcm_s24le", layout="5.1", channels=_centre),
    _S("size 0x7ffff000.wav", change=with_sizes(0x7FFFF024, 0x7FFFF000)),
    _S("size 0x80000000.wav", change=with_sizes(0x80000024, 0x80000000)),
    _S("size 0xffffffff.wav", change=with_sizes(0xFFFFFFFF, 0xFFFFFFFF)),
    _S("size 0.wav", change=with_sizes(0, 0)),
    _S("one byte short.wav", change=lambda data: data[:-1]),
    _S("garbage behind.wav", change=lambda data: data + b"garbage" * 9),
    _S("stereo.wav", layout="stereo", channels=_stereo),
    _S("inverted stereo.wav", layout="stereo", channels=_inverted),
    _S("dead channel.wav", layout="stereo", channels=_dead),
    _S("aiff.aif", "aiff", "pcm_s16be"),
    _S("aiff 24 bit.aiff", "aiff", "pcm_s24be"),
    _S("core audio.caf", "caf", "pcm_s16be"),
    _S("core audio alac.caf", "caf", "alac"),
    _S("flac.flac", "flac", "flac"),
    _S("flac in ogg.oga", "ogg", "flac"),
    _S("vorbis.ogg", "ogg", "vorbis", layout="stereo", channels=_stereo),
    _S("opus.opus", "ogg", "libopus"),
    _S("mp3.mp3", "mp3", "libmp3lame", 44_100),
    _S("mp3 without header.mp3", "mp3", "libmp3lame", 44_100, options={"write_xing": "0"}),
    _S("mp3 with id3.mp3", "mp3", "libmp3lame", 44_100, change=_id3),
    _S("mp3 with lyrics.mp3", "mp3", "libmp3lame", 44_100, change=_lyrics),
    _S("mp3 with ape.mp3", "mp3", "libmp3lame", 44_100, change=_ape),
    _S("mp3 24 kHz.mp3", "mp3", "libmp3lame", 24_000),
    _S("layer 2.mp2", "mp2", "mp2"),
    _S("aac.aac", "adts", "aac", 44_100),
    _S("voice memo.m4a", "ipod", "aac", 44_100),
    _S("voice memo alac.m4a", "ipod", "alac"),
    _S("android mp42.m4a", "mp4", "aac", change=with_brand(b"mp42")),
    _S("samsung 3gp4.m4a", "mp4", "aac", change=with_brand(b"3gp4")),
    _S("isom.m4a", "mp4", "aac", change=with_brand(b"isom")),
    _S("dash.m4a", "mp4", "aac", options=FRAGMENTS, change=with_brand(b"dash")),
    _S("browser.mp4", "mp4", "libopus", options=FRAGMENTS),
    _S("browser aac.mp4", "mp4", "aac", options=FRAGMENTS, change=with_brand(b"iso5")),
    _S("browser.webm", "webm", "libopus", options={"live": "1"}),
    _S("browser vorbis.webm", "webm", "vorbis", layout="stereo", channels=_stereo),
    _S("matroska.mka", "matroska", "aac"),
    _S("matroska flac.mka", "matroska", "flac"),
    _S("voice memo.amr", "amr", "libopencore_amrnb", 8_000, bit_rate=12_200),
    _S("voice memo.3gp", "3gp", "libopencore_amrnb", 8_000, bit_rate=12_200),
    _S("voice memo aac.3gp", "3gp", "aac", 16_000),
    _S("windows media.wma", "asf", "wmav2", 44_100, bit_rate=96_000),
    _S("quicktime.mov", "mov", "pcm_s16le"),
    _S("video.mp4", "mp4", "aac", with_video="libx264"),
    _S("video.mov", "mov", "aac", with_video="libx264"),
    _S("video.webm", "webm", "libopus", with_video="libvpx"),
    _S("video.mkv", "matroska", "vorbis", layout="stereo", channels=_stereo, with_video="libx264"),
    _S("messenger 16 kHz.opus", "ogg", "libopus", 16_000, bit_rate=16_000),
    _S("telephone.au", "au", "pcm_mulaw", rate=8_000),
    _S("flac with id3.flac", "flac", "flac", change=_id3),
    _S("resting off zero.wav", channels=_off_zero),
    _S("distant second microphone.wav", layout="stereo", channels=_distant),
    _S("film ac-3.mkv", "matroska", "ac3", layout="5.1", channels=_centre),
    _S("camera.avi", "avi", "pcm_s16le", with_video="mpeg4"),
    _S("camcorder.mts", "mpegts", "ac3", with_video="libx264"),
    _S("camcorder.mpg", "mpeg", "mp2", with_video="mpeg2video"),
    _S("called another.mp3", "ipod", "aac", 44_100),
    _S("Anna M. Meyer", "ogg", "libopus"),
)
