"""Shared parts of the rendering benchmarks: portraits, commanded poses, contact sheets, PSNR and SSIM."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation import MotionTrack
from generation.animation.geometry.rig import ACTION_INDEX

Image = NDArray[np.uint8]

CAST = Path(__file__).parents[2] / "samples" / "portraits"
INTER_OCULAR = ((33, 133), (362, 263))  # corners of both eyes; the distance is between their middles


def both(name: str, value: float) -> dict[str, float]:
    """One action on both sides of the face."""
    return {f"{name}Left": value, f"{name}Right": value}


def read_picture(path: Path) -> Image:
    """A picture as (H, W, 3) uint8 RGB. Raises OSError when it cannot be read."""
    found = cv2.imread(str(path))
    if found is None:
        raise OSError(f"{path} is not a picture.")
    return np.asarray(cv2.cvtColor(found, cv2.COLOR_BGR2RGB), np.uint8)


def portraits(folders: Iterable[Path] = ()) -> Iterator[tuple[str, Image]]:
    """Name and picture of every portrait of the cast and in more `folders`."""
    for folder in (CAST, *folders):
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() in {".jpg", ".jpeg", ".png"}:
                yield path.stem, read_picture(path)


def posed(
    actions: dict[str, float] | None = None,
    head: tuple[float, ...] = (),
    gaze: tuple[float, float] = (0, 0),
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """One row each of a track's actions (52,), head pose (6,) and gaze (2,)."""
    row, pose = np.zeros(len(MotionTrack.ACTIONS), np.float32), np.zeros(6, np.float32)
    for name, value in (actions or {}).items():
        row[ACTION_INDEX[name]] = value
    pose[: len(head)] = head
    return row, pose, np.asarray(gaze, np.float32)


def save_sheet(path: Path, cells: list[tuple[str, Image]], columns: int) -> None:
    """Write labelled pictures of one size as a JPEG of `columns` pictures a row."""
    drawn = []
    for label, picture in cells:
        cell = picture.copy()
        (width, height), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
        cv2.rectangle(cell, (0, 0), (width + 14, height + 12), (0, 0, 0), -1)
        cv2.putText(cell, label, (6, height + 6), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255,) * 3, 1, cv2.LINE_AA)
        drawn.append(cell)
    drawn += [np.zeros_like(drawn[0])] * (-len(drawn) % columns)
    rows = [np.hstack(drawn[i : i + columns]) for i in range(0, len(drawn), columns)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90])


def eye_distance(points: NDArray[np.floating]) -> float:
    """Distance in pixels between the middles of both eyes of landmarks (478, 2+)."""
    left, right = (points[list(corners), :2].mean(0) for corners in INTER_OCULAR)
    return float(np.linalg.norm(left - right))


def decibels(a: Image, b: Image, where: NDArray[np.bool_] | None = None) -> float:
    """PSNR of two pictures (H, W, 3), over the pixels `where` (H, W) says so; 99 for equal ones."""
    error = (a.astype(np.float64) - b) ** 2
    mean = float((error if where is None else error[where]).mean())
    return 99.0 if mean == 0 else float(10 * np.log10(255**2 / mean))


def similarity(a: Image, b: Image, where: NDArray[np.bool_]) -> float:
    """Mean SSIM (Wang et al. 2004, Gaussian window of 1.5 pixels) of two pictures' luma over `where`."""
    x, y = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (a, b))

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.GaussianBlur(values, (11, 11), 1.5), np.float64)

    mx, my = mean(x), mean(y)
    vx, vy, vxy = mean(x * x) - mx * mx, mean(y * y) - my * my, mean(x * y) - mx * my
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    index = ((2 * mx * my + c1) * (2 * vxy + c2)) / ((mx**2 + my**2 + c1) * (vx + vy + c2))
    return float(index[where].mean())
