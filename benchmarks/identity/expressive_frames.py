"""Measures how much expressive and turned frames still look like the person in the portrait.

    python -m benchmarks.identity.expressive_frames [FOLDER of more portraits ...]

The distance of face descriptors (`face/face_descriptor.py`) of frames to that of the portrait itself: mean
and greatest over expressions that look ahead, and over rest and expressions at a yaw of 20 degrees to either
side. Descriptors of two different people are .55 and more apart. A frame without a face is named.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.rendering.expressions import POSES
from benchmarks.rendering.portraits import Image, portraits, posed
from generation.animation import Animator
from generation.animation.face.face_descriptor import describe_face
from generation.animation.face.landmarks import detect_faces
from generation.animation.rendering.renderer import Renderer

AHEAD: Final = ("aa", "ee", "oo", "f", "m", "smile", "surprise", "anger", "blink", "half a blink")
TURNED: Final = ("rest", "aa", "oo", "smile", "surprise", "anger")
YAWS: Final = (20.0, -20.0)


def described(picture: Image) -> NDArray[np.float32] | None:
    """The descriptor (128,) of the largest face, or nothing where there is none."""
    faces = detect_faces(picture)
    return describe_face(picture, faces[0].points) if faces else None


def distances(renderer: Renderer, portrait: Image) -> dict[str, float]:
    """The distance of every frame that shows a face to the portrait, by its name."""
    own = described(portrait)
    if own is None:
        raise ValueError("The portrait shows no face.")
    found = {}
    frames = {name: POSES[name] for name in AHEAD}
    for yaw in YAWS:
        for name in TURNED:
            actions, _, _ = POSES[name]
            _, head, gaze = posed(head=(yaw,), gaze=(yaw, 0))
            frames[f"{name}, yaw {yaw:.0f}"] = (actions, head, gaze)
    for name, rows in frames.items():
        other = described(renderer.frame(*rows, 0.0))
        if other is None:
            print(f"no face: {name}", file=sys.stderr)
        else:
            found[name] = float(np.linalg.norm(own - other))
    return found


def main() -> None:
    """Print a row for each portrait and one for all."""
    animator = Animator.load("cpu")
    every: list[tuple[list[float], list[float]]] = []
    print("| portrait | ahead: mean | greatest | at yaw 20: mean | greatest |\n|---|---|---|---|---|")
    for name, picture in portraits(Path(f) for f in sys.argv[1:]):
        found = distances(Renderer(animator.fit(picture), 512), picture)
        ahead = {k: v for k, v in found.items() if "yaw" not in k}
        turned = {k: v for k, v in found.items() if "yaw" in k}
        every.append((list(ahead.values()), list(turned.values())))
        print(f"| {name} | {_row(ahead)} | {_row(turned)} |", flush=True)
    all_ahead, all_turned = (np.concatenate(part) for part in zip(*every, strict=True))
    print(
        f"| **all** | {all_ahead.mean():.2f} | {all_ahead.max():.2f}"
        f" | {all_turned.mean():.2f} | {all_turned.max():.2f} |"
    )


def _row(found: dict[str, float]) -> str:
    """Mean and greatest distance, and of which frame it is."""
    worst = max(found, key=lambda k: found[k])
    return f"{np.mean(list(found.values())):.2f} | {found[worst]:.2f} ({worst})"


if __name__ == "__main__":
    main()
