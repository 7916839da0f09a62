"""Thirty-some containers that play something else than they seem to hold, made from two clips.

`ours` carries our mark and our speech, `foreign` neither. What each container plays by default is not claimed
here: whoever uses them has FFmpeg play them.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import av

Container = bytes


@dataclass(frozen=True)
class Materials:
    """MP4s of picture and sound: `ours` and `foreign` of one size, `large` a foreign one with more pixels.

    `cover` is a JPEG of a frame of ours.
    """

    ours: bytes
    foreign: bytes
    large: bytes
    cover: bytes


Track = tuple[bytes, str]  # an MP4, and which of its tracks: "video" or "audio"


def muxed(*tracks: Track, form: str = "mp4", fragments: bool = False) -> Container:
    """The encoded tracks in one container, the index of an MP4 behind the media."""
    target = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"} if fragments else {}
    sources = [av.open(io.BytesIO(data)) for data, _ in tracks]
    with av.open(target, "w", format=form, options=options) as out:
        streams = [
            next(one for one in source.streams if one.type == kind)
            for source, (_, kind) in zip(sources, tracks, strict=True)
        ]
        outs = [out.add_stream_from_template(stream) for stream in streams]
        packets: list[tuple[float, int, Any]] = []
        for number, (source, stream) in enumerate(zip(sources, streams, strict=True)):
            for packet in source.demux(stream):
                if packet.dts is not None:
                    packets.append((float(packet.dts * packet.time_base), number, packet))
        for _, number, packet in sorted(packets, key=lambda one: one[:2]):
            packet.stream = outs[number]
            out.mux(packet)
    for source in sources:
        source.close()
    return target.getvalue()


def _places(data: bytes, kind: bytes) -> list[int]:
    """Offsets of the payloads of all boxes of a kind that stand in the index."""
    found, at = [], data.index(b"moov")
    while (at := data.find(kind, at)) >= 0:
        found.append(at + 4)
        at += 4
    return found


def with_enabled(data: bytes, *enabled: bool) -> Container:
    """With the tracks' flags set, in their order."""
    changed = bytearray(data)
    for place, is_enabled in zip(_places(data, b"tkhd"), enabled, strict=True):
        changed[place + 3] = changed[place + 3] & ~1 | is_enabled
    return bytes(changed)


def with_matrix(data: bytes, *matrix: int) -> Container:
    """With the first track shown through a matrix (nine numbers)."""
    changed = bytearray(data)
    struct.pack_into(">9i", changed, _places(data, b"tkhd")[0] + 40, *matrix)
    return bytes(changed)


def with_movie_matrix(data: bytes, *matrix: int) -> Container:
    """With all tracks shown through one more matrix, which the movie has."""
    changed = bytearray(data)
    struct.pack_into(">9i", changed, _places(data, b"mvhd")[0] + 36, *matrix)
    return bytes(changed)


def _boxes(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        found.append((kind, content[at + 8 : at + size]))
        at += size
    return found


def with_header_last(data: bytes) -> Container:
    """With the movie's header behind its tracks: boxes may come in any order."""
    return with_index(
        data,
        lambda moov: b"".join(_box(*one) for one in sorted(_boxes(moov), key=lambda one: one[0] == b"mvhd")),
    )


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_index(data: bytes, change: Callable[[bytes], bytes]) -> Container:
    """With the content of the index, which stands last, changed."""
    return b"".join(
        _box(kind, change(content) if kind == b"moov" else content) for kind, content in _boxes(data)
    )


def with_edits(data: bytes, *edits: tuple[int, int]) -> Container:
    """With an edit list for every track: duration in the movie's time, start in seconds of the media."""

    def of_track(trak: bytes) -> bytes:
        inner = _boxes(trak)
        mdhd = dict(_boxes(dict(inner)[b"mdia"]))[b"mdhd"]
        scale = int.from_bytes(mdhd[12:16], "big")
        entries = b"".join(
            struct.pack(">IiI", length, start if start < 0 else start * scale, 0x10000)
            for length, start in edits
        )
        listed = _box(b"edts", _box(b"elst", struct.pack(">II", 0, len(edits)) + entries))
        kept = [_box(kind, content) for kind, content in inner if kind != b"edts"]
        return kept[0] + listed + b"".join(kept[1:])

    return with_index(
        data,
        lambda moov: b"".join(
            _box(kind, of_track(content) if kind == b"trak" else content) for kind, content in _boxes(moov)
        ),
    )


def with_cover(data: bytes, cover: bytes) -> Container:
    """With a cover as players of sound show it."""
    item = _box(b"covr", _box(b"data", struct.pack(">II", 13, 0) + cover))
    handler = _box(b"hdlr", bytes(8) + b"mdirappl" + bytes(9))
    meta = _box(b"udta", _box(b"meta", bytes(4) + handler + _box(b"ilst", item)))

    def add(moov: bytes) -> bytes:
        return b"".join(_box(kind, content) for kind, content in _boxes(moov) if kind != b"udta") + meta

    return with_index(data, add)


def with_media_in(data: bytes, kind: bytes) -> Container:
    """With the media in a box that players need not look into; offsets stay what they were."""
    return data.replace(b"mdat", kind, 1)


def mp3_with_cover(sound: bytes, cover: bytes) -> Container:
    """An MP3 of the sound of an MP4, with a cover in its tag."""
    target = io.BytesIO()
    with av.open(io.BytesIO(sound)) as source, av.open(target, "w", format="mp3") as out:
        stream = out.add_stream("libmp3lame", rate=44_100, layout="mono")
        resampler = av.AudioResampler(stream.format, stream.layout, stream.rate)
        for frame in source.decode(audio=0):
            for part in resampler.resample(frame):
                part.pts = None
                out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    picture = b"\0image/jpeg\0\x03\0" + cover
    frame_ = b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    size = len(frame_)
    syncsafe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + syncsafe + frame_ + target.getvalue()


def zipped(data: bytes) -> Container:
    """As an archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("video.mp4", data)
    return target.getvalue()


def with_second_index(data: bytes, other: bytes) -> Container:
    """With the whole of another MP4 behind it, whose index points into it."""
    shift = len(data)
    moved = bytearray(other)
    for place in _places(other, b"stco"):
        (count,) = struct.unpack_from(">I", moved, place + 4)
        for number in range(count):
            at = place + 8 + 4 * number
            struct.pack_into(">I", moved, at, struct.unpack_from(">I", moved, at)[0] + shift)
    return data + bytes(moved)


def with_offsets_of(data: bytes, tracks: Sequence[int]) -> Container:
    """With the chunk offsets of one video track taken by another (of equal encoding): numbers from, to."""
    source, target = (_places(data, b"stbl")[number] for number in tracks)
    changed = bytearray(data)
    for table in (b"stco", b"stsz", b"stsc"):
        taken = data[data.index(table, source) - 4 :]
        size = int.from_bytes(taken[:4], "big")
        at = data.index(table, target) - 4
        if int.from_bytes(data[at : at + 4], "big") == size:
            changed[at : at + size] = taken[:size]
    return bytes(changed)


ONE = 0x10000
UPSIDE_DOWN = (-ONE, 0, 0, 0, -ONE, 0, 0, 0, 1 << 30)
MOVIE_S = 1000  # of a movie's time
OURS, FOREIGN = "ours", "foreign"


def _av(data: bytes) -> list[Track]:
    return [(data, "video"), (data, "audio")]


CONTAINERS: dict[str, Callable[[Materials], Container]] = {
    "plain ours": lambda m: muxed(*_av(m.ours)),
    "plain foreign": lambda m: muxed(*_av(m.foreign)),
    "ours disabled, foreign default": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.foreign, "video"), (m.foreign, "audio")), False, True, True
    ),
    "foreign disabled, ours default": lambda m: with_enabled(
        muxed((m.foreign, "video"), (m.ours, "video"), (m.ours, "audio")), False, True, True
    ),
    "both enabled, ours first": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.foreign, "video"), (m.ours, "audio")), True, True, True
    ),
    "both enabled, foreign first": lambda m: with_enabled(
        muxed((m.foreign, "video"), (m.ours, "video"), (m.ours, "audio")), True, True, True
    ),
    "a larger foreign one, both enabled": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.large, "video"), (m.ours, "audio")), True, True, True
    ),
    "a larger foreign one before ours": lambda m: with_enabled(
        muxed((m.large, "video"), (m.ours, "video"), (m.ours, "audio")), True, True, True
    ),
    "a larger foreign one that is disabled": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.large, "video"), (m.ours, "audio")), True, False, True
    ),
    "all disabled": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.large, "video"), (m.ours, "audio")), False, False, False
    ),
    "three pictures": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.foreign, "video"), (m.large, "video"), (m.ours, "audio")),
        True,
        True,
        True,
        True,
    ),
    "Matroska with two defaults": lambda m: muxed((m.ours, "video"), (m.foreign, "video"), form="matroska"),
    "Matroska with a larger second": lambda m: muxed((m.ours, "video"), (m.large, "video"), form="matroska"),
    "QuickTime with two tracks": lambda m: muxed((m.ours, "video"), (m.large, "video"), form="mov"),
    "foreign sound under ours": lambda m: muxed((m.ours, "video"), (m.foreign, "audio")),
    "a second sound as default": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.ours, "audio"), (m.foreign, "audio")), True, False, True
    ),
    "two sounds enabled": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.ours, "audio"), (m.foreign, "audio")), True, True, True
    ),
    "two sounds enabled, foreign first": lambda m: with_enabled(
        muxed((m.ours, "video"), (m.foreign, "audio"), (m.ours, "audio")), True, True, True
    ),
    "its only sound disabled": lambda m: with_enabled(muxed(*_av(m.ours)), True, False),
    "no sound": lambda m: muxed((m.ours, "video")),
    "an edit list that shows a part": lambda m: with_edits(muxed(*_av(m.ours)), (3 * MOVIE_S, 1)),
    "an edit list that shows a part twice": lambda m: with_edits(
        muxed(*_av(m.ours)), (2 * MOVIE_S, 1), (2 * MOVIE_S, 1)
    ),
    "an edit list that waits": lambda m: with_edits(muxed(*_av(m.ours)), (5 * MOVIE_S, -1), (3 * MOVIE_S, 0)),
    "upside down": lambda m: with_matrix(muxed(*_av(m.ours)), *UPSIDE_DOWN),
    "mirrored": lambda m: with_matrix(muxed(*_av(m.ours)), -ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30),
    "upside down as a movie": lambda m: with_movie_matrix(muxed(*_av(m.ours)), *UPSIDE_DOWN),
    "upside down as a movie, said last": lambda m: with_header_last(
        with_movie_matrix(muxed(*_av(m.ours)), *UPSIDE_DOWN)
    ),
    "shown whole by an edit list, with the movie's time said last": lambda m: with_header_last(
        with_edits(muxed(*_av(m.ours)), (3 * MOVIE_S, 0))
    ),
    "an edit list that shows a part, with the movie's time said last": lambda m: with_header_last(
        with_edits(muxed(*_av(m.ours)), (1 * MOVIE_S, 0))
    ),
    "turned twice": lambda m: with_movie_matrix(with_matrix(muxed(*_av(m.ours)), *UPSIDE_DOWN), *UPSIDE_DOWN),
    "drawn large": lambda m: with_matrix(muxed(*_av(m.ours)), 9 * ONE, 0, 0, 0, 9 * ONE, 0, 0, 0, 1 << 30),
    "a cover of ours over foreign sound": lambda m: with_cover(muxed((m.foreign, "audio")), m.cover),
    "a cover of ours over our sound": lambda m: with_cover(muxed((m.ours, "audio")), m.cover),
    "an MP3 with a cover of ours": lambda m: mp3_with_cover(m.foreign, m.cover),
    "a cover of ours beside a foreign video": lambda m: with_cover(muxed(*_av(m.foreign)), m.cover),
    "media in a free box": lambda m: with_media_in(muxed(*_av(m.ours)), b"free"),
    "ours in a free box of a foreign one": lambda m: muxed(*_av(m.foreign)) + _box(b"free", m.ours),
    "a foreign index behind ours": lambda m: with_second_index(muxed(*_av(m.ours)), muxed(*_av(m.foreign))),
    "an index of ours behind a foreign one": lambda m: with_second_index(
        muxed(*_av(m.foreign)), muxed(*_av(m.ours))
    ),
    "samples of another track": lambda m: with_offsets_of(
        with_enabled(muxed((m.ours, "video"), (m.foreign, "video"), (m.ours, "audio")), True, False, True),
        (1, 0),
    ),
    "fragments": lambda m: muxed(*_av(m.ours), fragments=True),
    "foreign fragments behind ours": lambda m: (
        muxed((m.ours, "video"), fragments=True) + muxed((m.foreign, "video"), fragments=True)
    ),
    "an archive with ours": lambda m: zipped(m.ours),
}
