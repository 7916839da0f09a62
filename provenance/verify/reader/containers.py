"""Open an untrusted file, find which picture and which sound of it players play by default, and decode no
more of its packets than it takes.

FFmpeg takes the track with the most pixels or channels, and those that are marked as default before others;
browsers take the first that is marked. Where the two differ, or several are marked, players differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypeVar

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

COVERS: Final = Disposition.attached_pic | Disposition.timed_thumbnails
_DEFAULT_BONUS: Final = 5_000_000  # FFmpeg's, beside pixels or channels
_MOST_DELAYED: Final = 32  # packets that are decoded between that of a frame and the frame
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
