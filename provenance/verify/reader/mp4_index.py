"""Parse the index of an MP4 (ISO 14496-12): its tracks, where their samples lie, how they are to be shown.

Only inside the isolated process. Bounded in boxes, tracks and samples; what is malformed is passed over, as
players do.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from provenance.verify.reader.mp4_boxes import top_level_boxes

LARGEST_INDEX: Final = 64 * 1024 * 1024
MOST_BOXES: Final = 20_000  # in one index
MOST_TRACKS: Final = 64
MOST_CHUNKS: Final = 1_000_000  # of samples, in one file
_HEADER: Final = 8
# The hard binding leaves these out (and the box with the manifests); media must not lie in them.
_UNCOVERED: Final = {b"free", b"skip", b"ftyp", b"mfra"}
_MANIFEST_UUID: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
Matrix = tuple[int, int, int, int]
_AS_IT_IS: Final[Matrix] = (0x10000, 0, 0, 0x10000)
_TURNED: Final = {  # a, b, c and d of a matrix (16.16): how the picture is turned; the rest moves it
    (0x10000, 0, 0, 0x10000): 0,
    (0, 0x10000, -0x10000, 0): 90,
    (-0x10000, 0, 0, -0x10000): 180,
    (0, -0x10000, 0x10000, 0): 270,
}


@dataclass
class Mp4Track:
    """One track. `turn`: degrees by which players turn it, None for another distortion or mirroring.

    `is_cut`: an edit list has players show only parts, in another order or at another speed. `chunks`: offset
    and bytes of the runs of samples.
    """

    handler: bytes = b""
    is_enabled: bool = True
    turn: int | None = 0
    is_cut: bool = False
    is_elsewhere: bool = False
    chunks: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Mp4Index:
    """What the index of an MP4 says. `indexes`: how many there are; the tracks are those of the first."""

    tracks: tuple[Mp4Track, ...]
    indexes: int
    is_media_uncovered: bool


NO_INDEX: Final = Mp4Index((), 0, is_media_uncovered=False)


def read_index(path: Path) -> Mp4Index:
    """The index of the file at `path`; empty for what is none. Raises OSError when it cannot be opened."""
    tracks: list[Mp4Track] = []
    uncovered: list[tuple[int, int]] = []
    indexes = 0
    with path.open("rb") as file:
        for kind, size in top_level_boxes(file):
            start = file.tell()
            if kind == b"moov":
                indexes += 1
                if indexes == 1:
                    tracks = list(_tracks(file.read(min(size, LARGEST_INDEX))))
            elif kind == b"moof" and tracks:
                _add_fragment(tracks, file.read(min(size, LARGEST_INDEX)), start - _HEADER)
            elif kind in _UNCOVERED or (kind == b"uuid" and file.read(16) == _MANIFEST_UUID):
                uncovered.append((start, start + size))
    return Mp4Index(tuple(tracks), indexes, _any_within(tracks, uncovered))


def _any_within(tracks: list[Mp4Track], ranges: list[tuple[int, int]]) -> bool:
    left = MOST_CHUNKS
    for track in tracks:
        for start, size in track.chunks:
            left -= 1
            if left < 0:
                return False
            if size and any(start < end and begin < start + size for begin, end in ranges):
                return True
    return False


class _Budget:
    """How many boxes may still be looked at."""

    def __init__(self) -> None:
        self.left = MOST_BOXES


def _boxes(content: bytes, budget: _Budget) -> Iterator[tuple[bytes, bytes]]:
    """Type and payload of each box in a payload, up to where it is malformed."""
    offset = 0
    while offset + _HEADER <= len(content) and budget.left > 0:
        budget.left -= 1
        size, kind = struct.unpack_from(">I4s", content, offset)
        header = _HEADER
        if size == 1 and offset + 16 <= len(content):
            (size,) = struct.unpack_from(">Q", content, offset + 8)
            header = 16
        elif size == 0:
            size = len(content) - offset
        if size < header:
            return
        yield kind, content[offset + header : offset + size]
        offset += size


def _tracks(moov: bytes) -> Iterator[Mp4Track]:
    timescale, whole = _movie(moov)
    budget, given = _Budget(), 0
    for kind, payload in _boxes(moov, budget):
        if kind == b"trak" and given < MOST_TRACKS:
            given += 1
            track = Mp4Track()
            with suppress(struct.error):  # what was read until then counts
                _read_track(track, payload, timescale, whole, budget)
            yield track


def _movie(moov: bytes) -> tuple[int, Matrix]:
    """The timescale of a movie and the matrix it is shown through. Its header may stand behind the tracks."""
    timescale, whole = 1, _AS_IT_IS
    for kind, payload in _boxes(moov, _Budget()):
        if kind == b"mvhd":
            timescale = _timescale(payload)
            with suppress(struct.error):
                written = _matrix(payload, 48 if payload[:1] == b"\x01" else 36)
                whole = written if any(written) else whole
    return timescale, whole


def _timescale(payload: bytes) -> int:
    at = 20 if payload[:1] == b"\x01" else 12
    return int.from_bytes(payload[at : at + 4], "big") or 1


def _read_track(track: Mp4Track, trak: bytes, movie_timescale: int, whole: Matrix, budget: _Budget) -> None:
    """Read one track of a movie that is shown as a `whole` through a matrix of its own."""
    edits: list[tuple[int, int, int]] = []
    media_timescale, media_duration, samples = 1, 0, 0
    for kind, payload in _boxes(trak, budget):
        if kind == b"tkhd":
            track.is_enabled = bool(int.from_bytes(payload[1:4], "big") & 1)
            track.turn = _turn(_matrix(payload, 52 if payload[:1] == b"\x01" else 40), whole)
        elif kind == b"edts":
            for inner, content in _boxes(payload, budget):
                if inner == b"elst":
                    edits = _edits(content)
        elif kind == b"mdia":
            for inner, content in _boxes(payload, budget):
                if inner == b"mdhd":
                    at = 20 if content[:1] == b"\x01" else 12
                    media_timescale = _timescale(content)
                    width = 8 if content[:1] == b"\x01" else 4
                    media_duration = int.from_bytes(content[at + 4 : at + 4 + width], "big")
                elif inner == b"hdlr":
                    track.handler = content[8:12]
                elif inner == b"minf":
                    samples = _read_media(track, content, budget)
    delayed_s = _DELAYED_SAMPLES * media_duration / media_timescale / samples if samples else 0.0
    slack_s = max(_SLACK_S, min(delayed_s, _LONGEST_DELAY_S))
    track.is_cut = _is_cut(edits, movie_timescale, media_timescale, media_duration, slack_s)


def _matrix(payload: bytes, at: int) -> Matrix:
    """a, b, c and d of the matrix that stands `at` an offset. Raises struct.error."""
    a, b, _, c, d, *_ = struct.unpack_from(">9i", payload, at)
    return a, b, c, d


def _turn(matrix: Matrix, whole: Matrix) -> int | None:
    """By how many degrees a picture is turned that is shown through its own matrix and then the movie's."""
    a, b, c, d = matrix
    e, f, g, h = whole
    products = (a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h)
    one, two, three, four = (product >> 16 for product in products)
    return _TURNED.get((one, two, three, four))


def _edits(payload: bytes) -> list[tuple[int, int, int]]:
    """Duration in the movie's time, start in the media's (-1 for nothing) and rate (16.16) of each edit."""
    form, size = (">Qqi", 20) if payload[:1] == b"\x01" else (">Iii", 12)
    count = min(int.from_bytes(payload[4:8], "big"), (len(payload) - 8) // size)
    return [struct.unpack_from(form, payload, 8 + size * number) for number in range(count)]


_SLACK_S: Final = 0.3  # encoders' delay and rounding
_DELAYED_SAMPLES: Final = 3  # by which pictures that lean on later ones delay the first: seconds, if few are
_LONGEST_DELAY_S: Final = 3.0


def _is_cut(
    edits: list[tuple[int, int, int]], movie_scale: int, media_scale: int, duration: int, slack_s: float
) -> bool:
    shown = [edit for edit in edits if edit[1] >= 0]
    if not shown:
        return False
    if len(shown) > 1 or any(rate != 0x10000 for *_, rate in shown):
        return True
    length, start, _ = shown[0]
    shown_s, media_s = length / movie_scale, duration / media_scale
    return start / media_scale > slack_s or (length > 0 and media_s - shown_s > slack_s)


def _read_media(track: Mp4Track, minf: bytes, budget: _Budget) -> int:
    """Note where the samples lie; how many there are."""
    samples = 0
    for kind, payload in _boxes(minf, budget):
        if kind == b"dinf":
            for inner, content in _boxes(payload, budget):
                if inner == b"dref":
                    entries = _boxes(content[8:], budget)
                    track.is_elsewhere = any(not (entry[:4] and entry[3] & 1) for _, entry in entries)
        elif kind == b"stbl":
            tables = dict(_boxes(payload, budget))
            track.chunks = _chunks(tables)
            samples = int.from_bytes(tables.get(b"stsz", b"")[8:12], "big")
    return samples


def _chunks(tables: dict[bytes, bytes]) -> list[tuple[int, int]]:
    """Offset and bytes of each chunk."""
    wide = tables.get(b"co64")
    offsets = _numbers(wide[4:], 8) if wide is not None else _numbers(tables.get(b"stco", b"")[4:], 4)
    sizes_box = tables.get(b"stsz", b"")
    fixed = int.from_bytes(sizes_box[4:8], "big")
    sizes = [] if fixed else _numbers(sizes_box[8:], 4)
    runs = tables.get(b"stsc", b"")
    count = min(int.from_bytes(runs[4:8], "big"), max(0, len(runs) - 8) // 12)
    steps = [struct.unpack_from(">III", runs, 8 + 12 * number)[:2] for number in range(count)]
    found: list[tuple[int, int]] = []
    sample = step = 0
    for number, offset in enumerate(offsets, 1):
        while step + 1 < len(steps) and steps[step + 1][0] <= number:
            step += 1
        held = steps[step][1] if steps else 0
        found.append((offset, fixed * held if fixed else sum(sizes[sample : sample + held])))
        sample += held
    return found


def _numbers(table: bytes, width: int) -> list[int]:
    """The entries of a table that begins with their number."""
    count = min(int.from_bytes(table[:4], "big"), max(0, len(table) - 4) // width, MOST_CHUNKS)
    return list(struct.unpack_from(f">{count}{'Q' if width == 8 else 'I'}", table, 4))


def _add_fragment(tracks: list[Mp4Track], moof: bytes, start: int) -> None:
    """The samples of a fragment; whose they are is of no matter for where they lie."""
    budget = _Budget()
    try:
        for kind, payload in _boxes(moof, budget):
            if kind == b"traf":
                tracks[0].chunks += _fragment_chunks(payload, start, budget)
    except struct.error:
        return


def _fragment_chunks(traf: bytes, start: int, budget: _Budget) -> Iterator[tuple[int, int]]:
    base, default = start, 0
    for kind, payload in _boxes(traf, budget):
        flags = int.from_bytes(payload[1:4], "big")
        if kind == b"tfhd":
            at = 8
            if flags & 1:
                (base,) = struct.unpack_from(">Q", payload, at)
                at += 8
            at += 4 * bool(flags & 2) + 4 * bool(flags & 8)
            if flags & 0x10:
                (default,) = struct.unpack_from(">I", payload, at)
        elif kind == b"trun":
            (count,) = struct.unpack_from(">I", payload, 4)
            at, offset = 8, 0
            if flags & 1:
                (offset,) = struct.unpack_from(">i", payload, at)
                at += 4
            at += 4 * bool(flags & 4)
            width = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
            before = 4 * bool(flags & 0x100)
            count = min(count, (len(payload) - at) // width if width else count, MOST_CHUNKS)
            size = default * count
            if flags & 0x200:
                size = sum(
                    struct.unpack_from(">I", payload, at + width * number + before)[0]
                    for number in range(count)
                )
            yield base + offset, size
