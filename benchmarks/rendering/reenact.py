"""Measures the renderer on clips of real people: the first frame is the portrait, capture gives the motion.

    python -m benchmarks.rendering.reenact CLIP [CLIP ...] [--frames N] [--sheets FOLDER]

Each clip shows one person; its first frame is fitted, the motion of the whole clip is captured, and N frames
(default 30) spread over it are rendered and compared with the true ones, beside the first frame repeated
("still"). Prints a row for each clip; saves a sheet of true and rendered frames into FOLDER only when asked.
Clips of real people do not belong into the repository, nor do their pictures.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.ground_truth import SIZE, framed, head_region
from benchmarks.rendering.portraits import Image, decibels, eye_distance, save_sheet, similarity
from generation.animation import Animator, MotionTrack
from generation.animation.face.landmarks import detect_faces
from generation.animation.rendering.renderer import FrameInputSequence, Renderer

MOUTH, EYES = ((61, 291, 0, 17, 13, 14),), ((33, 133, 159, 145), (362, 263, 386, 374))
MOUTH_MARGIN, EYE_MARGIN = 0.15, 0.12  # of the eye distance around these landmarks
COLUMNS = (
    "head dB", "SSIM", "landmarks %", "mouth dB", "eyes dB", "mouth gradient", "eyes gradient",
)  # fmt: skip
SHOWN = 8

Box = tuple[slice, slice]


class Figures(NamedTuple):
    """One rendered frame against the true one: PSNR and SSIM of the head, landmark error in per cent of the
    eye distance, PSNR of mouth box and eye boxes, and their gradient energy in parts of the true one's."""

    head: float
    ssim: float
    landmarks: float
    mouth: float
    eyes: float
    mouth_gradient: float
    eyes_gradient: float


class TrueFrame(NamedTuple):
    """One true frame and what is measured in it: landmarks (478, 3), head, mouth box, eye boxes."""

    picture: Image
    points: NDArray[np.float32]
    head: NDArray[np.bool_]
    mouth: list[Box]
    eyes: list[Box]


def read_clip(path: Path) -> tuple[list[Image], float]:
    """The frames of a clip, (H, W, 3) uint8 RGB, and their rate. Raises what PyAV raises for a bad file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or 25)
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)], rate


def from_first_frame(track: MotionTrack) -> MotionTrack:
    """The track with its pose relative to its first frame, which is the portrait."""
    return MotionTrack(track.fps, track.actions, track.head_pose - track.head_pose[0], track.gaze)


def true_frame(picture: Image) -> TrueFrame | None:
    """Measure a true frame, or None where no face is found in it."""
    faces = detect_faces(picture)
    if not faces:
        return None
    points = faces[0].points
    return TrueFrame(
        picture,
        points,
        head_region(picture, points),
        list(_boxes(points, MOUTH, MOUTH_MARGIN)),
        list(_boxes(points, EYES, EYE_MARGIN)),
    )


def compare(true: TrueFrame, made: Image) -> Figures:
    """Compare a rendered frame with the true one."""
    faces = detect_faces(made)
    off = np.nan
    if faces:
        apart = np.linalg.norm(faces[0].points[:, :2] - true.points[:, :2], axis=1).mean()
        off = 100 * float(apart) / eye_distance(true.points)
    return Figures(
        decibels(true.picture, made, true.head),
        similarity(true.picture, made, true.head),
        off,
        *(_mean_decibels(true.picture, made, boxes) for boxes in (true.mouth, true.eyes)),
        *(_gradient_ratio(true.picture, made, boxes) for boxes in (true.mouth, true.eyes)),
    )


def _boxes(points: NDArray[np.float32], parts: tuple[tuple[int, ...], ...], margin: float) -> Iterator[Box]:
    around = margin * eye_distance(points)
    for part in parts:
        low = np.maximum(points[list(part), :2].min(0) - around, 0).astype(int)
        high = np.ceil(points[list(part), :2].max(0) + around).astype(int)
        yield slice(low[1], high[1]), slice(low[0], high[0])


def _mean_decibels(true: Image, made: Image, boxes: list[Box]) -> float:
    return float(np.mean([decibels(true[box], made[box]) for box in boxes]))


def _gradient_ratio(true: Image, made: Image, boxes: list[Box]) -> float:
    energy = []
    for picture in (made, true):
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float64)
        squared = cv2.Sobel(grey, cv2.CV_64F, 1, 0) ** 2 + cv2.Sobel(grey, cv2.CV_64F, 0, 1) ** 2
        energy.append(sum(float(squared[box].sum()) for box in boxes))
    return energy[0] / max(energy[1], 1e-9)


def measure(
    path: Path, animator: Animator, count: int, sheets: Path | None
) -> tuple[Figures, Figures, float]:
    """Mean figures of ours and of the first frame repeated, and the mean confidence of the capture."""
    frames, rate = read_clip(path)
    fitted = animator.fit(frames[0])
    captured = animator.capture(frames, rate)
    renderer = Renderer(fitted, SIZE)
    inputs = list(FrameInputSequence().iter_frame_inputs(from_first_frame(captured)))
    still = framed(frames[0], fitted.square)
    ours, repeated, cells = [], [], []
    chosen = np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))[1:]
    shown = set(chosen[:: max(len(chosen) // SHOWN, 1)])
    for index in chosen:
        true = true_frame(framed(frames[index], fitted.square))
        if true is None:
            continue
        made = renderer.frame(*inputs[index])
        ours.append(compare(true, made))
        repeated.append(compare(true, still))
        if index in shown:
            cells += [(f"true {index}", true.picture), ("ours", made)]
    if sheets is not None:
        save_sheet(sheets / f"reenact_{path.stem}.jpg", cells, 4)
    confidence = captured.confidence
    trust = 1.0 if confidence is None else float(confidence.mean())
    return _mean(ours), _mean(repeated), trust


def _mean(figures: list[Figures]) -> Figures:
    return Figures(*np.nanmean(np.array(figures), axis=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--frames", type=int, default=30)
    parser.add_argument("--sheets", type=Path)
    options = parser.parse_args()
    animator = Animator.load("cpu")
    print(f"| clip | confidence | {' | '.join(f'{name}: ours / still' for name in COLUMNS)} |")
    print(f"|{'---|' * (2 + len(COLUMNS))}")
    for path in options.clips:
        ours, still, trust = measure(path, animator, options.frames, options.sheets)
        digits = (1, 3, 2, 1, 1, 2, 2)
        cells = " | ".join(f"{a:.{d}f} / {b:.{d}f}" for a, b, d in zip(ours, still, digits, strict=True))
        print(f"| {path.stem} | {trust:.2f} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
