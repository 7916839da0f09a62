"""The motion fingerprint as a value: how the brightness of the moving parts of a picture changes over time.

It tells one performance of a portrait from another, and says where a piece of it was cut out, put elsewhere
or played at another speed. It holds no picture: of at most 64 cells, each a sixteenth of the picture's
shorter side across, a coarse level every 80 ms.

Cells are numbered by blocks of 16 x 16: the square at the picture's top left first, then, in a wide picture,
the one to its right, in a tall one the one below. A cell that the picture does not wholly fill is not used.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

GRID: Final = 16  # cells to a side of a block, which is as long as the marked video's shorter side
BLOCK: Final = GRID * GRID  # cells
ROW_RATE: Final = 12.5  # rows a second: one each 80 ms
MOST_CELLS: Final = 64
STEP: Final = 0.5  # grey levels
_SQUARE, _OBLONG = b"\x01", b"\x02"  # versions: cells in a byte, or in two; the former knows one block only
_MOST_ROWS: Final = 24 * 3600 * 25 // 2
_LIMIT = 127
_LARGEST = 1 << 16
_LEAST_MOUTH = 1.5  # cells to a side of the mouth's box
_HEAD: Final = 14  # bytes before the cells


Block = tuple[int, int]  # column and row, counted from the block at the picture's top left


@dataclass(frozen=True)
class MouthBox:
    """Where the mouth moves in the marked video: parts of its width and height, 0..1, from the top left."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError("A mouth's box lies within the picture.")


@dataclass(frozen=True, eq=False)
class MotionFingerprint:
    """`cells` (n,), numbers of cells, in a block by row; `levels` (T, n) int8, each cell's brightness in
    steps of half a grey level about its mean; ValueError for other shapes. `mouth`: None where there is no
    face. `size`: width and height of the marked video, or any in the same proportion.
    """

    cells: NDArray[np.integer]
    levels: NDArray[np.int8]
    mouth: MouthBox | None = None
    size: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if not all(0 < side < _LARGEST for side in self.size):
            raise ValueError("The size of a video with a motion fingerprint is not possible.")
        if len(self.cells) and self.cells.max() >= len(self.blocks) * BLOCK:
            raise ValueError("A motion fingerprint's cells lie within the picture.")
        if self.levels.ndim != 2 or self.levels.shape[1] != len(self.cells):
            raise ValueError(f"levels must be (T, {len(self.cells)}), not {self.levels.shape}.")

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self) / ROW_RATE

    @property
    def is_square(self) -> bool:
        """Whether the video is as wide as tall."""
        return self.size[0] == self.size[1]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of a video of this size, in which its cells are counted."""
        return blocks_of(*self.size)

    @property
    def mouth_cells(self) -> NDArray[np.bool_]:
        """(n,): which of the cells lie in the mouth's box, by their middle.

        A mouth in a wide or tall video may be smaller than a cell: there the box counts as a cell and a half.
        """
        if self.mouth is None:
            return np.zeros(len(self.cells), np.bool_)
        column, row = columns_and_rows(self.cells, self.blocks)
        wide, tall = (side / min(self.size) for side in self.size)
        x, y = (column + 0.5) / GRID / wide, (row + 0.5) / GRID / tall
        box, beside, above = self.mouth, 0.0, 0.0
        if not self.is_square:
            beside = max(0.0, _LEAST_MOUTH / GRID / wide - (box.right - box.left)) / 2
            above = max(0.0, _LEAST_MOUTH / GRID / tall - (box.bottom - box.top)) / 2
        return (
            (x > box.left - beside)
            & (x < box.right + beside)
            & (y > box.top - above)
            & (y < box.bottom + above)
        )

    def to_bytes(self) -> bytes:
        """A version byte, the numbers of rows (4 bytes, big endian) and cells, the mouth's box, the size, the
        cells, and the levels, each less the one before it, compressed with zlib. The version of squares has a
        byte for a cell, the other two."""
        box = self.mouth
        mouth = (
            bytes(4)
            if box is None
            else bytes(round(255 * side) for side in (box.left, box.top, box.right, box.bottom))
        )
        steps = np.diff(self.levels, axis=0, prepend=np.int8(0))  # modulo 256, as is the sum
        packed = zlib.compress(np.ascontiguousarray(steps.T).tobytes(), 9)
        head = (
            (_SQUARE if self.is_square else _OBLONG) + len(self).to_bytes(4, "big") + bytes([len(self.cells)])
        )
        size = b"".join(side.to_bytes(2, "big") for side in self.size)
        cells = self.cells.astype(np.uint8 if self.is_square else ">u2").tobytes()
        return head + mouth + size + cells + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> MotionFingerprint:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        if data[:1] not in {_SQUARE, _OBLONG} or len(data) < _HEAD:
            raise ValueError("This is no motion fingerprint of a version that is known here.")
        rows, count = int.from_bytes(data[1:5], "big"), data[5]
        box = [side / 255 for side in data[6:10]]
        size = (int.from_bytes(data[10:12], "big"), int.from_bytes(data[12:14], "big"))
        width = 1 if data[:1] == _SQUARE else 2
        end = _HEAD + count * width
        if len(data) < end:
            raise ValueError("This motion fingerprint is cut short.")
        cells = np.frombuffer(data[_HEAD:end], np.uint8 if width == 1 else ">u2")
        length = rows * count
        if rows > _MOST_ROWS or len(cells) != count:
            raise ValueError("This motion fingerprint is cut short.")
        try:
            unpacked = zlib.decompressobj().decompress(data[end:], length + 1)
        except zlib.error as error:
            raise ValueError("This motion fingerprint is damaged.") from error
        if len(unpacked) != length:
            raise ValueError("This motion fingerprint is cut short.")
        steps = np.frombuffer(unpacked, np.int8).reshape(count, rows).T
        levels = np.cumsum(steps, axis=0, dtype=np.int8)
        return cls(cells.astype(np.uint16), levels, MouthBox(*box) if any(box) else None, size)


def holds_square_alone(data: bytes) -> bool:
    """Whether these are the bytes of a wide or tall video of which only the square at its top left was kept.

    Version 1 has no place for the rest, and counts the mouth as if it were in that square: no comparison may
    rest on them.
    """
    return data[:1] == _SQUARE and len(data) >= _HEAD and data[10:12] != data[12:14]


def blocks_of(width: int, height: int) -> tuple[Block, ...]:
    """The blocks of a picture of this size, as (column, row): one, or two where a second holds a cell."""
    if GRID * max(width, height) // min(width, height) == GRID:
        return ((0, 0),)
    return (0, 0), ((1, 0) if width > height else (0, 1))


def columns_and_rows(
    cells: NDArray[np.integer], blocks: Sequence[Block]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(n,) the columns and (n,) the rows of cells (n,), counted from the picture's top left."""
    origins, number = np.array(blocks) * GRID, cells.astype(np.intp) // BLOCK
    within = cells.astype(np.intp) % BLOCK
    return origins[number, 0] + within % GRID, origins[number, 1] + within // GRID


def cells_filled(size: tuple[int, int]) -> NDArray[np.bool_]:
    """(256 or 512,): which cells of the blocks of a picture of this width and height it fills."""
    blocks = blocks_of(*size)
    column, row = columns_and_rows(np.arange(len(blocks) * BLOCK), blocks)
    wide, tall = (GRID * side // min(size) for side in size)
    return np.asarray((column < wide) & (row < tall))


def quantised(levels: NDArray[np.floating]) -> NDArray[np.int8]:
    """Levels about their mean over time, in steps."""
    centred = levels - levels.mean(axis=0, keepdims=True) if len(levels) else levels
    return np.asarray(np.clip(np.rint(centred / STEP), -_LIMIT, _LIMIT), np.int8)
