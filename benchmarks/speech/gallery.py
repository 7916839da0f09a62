"""Renders the gallery: every portrait with every emotion in frames of speech, and one second frame by frame.

    python -m benchmarks.speech.gallery GALLERY [FOLDER of more portraits ...]

Into GALLERY goes one sheet for each portrait, `gallery_NAME.jpg`: emotions at full intensity in rows, the
same moments of the same recording in columns, then one second of the neutral performance, twelve frames.
Recording, moments and seed are fixed, so that two galleries differ by what has changed between them. Pictures
that are refused are named.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from benchmarks.rendering.portraits import CAST, portraits, save_sheet
from benchmarks.speech.corpus import read_wave
from benchmarks.speech.emotions_seen import FPS, spoken_frames, take
from generation.animation import Animator, MotionControls
from generation.animation.motion.controls import EMOTIONS
from generation.animation.portrait.portrait_check import PortraitRejected

SPEECH, SEED = "sample3_female_story", 5
SIZE, COLUMNS = 256, 12
_NEUTRAL = EMOTIONS.index("neutral")


def main() -> None:
    gallery = Path(sys.argv[1])
    animator = Animator.load("cpu")
    samples, rate = read_wave(CAST.parent / "speech" / f"{SPEECH}.wav")
    tracks = [
        animator.drive(
            samples, rate, controls=MotionControls(emotion=name, emotion_intensity=1.0), seed=SEED, fps=FPS
        )
        for name in EMOTIONS
    ]
    moments = spoken_frames(samples, rate, COLUMNS)
    second = moments[COLUMNS // 2] + 2 * np.arange(COLUMNS)
    shown = [(name, take(track, moments)) for name, track in zip(EMOTIONS, tracks, strict=True)]
    shown.append(("a second", take(tracks[_NEUTRAL], second)))
    for name, picture in portraits(Path(folder) for folder in sys.argv[2:]):
        try:
            fitted = animator.fit(picture)
        except PortraitRejected as refusal:
            print(f"{name}: {refusal}")
            continue
        cells = [
            (label, frame) for label, part in shown for frame in animator.render(fitted, part, size=SIZE)
        ]
        save_sheet(gallery / f"gallery_{name}.jpg", cells, COLUMNS)
        print(gallery / f"gallery_{name}.jpg", flush=True)


if __name__ == "__main__":
    main()
