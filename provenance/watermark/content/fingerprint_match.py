"""Compares content fingerprints of a received file with a record's. Numbers only, for the web process.

Two questions are asked, each with a test of its own. The content is *the same* if nearly all clear cells are
brighter or darker than their surroundings as the record says. It is *another* only if that fails and nothing
else of the record is found either: an edit may exchange light and dark, in parts or everywhere, may leave
outlines alone, or cover much. So pieces of the picture must neither agree nor disagree as a whole, detail
must not lie where it lies in the record, and its lines must not run as the record's do: whatever a tone curve
makes of light and dark, and however often it folds them, lines of equal brightness stay such lines. What is
between the two is undecided.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CELLS = 32
PLANE_BYTES = CELLS * CELLS // 8
FINGERPRINT_BYTES = 2 * PLANE_BYTES  # of a record's frame: brighter or darker; where that is clear
# Of a found frame: brighter or darker; where the picture is; two bits of rank; where the mark was seen; and
# which way brightness changes in each cell, two numbers of a byte.
_BIT_PLANES = 5
_BITS = _BIT_PLANES * PLANE_BYTES
FOUND_BYTES = _BITS + 2 * CELLS * CELLS
RANKS = 4  # of a cell by its contrast among all that count, a quarter of them each
RECORD_FINGERPRINTS = 8  # of a record, spread over its video
LEAST_CELLS = 64  # compared, below which nothing can be said
# Of the compared cells agree, see docs/watermark.md. Between the two lie banners and captions over a marked
# video as well as another portrait before the same wall, so that nothing is said.
SAME, DIFFERENT = 0.86, 0.70
# Where all fall short of these, nothing of the record is found: so in 98 of 100 pictures of something else.
PIECES, DETAIL = 0.42, 0.24
LINES_AND_DETAIL, DETAIL_COUNTS = 0.25, 0.4  # lines, and so much of detail
PIECE = 4  # cells to a side
_SURROUNDINGS = 7  # cells to a side

Cells = NDArray[np.bool_]  # (n, CELLS, CELLS)


class Resemblance(NamedTuple):
    """What is left of a record's picture in another, of the best quarter of the frames the least.

    `pieces`: how far the cells that are clear in both agree or disagree as a whole, whichever way, within
    pieces of 4 x 4 cells: 0 by chance, 1 at most. `detail`: how well the places of detail correlate, finer
    ones than all portraits have in common. `lines`: how well the ways correlate in which brightness changes,
    there and back being one way, likewise.
    """

    pieces: float
    detail: float
    lines: float

    @property
    def is_another(self) -> bool:
        """Whether nothing of the record is found."""
        return (
            self.pieces < PIECES
            and self.detail < DETAIL
            and self.lines + DETAIL_COUNTS * self.detail < LINES_AND_DETAIL
        )


class _Found(NamedTuple):
    """What found frames show, cell by cell, each (n, CELLS, CELLS). `ranks` 0 to 3: of the contrast. `ways`
    (n, 2, CELLS, CELLS): as `ways` makes them; 0 where they were not kept.
    """

    brighter: Cells
    counts: Cells
    ranks: NDArray[np.float32]
    marked: Cells
    ways: NDArray[np.float32]


def agreement(found: NDArray[np.uint8], of_record: NDArray[np.uint8]) -> float | None:
    """The share of cells in which (n, FOUND_BYTES) found frames agree with (m, FINGERPRINT_BYTES) of a
    record.

    Each found frame counts with the record's frame that fits it best; the middle of all found frames counts.
    None when too few cells can be compared.
    """
    return _quantile(_shares(found, of_record), 0.5)


def best_agreement(found: NDArray[np.uint8], of_record: NDArray[np.uint8]) -> float | None:
    """As `agreement`, but of the quarter of the found frames that agree best the least.

    Under a geometry that fits some frames only, as where a picture zooms, those frames agree; frames that
    show something else all disagree.
    """
    return _quantile(_shares(found, of_record), 0.75)


def resemblance(found: NDArray[np.uint8], of_record: NDArray[np.uint8]) -> Resemblance | None:
    """What is left of a record in frames whose light and dark may have been turned, flattened or covered.

    Only cells count in which the mark was seen. None when too few can be compared.
    """
    if not len(found) or not len(of_record):
        return None
    frames = _unpacked(found)
    record = _planes(of_record)
    of_frames = _ways_of_record(of_record)
    values = np.full((3, len(found), len(of_record)), -1.0)
    for number in range(len(found)):
        for other, (brighter, clear) in enumerate(zip(*record, strict=True)):
            values[:2, number, other] = _of_pair(frames, number, brighter, clear)
        values[2, number] = _lines(frames, number, of_frames)
    pieces, detail, lines = (_quantile(one, 0.75) for one in values)
    return None if pieces is None or detail is None else Resemblance(pieces, detail, lines or 0.0)


def is_same(found: NDArray[np.uint8], of_record: bytes, *, is_of_a_part: bool = False) -> bool | None:
    """Whether the frames show what the record's video shows; None when it cannot be said.

    They show something else only if even those that fit best do not fit, and nothing else of the record is
    found in them; and never if the record's fingerprints are of a part of the video (`is_of_a_part`): they
    may be from the rest of it.
    """
    prints = np.frombuffer(of_record, np.uint8).reshape(-1, FINGERPRINT_BYTES)
    share, best = agreement(found, prints), best_agreement(found, prints)
    if share is None or best is None:
        return None
    if share >= SAME:
        return True
    if best >= DIFFERENT or is_of_a_part:
        return None
    like = resemblance(found, prints)
    return False if like is not None and like.is_another else None


def is_surely_same(found: NDArray[np.uint8], of_record: bytes) -> bool:
    """Whether `is_same` is True. Quicker where it is not, as in nearly all records that are searched."""
    share = agreement(found, np.frombuffer(of_record, np.uint8).reshape(-1, FINGERPRINT_BYTES))
    return share is not None and share >= SAME


def keeps_light(found: NDArray[np.uint8], of_record: bytes) -> bool:
    """Whether light and dark lie in the frames about as the record says, so that their changes over time
    can be compared with the record's as well.

    False after edits that exchange them, and where too few cells can be compared.
    """
    best = best_agreement(found, np.frombuffer(of_record, np.uint8).reshape(-1, FINGERPRINT_BYTES))
    return best is not None and best >= DIFFERENT


def _shares(found: NDArray[np.uint8], of_record: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(n, m) the share of compared cells that agree, -1 where too few can be compared."""
    one = PLANE_BYTES
    both = found[:, None, one : 2 * one] & of_record[None, :, one : 2 * one]
    same = ~(found[:, None, :one] ^ of_record[None, :, :one]) & both
    compared = np.bitwise_count(both).sum(-1, dtype=np.int64)
    shares = np.bitwise_count(same).sum(-1, dtype=np.int64) / np.maximum(compared, 1)
    shares[compared < LEAST_CELLS] = -1
    return np.asarray(shares)


def _quantile(values: NDArray[np.float64], quantile: float) -> float | None:
    """Of (n, m) the quantile among n of the greatest of m; None where all are below 0."""
    if not values.size:
        return None
    best = values.max(1)
    return float(np.quantile(best[best >= 0], quantile)) if (best >= 0).any() else None


def _planes(prints: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(planes, n, CELLS, CELLS) bits."""
    bits = np.unpackbits(prints, axis=1).astype(np.bool_)
    return np.moveaxis(bits.reshape(len(prints), -1, CELLS, CELLS), 1, 0)


def _unpacked(found: NDArray[np.uint8]) -> _Found:
    ways = np.zeros((len(found), 2, CELLS, CELLS), np.float32)
    planes = _planes(found[:, :_BITS])
    if len(planes) < _BIT_PLANES:  # brightness alone: all cells are as clear, and marked
        every = np.full(planes[0].shape, RANKS - 1.0, np.float32)
        return _Found(planes[0], planes[1], every, planes[1], ways)
    if found.shape[1] == FOUND_BYTES:
        ways[:] = np.ascontiguousarray(found[:, _BITS:]).view(np.int8).reshape(ways.shape)
    ranks = 2 * planes[2].astype(np.float32) + planes[3]
    return _Found(planes[0], planes[1], ranks, planes[4], ways)


def _ways_of_record(prints: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 2, CELLS, CELLS): which way brightness changes from cell to cell of a record, as far as its clear
    cells tell; of frames that show the same the mean, in which a single cell's error weighs less.
    """
    brighter, clear = _planes(prints)
    signs = np.pad(np.where(brighter, 1, -1) * clear, ((0, 0), (1, 1), (1, 1)), "edge").astype(np.float32)
    along_y = signs[:, :-2] + 2 * signs[:, 1:-1] + signs[:, 2:]
    along_x = signs[:, :, :-2] + 2 * signs[:, :, 1:-1] + signs[:, :, 2:]
    by_frame = ways(along_y[:, :, 2:] - along_y[:, :, :-2], along_x[:, 2:] - along_x[:, :-2], 1.0)
    alike = ((_shares(prints, prints) >= SAME) | np.eye(len(prints), dtype=np.bool_)).astype(np.float32)
    return np.asarray(np.tensordot(alike / alike.sum(1, keepdims=True), by_frame, 1), np.float32)


def ways(to_right: NDArray[np.float32], downwards: NDArray[np.float32], least: float) -> NDArray[np.float32]:
    """(..., 2, rows, columns) of the changes (..., rows, columns) in brightness: a vector at twice their
    angle, so that there and back are one way, about as long as they are great, less so below `least`.
    """
    size = np.sqrt(to_right**2 + downwards**2 + least**2)
    return np.stack([(to_right**2 - downwards**2) / size, 2 * to_right * downwards / size], -3)


def _lines(frames: _Found, number: int, of_record: NDArray[np.float32]) -> NDArray[np.float64]:
    """(m,) how well the ways of a found frame correlate with those of each of a record's frames (m, 2, CELLS,
    CELLS); -1 where too few cells can be compared.
    """
    seen = frames.counts[number] & frames.marked[number]
    if seen.sum() < LEAST_CELLS:
        return np.full(len(of_record), -1.0)
    one, others = _finer(frames.ways[number], seen), _finer(of_record, seen)
    sizes = (one**2).sum() * (others**2).sum((1, 2, 3))
    return np.asarray(np.maximum(0.0, (one * others).sum((1, 2, 3)) / np.sqrt(sizes + 1e-9)))


def _of_pair(
    frames: _Found, number: int, brighter: NDArray[np.bool_], clear: NDArray[np.bool_]
) -> tuple[float, float]:
    """The resemblance of a found frame and one of the record; -1 where too few cells can be compared."""
    seen = frames.counts[number] & frames.marked[number]
    both = seen & clear & (frames.ranks[number] >= RANKS // 2)
    if both.sum() < LEAST_CELLS:
        return -1.0, -1.0
    signs = np.where(frames.brighter[number] == brighter, 1, -1) * both
    sums, sizes = _by_piece(signs), _by_piece(both)
    filled = sizes > 0
    expected = float(filled.sum())
    pieces = (float((sums[filled] ** 2 / sizes[filled]).sum()) - expected) / max(
        float(sizes.sum()) - expected, 1.0
    )
    one, other = _finer(frames.ranks[number], seen), _finer(clear.astype(np.float32), seen)
    detail = float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum() + 1e-9))
    return max(0.0, pieces), max(0.0, detail)


def _by_piece(values: NDArray[np.generic]) -> NDArray[np.float64]:
    count = CELLS // PIECE
    return np.asarray(values.reshape(count, PIECE, count, PIECE).sum((1, 3)), np.float64)


def _neighbours() -> NDArray[np.float32]:
    place = np.arange(CELLS)
    return np.asarray(np.abs(place[:, None] - place[None]) <= _SURROUNDINGS // 2, np.float32)


_NEAR = _neighbours()


def _finer(values: NDArray[np.float32], seen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(..., CELLS, CELLS) values less their mean in the surroundings, of cells that are `seen`; 0
    elsewhere.
    """
    around = _NEAR @ (values * seen) @ _NEAR
    count = _NEAR @ seen.astype(np.float32) @ _NEAR
    return np.asarray((values - around / np.maximum(count, 1)) * seen, np.float32)
