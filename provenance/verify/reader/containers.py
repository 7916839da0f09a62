"""Open an untrusted file, find which picture and which sound of it players play by default, and decode no
more of its packets than it takes.

FFmpeg takes the track with the most pixels or channels, and those that are marked as default before others;
browsers take the first that is marked. Where the two differ, or several are marked, players differ.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

COVERS: Final = Disposition.attached_pic | Disposition.timed_thumbnails
_DEFAULT_BONUS: Final = 5_000_000  # FFmpeg's, beside pixels or channels
_MOST_DELAYED: Final = 32  # packets that are decoded between that of a frame and the frame
LARGEST_PIXELS: Final = 4096 * 4096
LARGEST_SIDE: Final = 1280
_ANIMATED: Final = 2  # a bit of a WebP's flags
_MILLISECOND: Final = Fraction(1, 1000)
# Of a moving WebP: decoded in all, which takes 6 s; kept, up to three bytes each, 190 MB, and as much
# again while they are put together; and what each frame counts for at least.
_MOST_WEBP_PIXELS: Final = 400_000_000
_MOST_KEPT_PIXELS: Final = 64_000_000
_PIXELS_AT_LEAST: Final = 256 * 256
# What Pillow and FFmpeg raise where a file cannot be read any more.
_OF_DAMAGE: Final = (OSError, EOFError, SyntaxError, ValueError, av.error.FFmpegError)
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
    """The container at `path`, and no other file that it may name. Raises `av.error.FFmpegError`.

    FFmpeg cannot decode a WebP that moves: its frames come from Pillow, as a video without loss.
    """
    if (copy := _copy_of_webp(path)) is not None:
        opened: InputContainer = av.open(io.BytesIO(copy.video), mode="r")
        return opened
    # Only this one file: a playlist or a reference movie must not make FFmpeg open others or the network.
    options = {"protocol_whitelist": "file", "enable_drefs": "0", "use_absolute_path": "0"}
    container: InputContainer = av.open(str(path), mode="r", options=options, metadata_errors="replace")
    return container


def is_moving_webp(path: Path) -> bool:
    """Whether the file is a WebP with frames, no larger than pictures that we decode."""
    with path.open("rb") as file:
        head = file.read(30)
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:16] != b"WEBPVP8X" or not head[20] & _ANIMATED:
        return False
    width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
    return width * height <= LARGEST_PIXELS


def is_damaged_webp(path: Path) -> bool:
    """Whether the file is a WebP with frames, behind the first of which some could not be decoded."""
    copy = _copy_of_webp(path)
    return copy is not None and not copy.is_whole


class _Copy(NamedTuple):
    video: bytes
    is_whole: bool


def _copy_of_webp(path: Path) -> _Copy | None:
    return _as_video(path, path.stat().st_mtime_ns) if is_moving_webp(path) else None


@lru_cache(maxsize=1)  # one file is opened several times
def _as_video(path: Path, _changed: int) -> _Copy | None:
    """The frames of a moving WebP in RGB, encoded without loss, no side longer than LARGEST_SIDE.

    Where those would be too much to keep, every few frames only, over the whole length. None without Pillow,
    for one that takes too long to decode, and without a frame that can be decoded. A damaged file ends where
    it cannot be read any more.
    """
    try:
        from PIL import Image, ImageSequence  # noqa: PLC0415 - few files are of this kind
    except ImportError:
        return None
    video, written, is_whole = io.BytesIO(), 0, False
    with contextlib.suppress(*_OF_DAMAGE), Image.open(path) as source:
        pixels, count = source.width * source.height, getattr(source, "n_frames", 1)
        if count * max(pixels, _PIXELS_AT_LEAST) > _MOST_WEBP_PIXELS:
            return None
        scale = min(1.0, LARGEST_SIDE / max(source.size))
        width, height = (max(1, round(scale * side)) for side in source.size)
        every = math.ceil(count * max(width * height, _PIXELS_AT_LEAST) / _MOST_KEPT_PIXELS)
        with av.open(video, mode="w", format="matroska") as copy:
            stream = copy.add_stream("ffv1", rate=1000)
            stream.width, stream.height, stream.pix_fmt = width, height, "bgr0"
            stream.thread_count = 1
            for number, picture in enumerate(ImageSequence.Iterator(source)):
                picture.load()  # which is also what tells its time
                if number % every == 0:
                    frame = VideoFrame.from_ndarray(
                        np.asarray(picture.convert("RGB").resize((width, height))), "rgb24"
                    )
                    frame.pts, frame.time_base = int(picture.info.get("timestamp", 0)), _MILLISECOND
                    copy.mux(stream.encode(frame))
                    written += 1
            copy.mux(stream.encode(None))
        is_whole = True
    return _Copy(video.getvalue(), is_whole) if written else None


class Packets:
    """The packets of a picture in the order in which they are decoded.

    `wanted`: the clocks of the frames that are wanted, once not all of them are. Others on which no frame is
    built are not decoded, as far as the decoder can tell; those that come nevertheless are of no use.
    """

    def __init__(self, container: InputContainer, stream: VideoStream) -> None:
        self.wanted: frozenset[int] | None = None
        self._codec = stream.codec_context
        self._packets: Iterator[Packet[VideoStream]] = container.demux(stream)
        self._given: list[int | None] = []  # clocks of the frames in those that were handed out

    def __iter__(self) -> Iterator[Packet[VideoStream]]:
        while (packet := next(self._packets, None)) is not None:
            if self.wanted is None:
                self._given += _clocks([packet])
            else:
                self._codec.skip_frame = "DEFAULT" if packet.pts in self.wanted else "NONREF"
            yield packet

    def decode_for(self, last: VideoFrame, number: int, places: range) -> None:
        """From now on only the frames at these `places` are wanted; `number` are out, with the `last` one.

        Everything is decoded as before where the clocks do not tell which packet is which frame's.
        """
        count = max(0, places.stop - len(self._given)) + _MOST_DELAYED
        coming, self._packets = _ahead(self._packets, count)
        behind = [
            clock for clock in self._given if clock is not None and last.pts is not None and clock > last.pts
        ]
        clocks = _clocks(coming)
        for clock in clocks:
            if clock is None or last.pts is None or clock <= last.pts:
                return
            behind.append(clock)
        behind.sort()
        self.wanted = frozenset(
            behind[place - number] for place in places if 0 <= place - number < len(behind)
        )


def _clocks(packets: Sequence[Packet[VideoStream]]) -> list[int | None]:
    """When the frames in some packets are shown, in ticks of their stream."""
    return [packet.pts for packet in packets if packet.size and not packet.is_discard]


def _ahead(
    packets: Iterator[Packet[VideoStream]], count: int
) -> tuple[list[Packet[VideoStream]], Iterator[Packet[VideoStream]]]:
    """The next packets, `count` at most, and an iterator that gives these and all behind them."""
    coming: list[Packet[VideoStream]] = []
    try:
        coming.extend(islice(packets, count))
    except (av.error.FFmpegError, IndexError) as error:
        return coming, _until(coming, error)
    return coming, chain(coming, packets)


def _until(packets: Sequence[Packet[VideoStream]], error: Exception) -> Iterator[Packet[VideoStream]]:
    yield from packets
    raise error
