"""Single frames from all over a long clip, as many and as evenly as a budget for decoding allows.

Runs FFmpeg on hostile bytes: only inside the isolated process.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from provenance.verify.reader.containers import open_untrusted
from provenance.verify.reader.frames import (
    MOST_BROKEN_PACKETS,
    FrameFacts,
    PacketTimes,
    demuxed,
    picture_of,
    pixels_of,
    second_of,
)

MOST_PLACES: Final = 150  # one every 4 s of ten minutes
LEAST_APART_S: Final = 2.0
# On the way from key frames to places between them, of which those that no other is built on are not decoded:
# nine minutes of 1280x720 at 25 a second.
MOST_PIXELS_ON_THE_WAY: Final = 12_000_000_000
FRAMES, FRAMES_APART = 4, 3  # of each place
MOST_PIXELS_BETWEEN: Final = 500_000_000  # from a key frame to a place between two times


def spread_frames(
    path: Path, facts: FrameFacts, packets: PacketTimes
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Frames of a clip with these packets, as (second, (H, W) uint8 grey), FRAMES of each place.

    No side is longer than `LARGEST_SIDE`. Key frames cost nothing but themselves and come first, from
    all over the file; then what lies between them, in order. Raises as `frames.sampled` does.
    """
    budget = MOST_PIXELS_ON_THE_WAY // max(1, facts.width * facts.height)
    places = chosen_places(packets, budget)
    keys = set(packets.keys)
    yield from _decoded_at(path, packets, [place for place in places if place in keys], FRAMES)
    yield from _decoded_at(path, packets, [place for place in places if place not in keys], FRAMES)


def frames_between(
    path: Path, facts: FrameFacts, packets: PacketTimes, between: tuple[float, float], count: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """About `count` frames evenly from between two times, as `spread_frames` gives them.

    None of those that are too far behind a key frame. Raises as `frames.sampled` does.
    """
    first, last = (bisect_right(packets.times, time_s) for time_s in between)
    places = sorted({int(place) for place in np.linspace(first, last, count, endpoint=False)} - {last})
    budget = MOST_PIXELS_BETWEEN // max(1, facts.width * facts.height)
    near = [
        place for place in places if place - packets.keys[bisect_right(packets.keys, place) - 1] <= budget
    ]
    yield from _decoded_at(path, packets, near, 1)


def _decoded_at(
    path: Path, packets: PacketTimes, places: Sequence[int], count: int
) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    reformatter = VideoReformatter()
    with open_untrusted(path) as container:
        stream = picture_of(container)
        stream.thread_count = 1
        codec = stream.codec_context
        arriving = enumerate(demuxed(container))
        errors = done = 0
        for place in places:
            start = max(done, packets.keys[bisect_right(packets.keys, place) - 1])
            if start > done:
                codec.flush_buffers()
            given, following = 0, place
            for number, packet in arriving:
                done = number + 1
                if number < start:
                    continue
                # On the way those that no other frame is built on need not be decoded.
                codec.skip_frame = "DEFAULT" if number >= place and not given else "NONREF"
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    errors += 1
                    if errors > MOST_BROKEN_PACKETS:
                        return
                    continue
                if number >= following and frames:
                    yield second_of(frames[0], container), pixels_of(frames[0], reformatter)
                    given, following = given + 1, number + FRAMES_APART
                if given == count:
                    break


def chosen_places(packets: PacketTimes, budget: int) -> list[int]:
    """The numbers of the packets to look at, in order, for which at most `budget` others are decoded."""
    times, keys = packets.times, packets.keys
    if not times:
        return []
    apart_s = max(LEAST_APART_S, (times[-1] - times[0]) / MOST_PLACES)
    chosen = [keys[0]]
    for key in keys[1:]:
        if times[key] - times[chosen[-1]] >= apart_s:
            chosen.append(key)
    ends = [*(times[key] for key in chosen[1:]), times[-1]]
    spans = list(zip(chosen, ends, strict=True))
    found, step = list(chosen), 1
    while spans and budget > 0:
        # The next frame of every span that still has room for one, each built on what was decoded before it.
        spans = [span for span in spans if times[span[0]] + (step + 0.5) * apart_s <= span[1]]
        wanted = [_at(times, key, times[key] + step * apart_s) for key, _ in spans]
        built_on = [_at(times, key, times[key] + (step - 1) * apart_s) for key, _ in spans]
        costs = [
            place - max(former, keys[bisect_right(keys, place) - 1])
            for former, place in zip(built_on, wanted, strict=True)
        ]
        affordable = _evenly(range(len(wanted)), costs, budget)
        budget -= sum(costs[one] for one in affordable)
        found += [wanted[one] for one in affordable]
        if len(affordable) < len(wanted):
            break
        step += 1
    return sorted(set(found))


def _at(times: Sequence[float], key: int, time_s: float) -> int:
    """The packet behind a key frame that is shown about then; times in the order of decoding rise roughly."""
    return max(key, min(bisect_right(times, time_s, lo=key), len(times) - 1))


def _evenly(numbers: Sequence[int], costs: Sequence[int], budget: int) -> list[int]:
    """As many of the numbers as can be paid for, evenly spread."""
    for count in range(len(numbers), 0, -1):
        picked = sorted({numbers[int((index + 0.5) * len(numbers) / count)] for index in range(count)})
        if sum(costs[one] for one in picked) <= budget:
            return picked
    return []
