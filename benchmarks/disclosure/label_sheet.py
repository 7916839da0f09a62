"""Every preset of the visible label on portraits, as one picture to look at.

    python -m benchmarks.disclosure.label_sheet --out sheet.png [PORTRAIT ...]

A row for each portrait, the bundled cast where none is named, and a column for each preset, in its language
and each in another corner; then columns in which the head is taken to where the label was asked for. Prints
for each cell whether the label keeps clear of eyes and mouth, as a face detector sees them in the frame.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

import cv2
import numpy as np

from benchmarks.watermark.clips import CAST, SAMPLES
from generation.animation import Animator, MotionTrack
from generation.animation.face.face_topology import LEFT_EYE, LIPS_OUTER, RIGHT_EYE
from generation.animation.face.landmarks import detect_faces
from generation.disclosure.choice import NONE, Disclosure, presets
from generation.disclosure.label import Label
from generation.pipeline.label_place import is_usual, placed_clear
from provenance.common.visible_label import PlaceName

SIZE: Final = 384
FEATURES: Final = [*LEFT_EYE, *RIGHT_EYE, *LIPS_OUTER]
# Poses that bring the face under the corner that is asked for: yaw, pitch, roll, x, y, z.
INTO: Final[dict[PlaceName, tuple[float, ...]]] = {
    "top_right": (20, -15, 0, 0.3, -0.3, -4),
    "bottom_left": (-20, 15, 0, -0.3, 0.3, -4),
}
Frame = np.ndarray


def cells(picture: Frame) -> list[tuple[str, Frame, str]]:
    """Title, frame with its label, and whether eyes and mouth keep clear of it, of one portrait."""
    animator = Animator.load("cpu")
    fitted = animator.fit(picture)
    made, places = [], get_args(PlaceName)
    wanted: list[tuple[str, Disclosure, tuple[float, ...]]] = [
        (name, replace(Disclosure.from_json({"preset": name}), place=places[i % len(places)]), (0,) * 6)
        for i, name in enumerate(name for name in presets() if name != NONE)
    ]
    wanted += [(f"into {place}", Disclosure(place=place), pose) for place, pose in INTO.items()]
    for title, disclosure, pose in wanted:
        track = MotionTrack.neutral(2, 25)
        track.head_pose[1] = pose
        first, last = animator.render(fitted, track, SIZE)
        is_clear = is_usual(track, is_square=True)
        placed = disclosure if is_clear else placed_clear(disclosure, first, track, None)
        label = Label(placed, SIZE, SIZE)
        made.append((title, label.drawn_on(last), keeps_clear(label, last)))
    return made


def keeps_clear(label: Label, frame: Frame) -> str:
    """Whether the label lies beside the eyes and the mouth that are found in the frame without it."""
    left, top, right, bottom = (edge * SIZE for edge in label.facts.box)
    for face in detect_faces(frame)[:1]:
        x, y = face.points[FEATURES, :2].T
        is_covered = bool(((x > left) & (x < right) & (y > top) & (y < bottom)).any())
        return "COVERED" if is_covered else "clear"
    return "no face found"


def main() -> None:
    """Draw, write and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("portraits", nargs="*", type=Path, metavar="PORTRAIT")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG")
    chosen = parser.parse_args()
    paths = chosen.portraits or [SAMPLES / "portraits" / f"{name}.jpg" for name in CAST]
    rows = []
    for path in paths:
        picture = cv2.cvtColor(np.asarray(cv2.imread(str(path))), cv2.COLOR_BGR2RGB)
        found = cells(np.asarray(picture, np.uint8))
        rows.append(np.concatenate([frame for _, frame, _ in found], axis=1))
        print(f"{path.stem}: " + ", ".join(f"{title} {said}" for title, _, said in found))
    cv2.imwrite(str(chosen.out), cv2.cvtColor(np.concatenate(rows), cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
