"""Renders a contact sheet of 24 expressions, gazes and poses of every portrait, for visual inspection.

    python -m benchmarks.rendering.expressions [SHEETS] [FOLDER of more portraits ...]

Saves `expressions_NAME.jpg` for each portrait into SHEETS (default var/benchmarks).
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.rendering.portraits import both, portraits, posed, save_sheet
from generation.animation import Animator
from generation.animation.rendering.renderer import Renderer
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS

OPEN = {"jawOpen": 0.55} | both("mouthLowerDown", 0.2)
SPREAD = {"jawOpen": 0.12} | both("mouthStretch", 0.4) | both("mouthSmile", 0.3)
SMILE = both("mouthSmile", 0.8) | both("cheekSquint", 0.5) | both("mouthUpperUp", 0.35) | {"jawOpen": 0.12}
SURPRISE = {"browInnerUp": 0.9, "jawOpen": 0.4} | both("browOuterUp", 0.8) | both("eyeWide", 0.8)
ANGER = both("browDown", 1.0) | both("noseSneer", 0.6) | both("eyeSquint", 0.5) | both("mouthPress", 0.5)


def _away(distance: float) -> tuple[float, ...]:
    return (0, 0, 0, 0, 0, (distance - 1) * CAMERA_DISTANCE_HEAD_WIDTHS)


POSES = {
    "rest": posed(),
    "aa": posed(OPEN),
    "ee": posed(SPREAD | both("mouthLowerDown", 0.4) | both("mouthUpperUp", 0.3)),
    "oo": posed({"jawOpen": 0.2, "mouthPucker": 0.7, "mouthFunnel": 0.4}),
    "f": posed({"jawOpen": 0.08, "mouthRollLower": 0.6} | both("mouthUpperUp", 0.25)),
    "m": posed({"jawOpen": 0.1, "mouthClose": 0.1, "mouthRollLower": 0.25, "mouthRollUpper": 0.25}),
    "smile": posed(SMILE),
    "surprise": posed(SURPRISE),
    "anger": posed(ANGER),
    "blink": posed(both("eyeBlink", 1.0)),
    "half a blink": posed(both("eyeBlink", 0.5)),
    "gaze left": posed(gaze=(-15, 0)),
    "gaze right": posed(gaze=(15, 0)),
    "gaze up": posed(gaze=(0, -12)),
    "gaze down": posed(gaze=(0, 12)),
    "yaw 15": posed(head=(15,)),
    "yaw -15": posed(head=(-15,)),
    "pitch 10": posed(head=(0, 10)),
    "pitch -10": posed(head=(0, -10)),
    "roll 12": posed(head=(0, 0, 12)),
    "distance 0.8": posed(head=_away(0.8)),
    "distance 1.25": posed(head=_away(1.25)),
    "aa, 20 12 10": posed({"jawOpen": 0.4}, (20, 12, 10)),
    "smile, -20 -12 -10": posed(SMILE, (-20, -12, -10)),
}


def main() -> None:
    sheets = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("var/benchmarks")
    animator = Animator.load()
    for name, picture in portraits(Path(f) for f in sys.argv[2:]):
        renderer = Renderer(animator.fit(picture), 512)
        cells = [(label, renderer.frame(*rows, 0.0)) for label, rows in POSES.items()]
        save_sheet(sheets / f"expressions_{name}.jpg", cells, 6)
        print(sheets / f"expressions_{name}.jpg")


if __name__ == "__main__":
    main()
