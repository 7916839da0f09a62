"""Draw docs/images/speaking.webp: an invented person who speaks four seconds of a synthetic voice.

python -m tools.docs.moving_picture
"""

from __future__ import annotations

import wave
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.animation import Animator, MotionControls

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs/images/speaking.webp"
PORTRAIT = ROOT / "samples/portraits/maya.jpg"
SPEECH = ROOT / "samples/speech/sample1_female_calm.wav"
SECONDS, FPS, SIDE = 4, 25, 400


def speech() -> tuple[NDArray[np.float32], int]:
    """The beginning of the recording, (N,) float32 in -1..1, and its sample rate."""
    with wave.open(str(SPEECH)) as recording:
        rate = recording.getframerate()
        samples = np.frombuffer(recording.readframes(SECONDS * rate), np.int16)
    return samples.astype(np.float32) / 32768, rate


def main() -> None:
    """Fit, drive, render, and write one animated picture that repeats."""
    animator = Animator.load(device="cpu")
    fitted = animator.fit(np.asarray(Image.open(PORTRAIT).convert("RGB")))
    track = animator.drive(*speech(), controls=MotionControls(emotion="happy"), seed=3, fps=FPS)
    frames = [
        Image.fromarray(cv2.resize(frame, (SIDE, SIDE), interpolation=cv2.INTER_AREA))
        for frame in animator.render(fitted, track)
    ]
    first, *others = frames
    first.save(PICTURE, save_all=True, append_images=others, duration=1000 // FPS, loop=0, quality=80)
    print(f"{PICTURE.name}: {len(frames)} frames, {PICTURE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
