"""Measures our landmarks against MediaPipe's own attention mesh; MODEL_CARD.md quotes the printed table.

    python3.11 -m venv /tmp/mediapipe && /tmp/mediapipe/bin/pip install mediapipe==0.10.14
    python -m benchmarks.rendering.landmarks /tmp/mediapipe/bin/python [directory of more portraits]

MediaPipe brings a gigabyte of packages, so it runs in that environment of its own. Its
mesh, run on one crop, moves from crop to crop; the reference is the mean over four, and their own mean
distance from it is printed as the spread. All numbers are in per cent of the distance between the irises.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from generation.animation.face.face_topology import (
    LEFT_EYE,
    LEFT_IRIS,
    LIPS_INNER,
    LIPS_OUTER,
    RIGHT_EYE,
    RIGHT_IRIS,
)
from generation.animation.face.landmarks import FaceLandmarks, detect_faces

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "portraits"
REFERENCE = Path(__file__).with_name("mediapipe_landmarks.py")
# Crops shown to MediaPipe: side in face heights, shift right and down as parts of the face's height.
CROPS = ((2.0, 0.0, 0.0), (2.3, 0.04, -0.03), (2.6, -0.04, 0.05), (1.8, 0.02, 0.03))
BAR = 2.5
PARTS = {
    "lips": LIPS_OUTER + LIPS_INNER,
    "eye contours": LEFT_EYE + RIGHT_EYE,
    "irises": LEFT_IRIS + RIGHT_IRIS,
}


def squares(face: FaceLandmarks) -> list[tuple[float, float, float]]:
    x, y, width, height = face.box
    crops = []
    for scale, right, down in CROPS:
        side = scale * height
        crops.append(
            (x + width / 2 + right * height - side / 2, y + height / 2 + down * height - side / 2, side)
        )
    return crops


def reference(python: str, faces: dict[Path, FaceLandmarks]) -> list[np.ndarray]:
    """(crops, 478, 2) from MediaPipe for each face."""
    requests = [{"path": str(path), "squares": squares(face)} for path, face in faces.items()]
    run = subprocess.run(
        [python, str(REFERENCE)], input=json.dumps(requests), capture_output=True, text=True, check=True
    )
    return [np.array(found) for found in json.loads(run.stdout)]


def percent(distances: np.ndarray, part: tuple[int, ...], between_eyes: float) -> float:
    return 100 * float(distances[..., list(part)].mean()) / between_eyes


def main(arguments: Sequence[str]) -> None:
    python, *folders = arguments
    paths = sorted(SAMPLES.glob("*.jpg"))
    for folder in folders:
        paths += sorted(path for path in Path(folder).iterdir() if path.suffix in {".jpg", ".png"})
    faces = {path: detect_faces(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB))[0] for path in paths}
    rows = []
    print(f"\n{datetime.now(UTC):%Y-%m-%d}; in brackets the spread of MediaPipe's own crops\n")
    print("| portrait | " + " | ".join(PARTS) + " |")
    print("|---" * (1 + len(PARTS)) + "|")
    for (path, face), crops in zip(faces.items(), reference(python, faces), strict=True):
        mean = crops.mean(0)
        between_eyes = float(np.linalg.norm(mean[468] - mean[473]))
        ours = np.linalg.norm(face.points[:, :2] - mean, axis=1)
        own = np.linalg.norm(crops - mean, axis=2)
        row = [
            (percent(ours, part, between_eyes), percent(own, part, between_eyes)) for part in PARTS.values()
        ]
        rows.append(row)
        print(f"| {path.stem} | " + " | ".join(f"{a:.2f} ({b:.2f})" for a, b in row) + " |")
    table = np.array(rows)
    means, worst = table.mean(0), table.max(0)
    print("| mean | " + " | ".join(f"{a:.2f} ({b:.2f})" for a, b in means) + " |")
    print(f"\nWorst {worst[:, 0].max():.2f}, bar {BAR}: {'met' if (worst[:, 0] <= BAR).all() else 'MISSED'}")


if __name__ == "__main__":
    main(sys.argv[1:])
