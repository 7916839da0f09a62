"""Sample a bounded number of frames from an untrusted file, for watermark extraction.

Runs FFmpeg on hostile bytes: only inside the isolated process.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from provenance.verify.reader.containers import (
    LARGEST_PIXELS,
    LARGEST_SIDE,
    Packets,
    open_untrusted,
    playing_pictures,
)

MOST_BROKEN_PACKETS = 64
MOST_PACKETS = 400_000  # over three hours at 30 a second; what comes behind them is not looked at
# Decoded in one file on the way from key frames to the places in a long clip: 2400 frames of 1920x1080.
MOST_PIXELS_ON_THE_WAY = 5_000_000_000

_SHORT_S = 20.0
_USUAL_FPS = 25
MOST_SAMPLED = 48  # frames in all; of a clip that does not move, more of them show nothing new
_PLACES, _STEP = 12, 4  # in a long clip, and frames from one to the next


@dataclass(frozen=True)
class FrameFacts:
    """What the container says about its first picture track; `duration_s` is None when it does not say."""

    width: int
    height: int
    duration_s: float | None


class NotDecodable(ValueError):
    """The picture has more pixels than we decode, or is encoded in a way that we have no decoder for."""


def frame_facts(path: Path) -> FrameFacts | None:
    """Size and duration of the first video track or picture, or None when there is none.

    Raises `av.error.FFmpegError` for what cannot be read and `NotDecodable` for pictures over 16 megapixels
    and unknown codecs.
    """
    with open_untrusted(path) as container:
        pictures = playing_pictures(container)
        if not pictures:
            return None
        stream = pictures[0]
        if stream.codec_context is None:
            raise NotDecodable
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > LARGEST_PIXELS:
            raise NotDecodable
        duration = float(container.duration / av.time_base) if container.duration else None
        return FrameFacts(width, height, duration)


# Takes every frame that is decoded on the way, and its time in seconds; True as long as it wants more.
Watch = Callable[[VideoFrame, float], bool]


def sampled(
    path: Path, facts: FrameFacts, watch: Watch = lambda frame, time_s: False
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames spread over the whole clip, as (second, (H, W) uint8 grey), no side longer than 1280.

    A short clip is read through and every few frames are given; of a long one a few frames each from places
    all over it. What is damaged is passed over as far as FFmpeg can; a file that ends early gives the frames
    before its end. Of a short clip `watch` is given every frame, as long as it wants them; those behind the
    last of MOST_SAMPLED only when the iterator is asked for one more. Once it wants no more, frames on which
    no other is built are decoded only if they are given. Raises `NotDecodable` if a frame turns out larger
    than the container said.
    """
    if is_short(facts):
        every = max(1, round((facts.duration_s or 0) * _USUAL_FPS / MOST_SAMPLED))
        yield from _through(path, every=every, watch=watch)
        return
    yield from _at_places(path, most_on_the_way=MOST_PIXELS_ON_THE_WAY // max(1, facts.width * facts.height))


def is_short(facts: FrameFacts) -> bool:
    """Whether a clip is short enough to be read through, or does not say how long it is."""
    return facts.duration_s is None or facts.duration_s <= _SHORT_S


def every_frame(path: Path) -> Iterator[tuple[float, VideoFrame]]:
    """All frames of a clip with their times in seconds. Raises as `sampled` does."""
    with open_untrusted(path) as container:
        picture_of(container).thread_count = 1
        for frame in _decoded(container.demux(picture_of(container))):
            if frame.width * frame.height > LARGEST_PIXELS:
                raise NotDecodable
            yield _time(frame, container), frame


def first_picture(path: Path) -> NDArray[np.uint8] | None:
    """The first frame at its own size, (H, W, 3) uint8 RGB, or None when there is none.

    Raises as `sampled` does.
    """
    with open_untrusted(path) as container:
        picture_of(container).thread_count = 1
        frame = next(_decoded(container.demux(picture_of(container))), None)
        if frame is None:
            return None
        if frame.width * frame.height > LARGEST_PIXELS:
            raise NotDecodable
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _through(path: Path, *, every: int, watch: Watch) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    reformatter = VideoReformatter()
    places = range(0, every * MOST_SAMPLED, every)
    with open_untrusted(path) as container:
        stream = picture_of(container)
        stream.thread_count = 1
        packets, given, is_watched = Packets(container, stream), 0, True
        for number, frame in enumerate(_decoded(packets)):
            if number in places if packets.wanted is None else frame.pts in packets.wanted:
                given += 1
                yield second_of(frame, container), pixels_of(frame, reformatter)
            wants_more = watch(frame, _time(frame, container))
            if is_watched and not wants_more:
                is_watched = False
                packets.decode_for(frame, number + 1, places)
            if not is_watched and (given == MOST_SAMPLED or number + 1 >= places.stop):
                return


def _at_places(path: Path, *, most_on_the_way: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames from places evenly spread over what the file holds, whatever its header says of its length.

    No frame comes twice: the file is gone through once, each place is decoded from the key frame before it,
    or from the last place if that is nearer, and what lies between is not decoded. A place that is too far
    behind its key frame for the `most_on_the_way` frames is moved towards that; its seconds are still true.
    """
    packet_list = packet_times(path)
    packets, keys = len(packet_list.times), packet_list.keys
    with open_untrusted(path) as container:
        stream = picture_of(container)
        stream.thread_count = 1
        codec = stream.codec_context
        arriving = enumerate(demuxed(container))
        errors = done = 0
        reformatter = VideoReformatter()
        for place in range(_PLACES):
            begin = packets * place // _PLACES
            start = max(done, keys[bisect_right(keys, begin) - 1])
            begin = min(max(begin, start), start + most_on_the_way // (_PLACES - place))
            if start > done:
                codec.flush_buffers()
            given = passed = 0
            for number, packet in arriving:
                done = number + 1
                if number < start:
                    continue
                # On the way those that no other frame is built on need not be decoded.
                codec.skip_frame = "NONREF" if number < begin else "DEFAULT"
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    errors += 1
                    if errors > MOST_BROKEN_PACKETS:
                        return
                    continue
                if number < begin:
                    continue
                for frame in frames:
                    if passed % _STEP == 0 and given < MOST_SAMPLED // _PLACES:
                        yield second_of(frame, container), pixels_of(frame, reformatter)
                        given += 1
                    passed += 1
                if given == MOST_SAMPLED // _PLACES:
                    break
            most_on_the_way -= begin - start


@dataclass(frozen=True)
class PacketTimes:
    """The packets of the picture in the order of decoding: when each is shown, in seconds from the clip's
    beginning, and the numbers of those at which decoding can begin. `end_s`: when the last one shown ends.
    """

    times: tuple[float, ...]
    keys: tuple[int, ...]
    end_s: float = 0.0


def packet_times(path: Path) -> PacketTimes:
    """What the container says of its packets of picture. Raises as `sampled` does."""
    times: list[float] = []
    keys, end_s = [0], 0.0
    with open_untrusted(path) as container:
        begin = (container.start_time or 0) / av.time_base
        for packet in demuxed(container):
            if not packet.size:
                continue
            if packet.is_keyframe and times:
                keys.append(len(times))
            clock = packet.pts if packet.pts is not None else packet.dts
            shown = float(clock * packet.time_base) - begin if clock is not None else 0.0
            end_s = max(end_s, shown + float((packet.duration or 0) * packet.time_base))
            times.append(max(shown, times[-1] if times else 0.0))
    a_frame_s = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
    return PacketTimes(tuple(times), tuple(keys), max(end_s, times[-1] + a_frame_s if times else 0.0))


def demuxed(container: InputContainer) -> Iterator[Packet[VideoStream]]:
    """The packets of the picture, MOST_PACKETS at most, up to where the container can be read."""
    packets = container.demux(picture_of(container))
    try:
        yield from islice(packets, MOST_PACKETS)
    except (av.error.InvalidDataError, IndexError):
        # The second when a damaged transport stream announces one more track in its midst.
        return


def second_of(frame: VideoFrame, container: InputContainer) -> int:
    """The second of the clip that the frame is in, also in files whose clock does not begin at 0."""
    return int(_time(frame, container))


def _time(frame: VideoFrame, container: InputContainer) -> float:
    """When the frame is shown, in seconds from the clip's beginning."""
    return max(0.0, float((frame.time or 0) - (container.start_time or 0) / av.time_base))


def picture_of(container: InputContainer) -> VideoStream:
    """The picture that is looked at: the one that is shown by default. Raises IndexError without any."""
    return playing_pictures(container)[0]


def _decoded(packets: Iterable[Packet[VideoStream]]) -> Iterator[VideoFrame]:
    errors = 0
    for packet in packets:
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            # One broken packet is no reason to give up on the rest; a file full of them is.
            errors += 1
            if errors > MOST_BROKEN_PACKETS:
                return


def pixels_of(frame: VideoFrame, reformatter: VideoReformatter) -> NDArray[np.uint8]:
    """A frame as (H, W) uint8 grey, no side longer than LARGEST_SIDE. Raises `NotDecodable` for a huge one.

    One `reformatter` serves all frames of a file: to prepare one takes longer than to use it.
    """
    if frame.width * frame.height > LARGEST_PIXELS:
        raise NotDecodable
    scale = min(1.0, LARGEST_SIDE / max(frame.width, frame.height))
    width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    grey = reformatter.reformat(frame, width, height, "gray", threads=1)
    return np.asarray(grey.to_ndarray(), dtype=np.uint8)
