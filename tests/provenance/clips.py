"""Small real videos for the provenance tests, and the ways in which strangers change them."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from numpy.typing import NDArray

from generation.pipeline.encode import luma_of, set_luma
from provenance.watermark.content.fingerprint import fingerprints_of_marked

FPS = 25
SAMPLE_RATE = 16_000


def moving_frames(count: int, *, size: int = 320, seed: int = 0) -> Iterator[NDArray[np.uint8]]:
    """Frames with texture, edges and movement, so that encoder and watermark have something to hold on to."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    grain = rng.normal(0, 4, (size, size)).astype(np.float32)
    waves = [110 + 60 * np.sin(7 * x + 5 * y + phase) for phase in rng.uniform(0, 6, 3)]
    for index in range(count):
        t = index / FPS
        disc = ((x - 0.5 - 0.1 * np.sin(2 * t)) ** 2 + (y - 0.45) ** 2 < 0.06).astype(np.float32)
        planes = [wave + 40 * disc + grain for wave in waves]
        yield np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)


def write_clip(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    *,
    has_audio: bool = True,
    mark: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None,
    key_frame_every: int | None = None,
    speech: NDArray[np.float32] | None = None,
    fps: int = FPS,
) -> Path:
    """Encode frames as H.264 (and a tone as AAC) in an MP4, index in front; `mark` changes the luma.

    `speech`: (N,) at SAMPLE_RATE in place of the tone.

    `key_frame_every`: frames from one key frame to the next, exactly; the encoder's choice without it.
    """
    options = {"crf": "20", "preset": "veryfast"}
    if key_frame_every is not None:
        options |= {"g": str(key_frame_every), "sc_threshold": "0"}
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        video = out.add_stream("libx264", rate=fps, options=options)
        video.pix_fmt = "yuv420p"
        audio = out.add_stream("aac", rate=SAMPLE_RATE, layout="mono") if has_audio else None
        count = 0
        for count, frame in enumerate(frames, start=1):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24").reformat(format="yuv420p")
            if mark is not None:
                set_luma(picture, mark(luma_of(picture)))
            if count == 1:
                video.width, video.height = picture.width, picture.height
            picture.pts = count - 1
            out.mux(video.encode(picture))
        out.mux(video.encode())
        if audio is not None:
            tone = np.sin(np.arange(SAMPLE_RATE * count // fps) * 0.15).astype(np.float32) * 0.3
            _write_sound(out, audio, tone if speech is None else speech)
    return path


def prints_of(path: Path) -> bytes:
    """What a marked clip's record says about its content."""
    found = lumas(path)
    spread = found[:: max(1, len(found) // 8)][:8]
    return b"".join(one.tobytes() for luma in spread for one in fingerprints_of_marked(luma))


def lumas(path: Path) -> list[NDArray[np.uint8]]:
    """The (H, W) uint8 grey pictures of a clip."""
    with av.open(str(path)) as source:
        return [frame.to_ndarray(format="gray") for frame in source.decode(video=0)]


def boxes(data: bytes) -> dict[bytes, tuple[int, int]]:
    """Top-level boxes of an MP4: type to (offset, size); of equal types the first."""
    found: dict[bytes, tuple[int, int]] = {}
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[offset : offset + 8])
        found.setdefault(kind, (offset, size))
        offset += size
    return found


def with_bit_flipped(data: bytes, offset: int) -> bytes:
    """One bit changed."""
    changed = bytearray(data)
    changed[offset] ^= 1
    return bytes(changed)


def with_picture_data_changed(data: bytes) -> bytes:
    """One bit in the middle of the encoded picture changed."""
    offset, size = boxes(data)[b"mdat"]
    return with_bit_flipped(data, offset + size // 2)


def with_index_changed(data: bytes) -> bytes:
    """One bit in the index of the media changed: in the creation time, which players do not look at."""
    return with_bit_flipped(data, data.index(b"mvhd") + 11)


def with_foreign_box(data: bytes) -> bytes:
    """A box that nobody knows put behind the end."""
    return data + struct.pack(">I4s", 108, b"uuid") + b"x" * 100


def with_raw_bytes(data: bytes) -> bytes:
    """A hundred zeros put behind the end, which are no box."""
    return data + bytes(100)


def with_media_box(data: bytes) -> bytes:
    """A second box for picture and sound put behind the end, with a kilobyte in it."""
    return data + struct.pack(">I4s", 1008, b"mdat") + b"x" * 1000


def with_box_larger_than_any_file(data: bytes) -> bytes:
    """Behind the end the head of a box that says it has 2^63 bytes."""
    return data + struct.pack(">I4sQ", 1, b"skip", 1 << 63)


def truncated(data: bytes) -> bytes:
    """The last fifth missing."""
    return data[: len(data) * 4 // 5]


def truncated_inside_manifest(data: bytes) -> bytes:
    """Cut in the middle of the manifest's box."""
    offset, size = boxes(data)[b"uuid"]
    return data[: offset + size // 2]


def with_free_box(data: bytes) -> bytes:
    """A kilobyte smuggled in behind the end, in a box that the signature does not cover."""
    return data + struct.pack(">I4s", 1008, b"free") + b"X" * 1000


def with_manifest_hidden(data: bytes) -> bytes:
    """The manifest's box renamed, so that readers skip it."""
    offset, _ = boxes(data)[b"uuid"]
    return data[: offset + 4] + b"free" + data[offset + 8 :]


def with_manifest_cut_out(data: bytes) -> bytes:
    """The manifest's box taken out, and nothing else: what stands behind it moves up."""
    offset, size = boxes(data)[b"uuid"]
    return data[:offset] + data[offset + size :]


def with_signature_changed(data: bytes) -> bytes:
    """One bit in the claim's signature changed."""
    return with_bit_flipped(data, data.rfind(b"c2pa.signature\0") + 200)


def with_assertion_changed(data: bytes, text: bytes) -> bytes:
    """One bit of a text inside an assertion changed."""
    return with_bit_flipped(data, data.index(text))


def with_manifest_of(data: bytes, other: bytes) -> bytes:
    """The manifest of another file put in the place of this one's."""
    (offset, size), (other_offset, other_size) = boxes(data)[b"uuid"], boxes(other)[b"uuid"]
    return data[:offset] + other[other_offset : other_offset + other_size] + data[offset + size :]


def with_manifest_from(data: bytes, other: bytes) -> bytes:
    """The manifest of another file put behind the end of one that has none; it still plays."""
    offset, size = boxes(other)[b"uuid"]
    return data + other[offset : offset + size]


def remuxed(data: bytes) -> bytes:
    """The same encoded picture and sound in a new container, as messengers and editors write it."""
    target = io.BytesIO()
    with av.open(io.BytesIO(data)) as source, av.open(target, "w", format="mp4") as out:
        streams = {stream.index: out.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                out.mux(packet)
    return target.getvalue()


@lru_cache(maxsize=8)
def reencoded(data: bytes) -> bytes:
    """Decoded and encoded again at another quality, without sound; once for each content."""
    with av.open(io.BytesIO(data)) as source, TemporaryDirectory() as folder:
        frames = (frame.to_ndarray(format="rgb24") for frame in source.decode(video=0))
        return write_clip(Path(folder, "reencoded.mp4"), frames, has_audio=False).read_bytes()


def with_sound(data: bytes, sound: NDArray[np.float32]) -> bytes:
    """The pictures decoded and encoded again, beside another sound ((N,) at SAMPLE_RATE)."""
    target = io.BytesIO()
    with av.open(io.BytesIO(reencoded(data))) as source, av.open(target, "w", format="mp4") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        audio = out.add_stream("aac", rate=SAMPLE_RATE, layout="mono")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        _write_sound(out, audio, sound)
    return target.getvalue()


def _write_sound(out: OutputContainer, audio: AudioStream, samples: NDArray[np.float32]) -> None:
    sound = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
    sound.sample_rate, sound.pts = SAMPLE_RATE, 0
    out.mux(audio.encode(sound))
    out.mux(audio.encode())
