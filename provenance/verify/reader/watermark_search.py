"""Extract our watermark from the frames of an untrusted file, inside the confined process."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from provenance.fingerprints.motion.measuring import FOUND_RATE
from provenance.verify.evidence.reader_report import MotionReport, PartialWatermark, WatermarkReport
from provenance.verify.reader.damage import complaints, damaged_spans
from provenance.verify.reader.frames import (
    MOST_SAMPLED,
    FrameFacts,
    NotDecodable,
    PacketTimes,
    first_picture,
    frame_facts,
    is_short,
    packet_times,
    sampled,
)
from provenance.verify.reader.motion_reading import EARLY_S, FrameTrack, clearest, track_of
from provenance.verify.reader.pieces import Deadline, PieceSearch, shots_of
from provenance.verify.reader.places import frames_between, spread_frames
from provenance.verify.reader.watermark_by_part import ReadFrames, read_all, watermarks_by_second
from provenance.watermark import Extractor, WatermarkKey
from provenance.watermark.glance import Glance
from provenance.watermark.identification.reading import Extraction
from provenance.watermark.third_party_marks import detect_generator_watermark

# Processor seconds after which no further piece of a file is looked at.
MOST_CPU_S: Final = 8.0
MOST_DECODING_S: Final = 3.0  # processor seconds of those
FIRST_LOOK: Final = 8  # frames, after which a file that shows no mark is not decoded as one that has one


class _Clip(NamedTuple):
    path: Path
    facts: FrameFacts


def search_watermark(path: Path, secrets: Sequence[bytes]) -> WatermarkReport:
    """What the frames of a file hold under the keys made of `secrets`. Never raises for what is in the file.

    The answer is made from it where the issued ids are known (`watermark_answer`).
    """
    deadline = Deadline.within(cpu_s=MOST_CPU_S)
    keys = [WatermarkKey(secret) for secret in secrets]
    extractor, track = Extractor(), FrameTrack()
    with complaints() as told:
        try:
            facts = frame_facts(path)
            if facts is None:
                return WatermarkReport("not_looked_for")
            looked_at: dict[int, list[NDArray[np.uint8]]] = {}
            frames = sampled(path, facts, track.add)
            for number, (second, luma) in enumerate(islice(frames, MOST_SAMPLED), 1):
                track.read(second)
                extractor.add(luma, second)
                looked_at.setdefault(second, []).append(luma)
                if number == FIRST_LOOK and not extractor.seems_marked(keys):
                    track.give_up()
            picture = first_picture(path)
        except (av.error.FFmpegError, NotDecodable):
            return WatermarkReport("inconclusive")
        has_cuts = not is_short(facts) and 2 * len(shots_of(looked_at)) > len(looked_at)
        read = ReadFrames(extractor.read(keys, has_cuts=has_cuts), tuple(sorted(looked_at)), extractor)
        motion = _motion(path, read.extraction, track if is_short(facts) else None, facts, frames)
    if motion is not None and told:
        motion = replace(motion, unread=damaged_spans(path, motion.start_s + motion.rows / FOUND_RATE))
    watermarks: list[PartialWatermark] = []
    seconds: dict[int, int] = {}
    coarse: set[int] = set()
    if not is_short(facts) and not _is_moving(read.extraction):
        read, watermarks, seconds, coarse = _closer(_Clip(path, facts), looked_at, read, keys, deadline)
    elif len(looked_at) > 1:
        watermarks, seconds = watermarks_by_second(looked_at, read, keys, read_all)
    return WatermarkReport(
        state=None,
        extraction=read.extraction,
        generator=None if picture is None else detect_generator_watermark(picture),
        duration_s=_shown_s(path, facts, motion),
        looked_at=tuple(sorted(looked_at)),
        watermarks=tuple(watermarks),
        seconds=tuple(sorted(seconds.items())),
        motion=motion,
        frame_size=None if picture is None else (picture.shape[1], picture.shape[0]),
        read_from=read.seconds,
        coarse=tuple(sorted(coarse)),
    )


def _closer(
    clip: _Clip,
    looked_at: dict[int, list[NDArray[np.uint8]]],
    read: ReadFrames,
    keys: Sequence[WatermarkKey],
    deadline: Deadline,
) -> tuple[ReadFrames, list[PartialWatermark], dict[int, int], set[int]]:
    """Look at a long clip in many places, also for short pieces that carry a mark.

    `looked_at` is what was `read`; the frames of more places are added to it. Gives what counts for the clip,
    the watermarks in it, the seconds that carry them, and those in which a faint mark may have been missed.
    """
    packets, glances = PacketTimes((), (0,)), dict[int, Glance]()
    for second, frames in looked_at.items():
        glances[second] = Glance(frames[0].shape)
        for luma in frames:
            glances[second].add(luma)
    try:
        packets = packet_times(clip.path)
        until = Deadline.within(cpu_s=MOST_DECODING_S)
        for second, luma in spread_frames(*clip, packets):
            looked_at.setdefault(second, [luma])
            glances.setdefault(second, Glance(luma.shape)).add(luma)
            if until.is_over:
                break
    except (av.error.FFmpegError, NotDecodable):
        pass  # what was decoded before it counts

    def closer(begin_s: float, end_s: float, count: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        with contextlib.suppress(av.error.FFmpegError, NotDecodable):
            yield from frames_between(*clip, packets, (begin_s, end_s), count)

    search = PieceSearch(looked_at, glances, closer, deadline)
    attempts = read.extraction.attempts
    if not read.extraction.has_word:
        read = search.read(looked_at, keys) or read
    looked_at |= search.more
    watermarks, seconds = watermarks_by_second(looked_at, read, keys, search.read)
    if not read.extraction.has_word:
        for faint in search.faint:
            read.extraction.keep(faint)
        for second in search.unseen.difference(read.seconds):
            del looked_at[second]
    read.extraction.attempts = attempts + search.attempts
    read.extraction.is_everywhere &= search.is_everywhere
    read.extraction.frames_read = sum(map(len, looked_at.values()))
    return read, watermarks, seconds, search.coarse.intersection(looked_at).difference(seconds)


def _shown_s(path: Path, facts: FrameFacts, motion: MotionReport | None) -> float | None:
    """How long a picture is shown: what the file states, or less where the picture ends earlier than its
    sound.
    """
    if facts.duration_s is None or (motion is not None and motion.until_s is not None):
        return facts.duration_s
    if motion is not None:
        shown_s = motion.start_s + motion.rows / FOUND_RATE
    elif is_short(facts):
        shown_s = _end_of_packets(path) or facts.duration_s
    else:
        return facts.duration_s
    return shown_s if shown_s < facts.duration_s - EARLY_S else facts.duration_s


def _end_of_packets(path: Path) -> float:
    """When the last frame of a picture of several ends, by its packets; 0 where they do not say."""
    try:
        packets = packet_times(path)
    except av.error.FFmpegError:
        return 0.0
    return packets.end_s if len(packets.times) > 1 else 0.0


def _is_moving(extraction: Extraction) -> bool:
    """Whether a mark was found in a picture that moves: its path is known in the frames read alone."""
    return any(reading.path and reading.payload is not None for reading in extraction.readings)


def _motion(
    path: Path,
    extraction: Extraction,
    track: FrameTrack | None,
    facts: FrameFacts,
    rest: Iterator[tuple[int, NDArray[np.uint8]]],
) -> MotionReport | None:
    """How the picture moves under the mark.

    The `rest` of a short clip is decoded for nothing else, and only here. The frames of a long one, and again
    those of one that did not seem marked at first, are decoded for it.
    """
    if clearest(extraction) is None:
        return None
    try:
        deque(rest, maxlen=0)
        if track is None:
            track = track_of(path)
        elif track.is_given_up:
            track = track.made_anew(path)
        return track.report(extraction, facts.duration_s)
    except (av.error.FFmpegError, NotDecodable):
        return None
