"""Encodes frames and sound into one MP4 (H.264, AAC), written whole or not at all.

The watermark goes into the luma plane, after the conversion and before the encoder. Constant frame rate,
yuv420p with BT.709 flagged (what browsers, phones and players agree on), the index in front of the media so
that playback starts before the download ends. Sound is cut or filled with silence to the length of the
picture, so that both tracks start at 0 and end together.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation
from numpy.typing import NDArray

CRF = 20
PRESET = "veryfast"
KEYFRAME_INTERVAL_S = 5  # at 2 s the mark, sent anew with each, costs half as much again
ENCODER_THREADS = 2  # stated, not left to the machine: the bytes depend on it
AUDIO_BITRATE = 128_000
AUDIO_SAMPLE_RATE = 48_000
AUDIO_FRAME_SAMPLES = 1024
MAXIMUM_CHANNELS = 2

Frame = NDArray[np.uint8]
Luma = NDArray[np.uint8]


class EncodingFailed(Exception):
    """The video could not be encoded or written. Nothing is left at the destination. The text says why."""


@dataclass(frozen=True)
class EncodedVideo:
    """What was written: the file, its picture size, frame rate and length."""

    path: Path
    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    size_bytes: int


def encode_video(
    frames: Iterable[Frame],
    *,
    fps: float,
    audio: NDArray[np.float32],
    sample_rate: int,
    destination: Path,
    mark: Callable[[Luma], Luma],
    on_frame: Callable[[int], None],
    created_at: datetime | None = None,
    metadata: Mapping[str, str] | None = None,
) -> EncodedVideo:
    """Encode (H, W, 3) uint8 RGB `frames`, H and W even and the same throughout, with `audio`.

    `mark` is given each frame's luma plane, (H, W) uint8 in 16..235, in order, and returns what is encoded in
    its place. `audio` is (N,) or (N, 1 or 2) float32 in -1..1. `on_frame` is called with 1, 2, 3, ... after
    each frame; what it or `mark` raises, and what `frames` raises, ends the encoding and comes through
    unchanged. The file appears at `destination` only when it is complete and on disk; on any failure nothing
    is left. `created_at`, with a time zone, is written as the date of the recording; without it, programs
    show 1904. `metadata` are fields of the file by names that need not be MP4's own.

    Raises EncodingFailed when there is no frame, the encoder fails or the disk is full, ValueError for
    frames or audio of another form.
    """
    partial = destination.with_name(f".{destination.name}.{secrets.token_hex(6)}.part")
    rate = Fraction(fps).limit_denominator(1001)
    try:
        width, height, count = _write(
            partial,
            frames,
            rate=rate,
            audio=_channels_first(audio),
            sample_rate=sample_rate,
            mark=mark,
            on_frame=on_frame,
            created_at=created_at,
            metadata=metadata or {},
        )
        with _encoder_errors(), partial.open("rb+") as written:
            os.fsync(written.fileno())
            size_bytes = os.fstat(written.fileno()).st_size
            partial.replace(destination)
    finally:
        partial.unlink(missing_ok=True)
    return EncodedVideo(
        path=destination,
        width=width,
        height=height,
        fps=float(rate),
        frames=count,
        duration_s=float(count / rate),
        size_bytes=size_bytes,
    )


def encode_in_memory(
    frames: Iterable[Frame],
    *,
    fps: float,
    audio: NDArray[np.float32],
    sample_rate: int,
    mark: Callable[[Luma], Luma],
) -> bytes:
    """As `encode_video`, for a few seconds that are written nowhere: the MP4's bytes."""
    written = io.BytesIO()
    _write(
        written,
        frames,
        rate=Fraction(fps).limit_denominator(1001),
        audio=_channels_first(audio),
        sample_rate=sample_rate,
        mark=mark,
        on_frame=lambda done: None,
        created_at=None,
        metadata={},
    )
    return written.getvalue()


def _write(
    target: Path | io.BytesIO,
    frames: Iterable[Frame],
    *,
    rate: Fraction,
    audio: NDArray[np.float32],
    sample_rate: int,
    mark: Callable[[Luma], Luma],
    on_frame: Callable[[int], None],
    created_at: datetime | None,
    metadata: Mapping[str, str],
) -> tuple[int, int, int]:
    remaining = iter(frames)
    first = next(remaining, None)
    if first is None:
        raise EncodingFailed("There is no frame to encode.")
    height, width = first.shape[:2]
    with _encoder_errors():
        # The index goes to the front by a second look at the file, which memory has no name for.
        container = (
            av.open(target, "w", format="mp4")
            if isinstance(target, io.BytesIO)
            else av.open(str(target), "w", format="mp4", options={"movflags": _flags(metadata)})
        )
    try:
        with _encoder_errors():
            video = video_stream(container, width, height, rate)
            sound = _SoundTrack(container, audio, sample_rate)
            container.metadata.update(metadata)
            if created_at is not None:
                for dated in (container, *container.streams):
                    dated.metadata["creation_time"] = created_at.astimezone(UTC).isoformat()
        count = 0
        for frame in chain((first,), remaining):
            _require_form(frame, height, width)
            picture = to_yuv(frame)
            set_luma(picture, mark(luma_of(picture)))
            picture.pts, picture.time_base = count, 1 / rate
            with _encoder_errors():
                container.mux(video.encode(picture))
                sound.write_until(Fraction(count + 1) / rate)
            count += 1
            on_frame(count)
        with _encoder_errors():
            container.mux(video.encode(None))
            sound.finish()
    except BaseException:
        _abandon(container)
        raise
    with _encoder_errors():
        container.close()  # writes the index and moves it to the front
    return width, height, count


def _flags(metadata: Mapping[str, str]) -> str:
    # With fields of other names all of them are written under their names (`mdta` in `moov/meta`).
    return "+faststart+use_metadata_tags" if metadata else "+faststart"


def video_stream(container: Any, width: int, height: int, rate: Fraction) -> Any:
    """Add the picture's stream, width x height at `rate` frames a second, to an open `container`."""
    stream = container.add_stream("libx264", rate=rate)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.thread_count = ENCODER_THREADS
    context.gop_size = round(KEYFRAME_INTERVAL_S * rate)
    context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    context.options = {"crf": str(CRF), "preset": PRESET}
    return stream


def to_yuv(frame: Frame) -> Any:
    """The frame as the encoder takes it: planar 4:2:0, BT.709, 16 to 235."""
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24").reformat(
        format="yuv420p",
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        dst_colorspace=Colorspace.ITU709,
        interpolation=Interpolation.AREA,
    )


def luma_of(picture: Any) -> Luma:
    """A copy of the luma plane of a planar picture."""
    plane = picture.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : picture.width].copy()


def set_luma(picture: Any, luma: Luma) -> None:
    """Put another luma plane into a planar picture."""
    plane = picture.planes[0]
    np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[:, : picture.width] = luma


class _SoundTrack:
    """Hands the sound to the AAC encoder as the picture advances, and ends it with the picture."""

    def __init__(self, container: Any, audio: NDArray[np.float32], sample_rate: int) -> None:
        self._container = container
        self._layout = "mono" if len(audio) == 1 else "stereo"
        self._samples = _resampled(audio, sample_rate, self._layout)
        self._stream = container.add_stream("aac", rate=AUDIO_SAMPLE_RATE, layout=self._layout)
        self._stream.codec_context.bit_rate = AUDIO_BITRATE
        self._written = 0
        self._end = 0

    def write_until(self, seconds: Fraction) -> None:
        self._end = round(seconds * AUDIO_SAMPLE_RATE)
        while self._written + AUDIO_FRAME_SAMPLES <= self._end:
            self._encode(AUDIO_FRAME_SAMPLES)

    def finish(self) -> None:
        if self._end > self._written:
            self._encode(self._end - self._written)
        self._container.mux(self._stream.encode(None))

    def _encode(self, count: int) -> None:
        samples = self._samples[:, self._written : self._written + count]
        silence = count - samples.shape[1]
        block = np.ascontiguousarray(np.pad(samples, ((0, 0), (0, silence))), np.float32)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=self._layout)
        frame.sample_rate = AUDIO_SAMPLE_RATE
        frame.pts, frame.time_base = self._written, Fraction(1, AUDIO_SAMPLE_RATE)
        self._container.mux(self._stream.encode(frame))
        self._written += count


def _resampled(audio: NDArray[np.float32], sample_rate: int, layout: str) -> NDArray[np.float32]:
    """(C, N) samples at AUDIO_SAMPLE_RATE."""
    if audio.shape[1] == 0 or sample_rate == AUDIO_SAMPLE_RATE:
        return audio
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=AUDIO_SAMPLE_RATE)
    frame = av.AudioFrame.from_ndarray(audio, format="fltp", layout=layout)
    frame.sample_rate = sample_rate
    blocks = [block.to_ndarray() for block in (*resampler.resample(frame), *resampler.resample(None))]
    return np.concatenate(blocks, axis=1)


def _channels_first(audio: NDArray[np.float32]) -> NDArray[np.float32]:
    if audio.ndim == 1:
        audio = audio[:, None]
    if audio.ndim != 2 or not 1 <= audio.shape[1] <= MAXIMUM_CHANNELS or not np.isfinite(audio).all():
        raise ValueError(f"audio must be finite and (N,) or (N, 1 or 2), not {audio.shape}.")
    return np.ascontiguousarray(np.clip(audio, -1.0, 1.0).T, np.float32)


def _require_form(frame: Frame, height: int, width: int) -> None:
    if frame.shape != (height, width, 3) or frame.dtype != np.uint8 or height % 2 or width % 2:
        raise ValueError(
            f"A frame must be ({height}, {width}, 3) uint8 with even sides, not {frame.shape} {frame.dtype}."
        )


def _abandon(container: Any) -> None:
    """Close a container whose file is thrown away; that it cannot be completed is known already."""
    try:
        container.close()
    except (av.FFmpegError, OSError, ValueError):
        return


@contextmanager
def _encoder_errors() -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise EncodingFailed(f"The video could not be written: {error.strerror}.") from error
