"""Measures frames against ground truth (people rendered with known actions and poses) and two baselines.

The neutral picture of each person is animated, and the result is compared with the true pictures.

    python -m benchmarks.rendering.ground_truth TRUTH [SHEETS]

TRUTH holds one folder for each person, made by `tools/cast/make_cast.py PERSON --set truth --size 512` (its
README says how; the first frame is needed, of the others any). Prints a table of means over frames; saves one
sheet a person into SHEETS (default var/benchmarks): true, ours, no motion, plain warp.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.face_measurements import FaceMeasurements, head_angles
from benchmarks.rendering.plain_warp import plain_warp
from benchmarks.rendering.portraits import (
    Image,
    decibels,
    eye_distance,
    posed,
    read_picture,
    save_sheet,
    similarity,
)
from generation.animation import Animator
from generation.animation.face.landmarks import detect_faces
from generation.animation.face.matting import person_matte
from generation.animation.portrait.portrait_crop import MARGIN, cut_frame
from generation.animation.rendering.renderer import Renderer

# The eyes of the ground truth translate as well as rotate. These are the degrees of pure rotation that move
# the iris as far, for an eyeLook action of 1, measured on the ground truth's geometry.
LOOK_SIDEWAYS, LOOK_UP = 21.0, 10.0
MEASURED = ("yawP12", "yawM12", "pitchP8", "pitchM8", "blink100")
BELOW_CHIN = 0.15  # of the face's height: the head's region ends there
SIZE = 512


@dataclass(frozen=True)
class TrueFrame:
    """One true picture and what was commanded, as rows of a track."""

    name: str
    picture: Image
    actions: NDArray[np.float32]
    head: NDArray[np.float32]
    gaze: NDArray[np.float32]


def true_frames(folder: Path) -> tuple[Image, list[TrueFrame]]:
    """The neutral picture of a person and the other frames."""
    info = json.loads((folder / "parameters.json").read_text())
    rest = info["frames"][info["order"][0]]["actions"]
    frames = []
    for name in info["order"][1:]:
        told = info["frames"][name]
        change = {
            key: told["actions"].get(key, 0.0) - rest.get(key, 0.0) for key in {*told["actions"], *rest}
        }
        look = {key: change.pop(key) for key in list(change) if key.startswith("eyeLook")}
        turn = told["head_pose_degrees"]
        head = (turn["yaw"], turn["pitch"], turn["roll"])
        # Ground-truth gaze is relative to the head; a track's gaze is relative to the camera.
        right = look.get("eyeLookOutLeft", 0) - look.get("eyeLookInLeft", 0)
        gaze = (head[0] + LOOK_SIDEWAYS * right, head[1] - LOOK_UP * look.get("eyeLookUpLeft", 0))
        frames.append(TrueFrame(name, read_picture(folder / f"{name}.png"), *posed(change, head, gaze)))
    return read_picture(folder / f"{info['order'][0]}.png"), frames


def framed(picture: Image, square: tuple[float, float, float]) -> Image:
    """The part of a picture that is the renderer's frame, at SIZE."""
    canvas, _ = cut_frame(picture, square)
    margin = round(canvas.shape[0] * MARGIN / (1 + 2 * MARGIN))
    inner = canvas[margin : canvas.shape[0] - margin, margin : canvas.shape[0] - margin]
    return np.asarray(cv2.resize(inner, (SIZE, SIZE), interpolation=cv2.INTER_AREA), np.uint8)


def head_region(picture: Image, points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the true picture shows the person, down to a little below the chin."""
    top, chin = points[10, 1], points[152, 1]
    rows = np.arange(SIZE)[:, None] < chin + BELOW_CHIN * (chin - top)
    return (person_matte(picture) > 0.5) & rows


def landmarks(picture: Image) -> NDArray[np.float32]:
    """Landmarks (478, 3) of the largest face."""
    return detect_faces(picture)[0].points


def measure(folder: Path, animator: Animator, sheets: Path) -> dict[str, dict[str, list[float]]]:
    """PSNR, SSIM and landmark error (% of the eye distance) of every frame, by method and frame."""
    neutral, frames = true_frames(folder)
    fitted = animator.fit(neutral)
    renderer = Renderer(fitted, SIZE)
    still = framed(neutral, fitted.square)
    methods: dict[str, Callable[[TrueFrame], Image]] = {
        "ours": lambda f: renderer.frame(f.actions, f.head, f.gaze, 0.0),
        "no motion": lambda _: still,
        "plain warp": lambda f: plain_warp(fitted, f.actions, f.head),
    }
    results: dict[str, dict[str, list[float]]] = defaultdict(dict)
    cells = []
    for frame in frames:
        true = framed(frame.picture, fitted.square)
        points = landmarks(true)
        where = head_region(true, points)
        cells.append((frame.name, true))
        for method, render in methods.items():
            made = render(frame)
            cells.append((method, made))
            off = np.linalg.norm(landmarks(made)[:, :2] - points[:, :2], axis=1).mean()
            results[method][frame.name] = [
                decibels(true, made, where),
                similarity(true, made, where),
                100 * float(off) / eye_distance(points),
            ]
    save_sheet(sheets / f"render_truth_{folder.name}.jpg", cells, 2 * (1 + len(methods)))
    return results


def mesh_bias(folder: Path) -> list[float]:
    """What the face mesh measures on true pictures: degrees for a yaw of 12 and -12, a pitch of 8 and -8, and
    how far closed eyes are open, in % of rest."""
    neutral, frames = true_frames(folder)
    rest = FaceMeasurements.of(neutral)
    now = {
        frame.name[3:]: FaceMeasurements.of(frame.picture) for frame in frames if frame.name[3:] in MEASURED
    }
    angles = [head_angles(rest.points, now[name].points) for name in MEASURED[:4]]
    blink = 100 * now[MEASURED[4]].eye_opening / rest.eye_opening
    return [angles[0][0], angles[1][0], angles[2][1], angles[3][1], blink]


def main() -> None:
    truth = Path(sys.argv[1])
    sheets = Path(sys.argv[2]) if len(sys.argv) > 2 else Path("var/benchmarks")
    animator = Animator.load()
    people = {f.name: measure(f, animator, sheets) for f in sorted(truth.iterdir()) if f.is_dir()}
    methods = next(iter(people.values())).keys()
    header = "".join(f"| {m}: dB | SSIM | landmarks % " for m in methods) + "|"
    print(f"| frame {header}\n|{'---|' * (1 + 3 * len(methods))}")
    for name in next(iter(people.values()))["ours"]:
        _print_row(name[3:], [np.mean([p[m][name] for p in people.values()], axis=0) for m in methods])
    for person, found in people.items():
        _print_row(f"**{person}**", [np.mean(list(found[m].values()), axis=0) for m in methods])
    every = [np.mean([v for p in people.values() for v in p[m].values()], axis=0) for m in methods]
    _print_row("**all**", every)
    print("\nWhat the face mesh measures on the true pictures:\n")
    print("| person | yaw 12 | yaw -12 | pitch 8 | pitch -8 | blink, % open |")
    print(f"|{'---|' * 6}")
    for person, found in people.items():
        if {name[3:] for name in found["ours"]}.issuperset(MEASURED):
            print(f"| {person} | {' | '.join(f'{v:.1f}' for v in mesh_bias(truth / person))} |")


def _print_row(name: str, figures: list[NDArray[np.float64]]) -> None:
    cells = " | ".join(f"{f[0]:.1f} | {f[1]:.3f} | {f[2]:.2f}" for f in figures)
    print(f"| {name} | {cells} |")


if __name__ == "__main__":
    main()
