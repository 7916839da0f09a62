"""The motion fingerprint as a value: how the brightness of the moving parts of a picture changes over time.

It tells one performance of a portrait from another, and says where a piece of it was cut out, put elsewhere
or played at another speed. It holds no picture: of at most 64 places, each a thirty-second of the picture's
side across, a coarse level every 80 ms.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

GRID: Final = 16  # cells to a side of the marked video's square
ROW_RATE: Final = 12.5  # rows a second: one each 80 ms
MOST_CELLS: Final = 64
STEP: Final = 0.5  # grey levels
_HEADER = b"\x01"  # the version
_MOST_ROWS: Final = 24 * 3600 * 25 // 2
_LIMIT = 127
_LARGEST = 1 << 16
_HEAD: Final = 14  # bytes before the cells


@dataclass(frozen=True)
class MouthBox:
    """Where the mouth moves in the marked video: parts of its side, 0..1, from the left and from the top."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError("A mouth's box lies within the picture.")


@dataclass(frozen=True, eq=False)
class MotionFingerprint:
    """`cells` (n,) uint8, numbers of cells of the grid by row; `levels` (T, n) int8, each cell's brightness
    in steps of half a grey level about its mean; ValueError for other shapes. `mouth`: None where there is no
    face. `size`: width and height of the marked video, or any in the same proportion; its cells are those
    of the square at its top left.
    """

    cells: NDArray[np.uint8]
    levels: NDArray[np.int8]
    mouth: MouthBox | None = None
    size: tuple[int, int] = (1, 1)

    def __post_init__(self) -> None:
        if not all(0 < side < _LARGEST for side in self.size):
            raise ValueError("The size of a video with a motion fingerprint is not possible.")
        if self.levels.ndim != 2 or self.levels.shape[1] != len(self.cells):
            raise ValueError(f"levels must be (T, {len(self.cells)}), not {self.levels.shape}.")

    def __len__(self) -> int:
        return len(self.levels)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return len(self) / ROW_RATE

    @property
    def mouth_cells(self) -> NDArray[np.bool_]:
        """(n,): which of the cells lie in the mouth's box, by their middle."""
        if self.mouth is None:
            return np.zeros(len(self.cells), np.bool_)
        x, y = (self.cells % GRID + 0.5) / GRID, (self.cells // GRID + 0.5) / GRID
        box = self.mouth
        return (x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)

    def to_bytes(self) -> bytes:
        """A version byte, the numbers of rows (4 bytes, big endian) and cells, the mouth's box, the cells,
        and the levels, each less the one before it, compressed with zlib."""
        box = self.mouth
        mouth = (
            bytes(4)
            if box is None
            else bytes(round(255 * side) for side in (box.left, box.top, box.right, box.bottom))
        )
        steps = np.diff(self.levels, axis=0, prepend=np.int8(0))  # modulo 256, as is the sum
        packed = zlib.compress(np.ascontiguousarray(steps.T).tobytes(), 9)
        head = _HEADER + len(self).to_bytes(4, "big") + bytes([len(self.cells)])
        size = b"".join(side.to_bytes(2, "big") for side in self.size)
        return head + mouth + size + self.cells.tobytes() + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> MotionFingerprint:
        """What `to_bytes` wrote. Raises ValueError for anything else."""
        if data[:1] != _HEADER or len(data) < _HEAD:
            raise ValueError("This is no motion fingerprint of a version that is known here.")
        rows, count = int.from_bytes(data[1:5], "big"), data[5]
        box = [side / 255 for side in data[6:10]]
        size = (int.from_bytes(data[10:12], "big"), int.from_bytes(data[12:14], "big"))
        cells = np.frombuffer(data[_HEAD : _HEAD + count], np.uint8)
        length = rows * count
        if rows > _MOST_ROWS or len(cells) != count:
            raise ValueError("This motion fingerprint is cut short.")
        try:
            unpacked = zlib.decompressobj().decompress(data[_HEAD + count :], length + 1)
        except zlib.error as error:
            raise ValueError("This motion fingerprint is damaged.") from error
        if len(unpacked) != length:
            raise ValueError("This motion fingerprint is cut short.")
        steps = np.frombuffer(unpacked, np.int8).reshape(count, rows).T
        levels = np.cumsum(steps, axis=0, dtype=np.int8)
        return cls(cells, levels, MouthBox(*box) if any(box) else None, size)


def quantised(levels: NDArray[np.floating]) -> NDArray[np.int8]:
    """Levels about their mean over time, in steps."""
    centred = levels - levels.mean(axis=0, keepdims=True) if len(levels) else levels
    return np.asarray(np.clip(np.rint(centred / STEP), -_LIMIT, _LIMIT), np.int8)
