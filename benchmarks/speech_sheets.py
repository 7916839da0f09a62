"""Pictures to judge performances by: a contact sheet and a plot of each.

    python -m benchmarks.speech_sheets FOLDER [--portraits DIR] [--speech DIR] [--emotions NAME ...]

Every speech recording on four portraits, an emotion for each turn; eight frames a second on the sheet.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from benchmarks.portraits import CAST, read_picture, save_sheet
from benchmarks.render_speed import SPEECH, read_speech
from generation.animation import Animator, MotionControls, MotionTrack
from generation.animation.controls import EMOTIONS
from generation.animation.hearing import hear
from generation.animation.visemes import PHONES

mpl.use("Agg")
from matplotlib import pyplot as plt

FPS, SIZE, COLUMNS = 40, 256, 10
EVERY = 5  # frames
_CURVES = (
    ("mouth", ("jawOpen", "mouthClose", "mouthSmileLeft", "mouthPucker")),
    ("brows, cheeks", ("browInnerUp", "browOuterUpLeft", "browDownLeft", "cheekSquintLeft")),
    ("eyes", ("eyeBlinkLeft", "eyeWideLeft", "eyeSquintLeft")),
)


def plot(samples: NDArray[np.float32], rate: int, track: MotionTrack, path: Path) -> None:
    """Waveform with phones, mouth, lips' gap, brows, lids, gaze and head angles over time."""
    time = (np.arange(len(track)) + 0.5) / track.fps
    figure, axes = plt.subplots(6, 1, figsize=(18, 16), sharex=True)
    axes[0].plot(np.arange(len(samples)) / rate, samples, lw=0.4)
    phones = hear(samples, rate).posteriors.argmax(1)
    edges = np.flatnonzero(np.diff(phones, prepend=-1))
    for start, end in itertools.pairwise([*edges, len(phones)]):
        if end - start >= 3 and PHONES[phones[start]] != "SIL":
            axes[0].text((start + end) / 200, 0.9, PHONES[phones[start]], fontsize=6, ha="center")
    axes[0].set_ylabel("voice, phones")
    for axis, (label, names) in zip(axes[1:4], _CURVES, strict=True):
        for name in names:
            axis.plot(time, track.actions[:, track.ACTIONS.index(name)], label=name)
        axis.set_ylabel(label)
        axis.legend(loc="upper right", fontsize=7)
    jaw, close = (track.actions[:, track.ACTIONS.index(name)] for name in ("jawOpen", "mouthClose"))
    axes[1].fill_between(time, jaw - close, alpha=0.2)
    for axis, values, label in ((axes[4], track.gaze, "gaze"), (axes[5], track.head_pose[:, :3], "head")):
        for column, name in zip(values.T, ("yaw", "pitch", "roll"), strict=False):
            axis.plot(time, column, label=name)
        axis.set_ylabel(f"{label}, degrees")
        axis.legend(loc="upper right", fontsize=7)
    for axis in axes:
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=60)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--portraits", type=Path, default=CAST)
    parser.add_argument("--speech", type=Path, default=SPEECH.parent)
    parser.add_argument("--emotions", nargs="*", default=list(EMOTIONS))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    animator = Animator.load("cpu")
    pictures = sorted(p for p in options.portraits.iterdir() if p.suffix in (".jpg", ".png"))[:4]
    fitted = {picture.stem: animator.fit(read_picture(picture)) for picture in pictures}
    turns = itertools.product(sorted(options.speech.glob("*.wav")), fitted)
    for number, (recording, name) in enumerate(turns):
        emotion = options.emotions[number % len(options.emotions)]
        samples, rate = read_speech(recording)
        controls = MotionControls(emotion=emotion)
        track = animator.drive(samples, rate, controls=controls, seed=number, fps=FPS)
        label = f"{recording.stem}-{name}-{emotion}"
        plot(samples, rate, track, options.folder / f"{label}-plot.png")
        shown = MotionTrack(
            FPS / EVERY, track.actions[::EVERY], track.head_pose[::EVERY], track.gaze[::EVERY]
        )
        frames = animator.render(fitted[name], shown, size=SIZE)
        cells = [(f"{i * EVERY / FPS:.2f}", frame) for i, frame in enumerate(frames)]
        save_sheet(options.folder / f"{label}.jpg", cells, COLUMNS)
        print(label)


if __name__ == "__main__":
    main()
