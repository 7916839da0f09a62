"""Real and broken files for intake: made here, so that each says what is wrong with it."""

from __future__ import annotations

import io
import struct
import wave
import zlib
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.third_party_marks import WORDS

SAMPLES = Path(__file__).parents[3] / "samples"
PORTRAIT = SAMPLES / "portraits" / "amara.jpg"
SPEECH = SAMPLES / "speech" / "sample1_female_calm.wav"


def portrait(size: int | None = None) -> Image.Image:
    """The bundled portrait of a person who does not exist, RGB."""
    with Image.open(PORTRAIT) as image:
        image.load()
        return image.resize((size, size)) if size else image


def two_people() -> Image.Image:
    """Two different people side by side, 1200 x 600."""
    pair = Image.new("RGB", (1200, 600))
    for left, name in ((0, "amara"), (600, "kenji")):
        with Image.open(SAMPLES / "portraits" / f"{name}.jpg") as image:
            pair.paste(image.resize((600, 600)), (left, 0))
    return pair


def saved(image: Image.Image, image_format: str, **options: object) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def marked(image: Image.Image, generator: str) -> Image.Image:
    """The picture with the mark that an image generator writes, by the library that it uses."""
    from imwatermark import WatermarkEncoder  # loads torch

    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", WORDS[generator].astype(int).tolist())
    written = encoder.encode(np.asarray(image.convert("RGB"))[..., ::-1].copy(), "dwtDct")
    return Image.fromarray(np.ascontiguousarray(written[..., ::-1]))


def frame_of_ours(key: WatermarkKey, watermark_id: int = 0x5EED) -> Image.Image:
    """A frame of a video that was made here, as a player shows it."""
    luma, *chroma = portrait(512).convert("YCbCr").split()
    mark = Embedder(WatermarkPayload(watermark_id), key).mark
    return Image.merge("YCbCr", [Image.fromarray(mark(np.asarray(luma))), *chroma]).convert("RGB")


def png(width: int, height: int, data: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG whose header claims a size, with compressed `data` for pixels and `extra` chunks before them."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    middle = b"".join(chunk(name, content) for name, content in extra)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + middle + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def speech(seconds: float | None = None) -> NDArray[np.float32]:
    """The bundled synthetic speech at 24 kHz, from the start."""
    with wave.open(str(SPEECH), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / np.float32(
            2**15
        )
    return samples if seconds is None else samples[: int(seconds * 24_000)]


def wav(sound: NDArray[Any], sample_rate: int = 24_000) -> bytes:
    """A WAV file of `sound` in -1..1: (N,) for mono, (N, C) for more channels."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def encoded(sound: NDArray[Any], container: str, codec: str, sample_rate: int = 48_000) -> bytes:
    """`sound` (24 kHz) encoded with a codec in a container of FFmpeg."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=sample_rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            (np.clip(sound, -1, 1) * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts = 24_000, 0
        resampler = av.AudioResampler(format="s16", layout="mono", rate=sample_rate)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def tone(seconds: float = 2.0, hertz: float = 440.0) -> NDArray[np.float64]:
    """A steady sine at 24 kHz: sound, and no speech."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * 24_000)) / 24_000)
