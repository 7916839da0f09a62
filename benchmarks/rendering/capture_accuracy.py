"""Measures capture on rendered people whose motion is known: head, jaw, smile, blinks, gaze, frames a second.

    python -m benchmarks.rendering.capture_accuracy [--seed N] [--frames N] [--truth FOLDER] [FOLDER ...]

Every portrait of the cast and of more FOLDERs performs a motion that follows from the seed, and is captured.
The cast's landmark response is part of the capture (`assets/LANDMARK_RESPONSE.md`); other portraits are
people that it has not seen. With --truth, the frames of each person rendered by `tools/cast/make_cast.py
--set truth`, which no part of the renderer has touched, are captured too, each shown three times.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from benchmarks.rendering.known_motion import MIXED, SIMPLE, blink_frames, known_motion
from benchmarks.rendering.portraits import Image, portraits, read_picture
from generation.animation import Animator, MotionTrack
from generation.animation.geometry.rig import ACTION_INDEX

FPS = 25.0
SIZE = 384
SHUT = 0.5  # eyeBlink
HELD = 3  # times that a frame of the truth set is shown
COLUMNS = (
    "yaw °", "pitch °", "roll °", "gaze °", "jaw r", "smile r", "blinks found", "blinks false",
    "confidence", "frames per CPU second",
)  # fmt: skip


class Row(NamedTuple):
    """One person's row: mean errors in degrees, correlations, blinks, mean confidence, speed."""

    yaw: float
    pitch: float
    roll: float
    gaze: float
    jaw: float
    smile: float
    found: float
    false: float
    confidence: float
    speed: float


def perform(animator: Animator, picture: Image, track: MotionTrack) -> Row:
    """Render a performance of known motion, capture it, and compare."""
    frames = list(animator.render(animator.fit(picture), track, size=SIZE))
    before = time.process_time()
    captured = animator.capture(frames, track.fps)
    speed = len(frames) / (time.process_time() - before)
    head = np.abs(captured.head_pose - track.head_pose)[:, :3].mean(0)
    shut = _blink(captured)
    peaks, _ = find_peaks(shut, height=SHUT)
    blinks = blink_frames(len(track))
    found = np.mean([shut[blink - 1 : blink + 2].max() > SHUT for blink in blinks])
    false = sum(min(abs(peak - blink) for blink in blinks) > 3 for peak in peaks)
    yaw, pitch, roll = (float(v) for v in head)
    return Row(
        yaw,
        pitch,
        roll,
        float(np.abs(captured.gaze - track.gaze).mean()),
        _correlation(captured, track, "jawOpen"),
        np.mean([_correlation(captured, track, f"mouthSmile{side}") for side in ("Left", "Right")]).item(),
        float(found),
        float(false),
        _confidence(captured),
        speed,
    )


def _correlation(one: MotionTrack, other: MotionTrack, action: str) -> float:
    column = ACTION_INDEX[action]
    return float(np.corrcoef(one.actions[:, column], other.actions[:, column])[0, 1])


def _blink(track: MotionTrack) -> NDArray[np.float32]:
    both_eyes = [ACTION_INDEX["eyeBlinkLeft"], ACTION_INDEX["eyeBlinkRight"]]
    return np.asarray(track.actions[:, both_eyes].mean(1))


def _confidence(track: MotionTrack) -> float:
    return 1.0 if track.confidence is None else float(track.confidence.mean())


def truth_row(animator: Animator, folder: Path) -> list[str]:
    """Mean errors of the head's angles over the truth set of one person; what was found of jaw and blink."""
    info = json.loads((folder / "parameters.json").read_text())
    frames = [read_picture(folder / f"{name}.png") for name in info["order"]]
    captured = animator.capture((frame for frame in frames for _ in range(HELD)), FPS)
    middle = np.arange(len(frames)) * HELD + HELD // 2
    told = [info["frames"][name] for name in info["order"]]
    head = np.array([[t["head_pose_degrees"][k] for k in ("yaw", "pitch", "roll")] for t in told])
    off = np.abs(captured.head_pose[middle, :3] - (head - head[0])).mean(0)
    jaw = np.array([t["actions"].get("jawOpen", 0.0) for t in told])
    found = captured.actions[middle, ACTION_INDEX["jawOpen"]]
    shut = _blink(captured)[middle]
    truly = np.array([t["actions"].get("eyeBlinkLeft", 0.0) > SHUT for t in told])
    return [
        folder.name,
        *(f"{v:.2f}" for v in off),
        f"{np.corrcoef(jaw, found)[0, 1]:.3f}",
        f"{(shut[truly] > SHUT).mean():.2f}",
        f"{int((shut[~truly] > SHUT).sum())}",
    ]


def _print_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    names = list(header)
    print(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}")
    for row in rows:
        print(f"| {' | '.join(row)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--truth", type=Path)
    options = parser.parse_args()
    animator = Animator.load("cpu")
    for title, actions in (("jaw, smile, brows", SIMPLE), ("nine actions at once", MIXED)):
        rows = {
            name: perform(animator, picture, known_motion(options.seed + i, options.frames, actions))
            for i, (name, picture) in enumerate(portraits(options.folders))
        }
        rows["**mean**"] = Row(*np.mean(list(rows.values()), axis=0))
        _print_table([title, *COLUMNS], ([name, *(f"{v:.2f}" for v in row)] for name, row in rows.items()))
    if options.truth is not None:
        people = sorted(folder for folder in options.truth.iterdir() if folder.is_dir())
        _print_table(
            ["truth set", "yaw °", "pitch °", "roll °", "jaw r", "blinks found", "false"],
            (truth_row(animator, folder) for folder in people),
        )


if __name__ == "__main__":
    main()
