"""Which seconds of a track could not be read: packets that do not decode, and what is built on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import av
import av.logging
from av.packet import Packet

from provenance.verify.reader.containers import open_untrusted
from provenance.verify.reader.frames import MOST_BROKEN_PACKETS, demuxed, picture_of

MOST_SPANS: Final = 40
_MOST_PACKETS: Final = 20_000  # decoded once more to see which of them are damaged
_LEAST_S: Final = 0.1  # of a span that is told; less of a track changes nothing that is found
_BLANK_BYTES: Final = 32  # zeros in a row at the end of a packet that encoders of pictures do not write
_SPOILED: Final = ("concealing", "error while decoding", "corrupt", "error parsing nal")


def is_blank(packet: Packet[Any]) -> bool:
    """Whether the end of a packet of a picture is nothing but zeros, as a part of a file is that was lost."""
    return packet.size >= _BLANK_BYTES and not any(bytes(memoryview(packet)[-_BLANK_BYTES:]))


def is_blank_aac(packet: Packet[Any]) -> bool:
    """Whether a whole packet of AAC is zeros, which says nothing in it. In other codecs silence may."""
    return packet.size >= _BLANK_BYTES and not any(bytes(packet))


class DamagedSpans:
    """Spans in seconds of a file, each from the first that could not be read to what could be read again."""

    def __init__(self) -> None:
        self._spans: list[tuple[float, float | None]] = []
        self._last_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether nothing could be read again yet."""
        return bool(self._spans) and self._spans[-1][1] is None

    def add(self, time_s: float | None) -> None:
        """What is shown or heard at this time cannot be read; where no time is known, since the last one."""
        begin_s = max(0.0, self._last_s if time_s is None else time_s)
        if self.is_open or len(self._spans) == MOST_SPANS:
            self._spans[-1] = (min(self._spans[-1][0], begin_s), None)
        else:
            self._spans.append((begin_s, None))

    def end(self, time_s: float | None) -> None:
        """What comes at this time can be read."""
        self._last_s = max(self._last_s, time_s or 0.0)
        if self.is_open:
            begin_s = self._spans[-1][0]
            self._spans[-1] = (begin_s, max(begin_s, self._last_s))

    def spans(self, end_s: float) -> tuple[tuple[float, float], ...]:
        """The spans in order, up to the end of the track; one that was never left ends there."""
        ends = ((begin, end_s if end is None else min(end, end_s)) for begin, end in self._spans)
        return tuple((round(begin, 3), round(end, 3)) for begin, end in ends if end - begin >= _LEAST_S)


def are_of_damage(told: Iterable[tuple[int, str, str]]) -> bool:
    """Whether a decoder says that it shows something else than was encoded. It also complains of what changes
    no picture, as of units that it does not know and of frames before the first of a trim."""
    return any(word in message.lower() for _, _, message in told for word in _SPOILED)


@contextmanager
def complaints() -> Iterator[list[tuple[int, str, str]]]:
    """What FFmpeg's decoders complain of meanwhile in this thread: damage that they cover as they can."""
    former, skipped = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.ERROR)
    av.logging.set_skip_repeated(False)  # or what was told last of another file would not be told of this one
    try:
        with av.logging.Capture(local=True) as told:
            yield told
    finally:
        av.logging.set_skip_repeated(skipped)
        av.logging.set_level(former)


def damaged_spans(path: Path, end_s: float) -> tuple[tuple[float, float], ...]:
    """The spans of a picture, up to `end_s`, in which frames could not be decoded as they were encoded: each
    from a packet that the decoder complains of, or loses, to the next frame that is built on no other.
    """
    damage, errors = DamagedSpans(), 0
    try:
        with open_untrusted(path) as container:
            stream = picture_of(container)
            stream.thread_count = 1
            begin_s = (container.start_time or 0) / av.time_base
            for number, packet in enumerate(demuxed(container)):
                time_s = None if packet.pts is None else float(packet.pts * packet.time_base) - begin_s
                if number == _MOST_PACKETS or (time_s is not None and time_s > end_s + 1):
                    break
                with complaints() as told:
                    try:
                        is_whole = not any(frame.is_corrupt for frame in packet.decode())
                    except av.error.InvalidDataError:
                        is_whole = False
                        errors += 1
                if errors > MOST_BROKEN_PACKETS:
                    damage.add(time_s)
                    break
                if are_of_damage(told) or not is_whole or is_blank(packet):
                    damage.add(time_s)
                elif packet.is_keyframe or not damage.is_open:
                    damage.end(time_s)
    except (av.error.FFmpegError, IndexError):
        damage.add(None)
    return damage.spans(end_s)
