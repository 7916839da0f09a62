"""Open an untrusted file, and find which picture and which sound of it players play by default.

FFmpeg takes the track with the most pixels or channels, and those that are marked as default before others;
browsers take the first that is marked. Where the two differ, or several are marked, players differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

COVERS: Final = Disposition.attached_pic | Disposition.timed_thumbnails
_DEFAULT_BONUS: Final = 5_000_000  # FFmpeg's, beside pixels or channels
Stream = TypeVar("Stream", VideoStream, AudioStream)


def playing_pictures(container: InputContainer) -> list[VideoStream]:
    """The picture that FFmpeg shows by default, and then those that other players may show instead.

    A cover is one only if there is nothing else.
    """
    streams = [one for one in container.streams.video if not one.disposition & COVERS]
    return _playing(streams or list(container.streams.video), _pixels)


def playing_sounds(container: InputContainer) -> list[AudioStream]:
    """The sound that FFmpeg plays by default, and then those that other players may play instead."""
    return _playing(list(container.streams.audio), _channels)


def _playing(streams: Sequence[Stream], size: Callable[[Stream], int]) -> list[Stream]:
    if not streams:
        return []
    marked: list[Stream] = [one for one in streams if one.disposition & Disposition.default]
    first: Stream = max(streams, key=lambda one: size(one) + _DEFAULT_BONUS * (one in marked))
    others: list[Stream] = [one for one in (marked or streams) if one is not first]
    others.insert(0, first)
    return others


def _pixels(stream: VideoStream) -> int:
    context = stream.codec_context
    return 0 if context is None else context.width * context.height


def _channels(stream: AudioStream) -> int:
    context = stream.codec_context
    return 0 if context is None else context.channels


def open_untrusted(path: Path) -> InputContainer:
    """The container at `path`, and no other file that it may name. Raises `av.error.FFmpegError`."""
    # Only this one file: a playlist or a reference movie must not make FFmpeg open others or the network.
    options = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}
    container: InputContainer = av.open(str(path), mode="r", options=options, metadata_errors="replace")
    return container
