"""Encodes frames and sound into one MP4 (H.264, AAC), written whole or not at all.

Constant frame rate, the index in front of the media so that playback starts before the download ends. Sound
is cut or filled with silence to the length of the picture, so that both tracks start at 0 and end together.
"""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from generation.pipeline.picture_digest import PictureDigest, annex_b_units
from generation.pipeline.pictures import (
    EncodingFailed,
    Frame,
    Luma,
    PictureSegment,
    VideoPacket,
    encode_pictures,
    encoder_errors,
    exact_rate,
    luma_of,
    marked_by,
    set_luma,
    to_yuv,
    video_stream,
)
from generation.pipeline.sound_track import SoundTrack, channels_first

__all__ = (
    "EncodedVideo",
    "EncodingFailed",
    "encode_in_memory",
    "encode_video",
    "join_segments",
    "luma_of",
    "set_luma",
    "to_yuv",
    "video_stream",
)


@dataclass(frozen=True)
class EncodedVideo:
    """What was written: the file, its picture size, frame rate and length, and the digest of its pictures as
    they were encoded (`PictureDigest`)."""

    path: Path
    width: int
    height: int
    fps: float
    frames: int
    duration_s: float
    size_bytes: int
    pictures_sha256: str


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
    unchanged. For the rest see `join_segments`.

    Raises EncodingFailed when there is no frame, the encoder fails or the disk is full, ValueError for
    frames or audio of another form.
    """
    channels_first(audio)  # refused before anything is rendered
    finish = marked_by(mark)
    segments = (encode_pictures(frames, fps=fps, first=0, finish=finish, on_frame=on_frame) for _ in range(1))
    return join_segments(
        segments,
        fps=fps,
        audio=audio,
        sample_rate=sample_rate,
        destination=destination,
        created_at=created_at,
        metadata=metadata,
    )


def join_segments(
    segments: Iterable[PictureSegment],
    *,
    fps: float,
    audio: NDArray[np.float32],
    sample_rate: int,
    destination: Path,
    created_at: datetime | None = None,
    metadata: Mapping[str, str] | None = None,
) -> EncodedVideo:
    """Write encoded pictures that follow one another, and `audio`, into one file. Nothing is encoded again.

    The file appears at `destination` only when it is complete and on disk; on any failure nothing is left.
    `created_at`, with a time zone, is written as the date of the recording; without it, programs show 1904.
    `metadata` are fields of the file by names that need not be MP4's own.

    Raises EncodingFailed when there is no frame, a segment is of another encoder or size, the encoder fails
    or the disk is full, ValueError for audio of another form.
    """
    partial = destination.with_name(f".{destination.name}.{secrets.token_hex(6)}.part")
    rate = exact_rate(fps)
    try:
        width, height, count, digest = _write(
            partial,
            iter(segments),
            rate=rate,
            audio=channels_first(audio),
            sample_rate=sample_rate,
            created_at=created_at,
            metadata=metadata or {},
        )
        with encoder_errors(), partial.open("rb+") as written:
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
        pictures_sha256=digest,
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
        iter([encode_pictures(frames, fps=fps, first=0, finish=marked_by(mark), on_frame=lambda done: None)]),
        rate=exact_rate(fps),
        audio=channels_first(audio),
        sample_rate=sample_rate,
        created_at=None,
        metadata={},
    )
    return written.getvalue()


def _write(
    target: Path | io.BytesIO,
    segments: Iterator[PictureSegment],
    *,
    rate: Fraction,
    audio: NDArray[np.float32],
    sample_rate: int,
    created_at: datetime | None,
    metadata: Mapping[str, str],
) -> tuple[int, int, int, str]:
    """Width, height, number and digest of the pictures."""
    head = next(segments, None)
    if head is None:
        raise EncodingFailed("There is no frame to encode.")
    with encoder_errors():
        # The index goes to the front by a second look at the file, which memory has no name for.
        container = (
            av.open(target, "w", format="mp4")
            if isinstance(target, io.BytesIO)
            else av.open(str(target), "w", format="mp4", options={"movflags": _flags(metadata)})
        )
    try:
        with encoder_errors():
            video = video_stream(container, head.width, head.height, rate, head.encoder)
            sound = SoundTrack(container, audio, sample_rate)
            container.metadata.update(metadata)
            if created_at is not None:
                for dated in (container, *container.streams):
                    dated.metadata["creation_time"] = created_at.astimezone(UTC).isoformat()
            container.start_encoding()
        count, digest = 0, PictureDigest()
        for segment in chain((head,), segments):
            _require_same_encoder(segment, video)
            for plain in segment.packets:
                with encoder_errors():
                    container.mux(_packet(plain, video, rate))
                    sound.write_until(Fraction(count + 1) / rate)
                digest.add(annex_b_units(plain.data), pts=plain.pts, is_key=plain.is_key)
                count += 1
        with encoder_errors():
            sound.finish()
    except BaseException:
        _abandon(container)
        raise
    with encoder_errors():
        container.close()  # writes the index and moves it to the front
    return head.width, head.height, count, digest.hexdigest()


def _packet(plain: VideoPacket, stream: Any, rate: Fraction) -> av.Packet:
    packet = av.Packet(plain.data)
    packet.stream = stream
    packet.time_base = 1 / rate
    packet.pts, packet.dts, packet.duration = plain.pts, plain.dts, plain.duration
    packet.is_keyframe = plain.is_key
    return packet


def _flags(metadata: Mapping[str, str]) -> str:
    # With fields of other names all of them are written under their names (`mdta` in `moov/meta`).
    return "+faststart+use_metadata_tags" if metadata else "+faststart"


def _require_same_encoder(segment: PictureSegment, stream: Any) -> None:
    """Players read the parameter sets of the whole file, not those of a segment."""
    context = stream.codec_context
    same = (segment.width, segment.height, segment.header) == (
        context.width,
        context.height,
        bytes(context.extradata),
    )
    if not same:
        raise EncodingFailed("A part of the video was encoded by another encoder or at another size.")


def _abandon(container: Any) -> None:
    """Close a container whose file is thrown away; that it cannot be completed is known already."""
    try:
        container.close()
    except (av.FFmpegError, OSError, ValueError):
        return
