"""Animate an invented person with the library: portrait and speech in, motion and a strip of frames out.

Runs in the repository. Whole videos are made by the service alone, which marks, signs and logs them.
"""

import sys
import wave
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image

from generation.animation import Animator, MotionControls

SAMPLES = Path(__file__).parents[1] / "samples"
SECONDS, FPS, SIZE = 3, 25, 256


def main(motion_file: Path = Path("motion.csv"), strip_file: Path = Path("strip.png")) -> None:
    """Write the motion as Live Link Face columns, and every 15th frame side by side."""
    with wave.open(str(SAMPLES / "speech/sample1_female_calm.wav")) as speech:
        rate = speech.getframerate()
        samples = np.frombuffer(speech.readframes(SECONDS * rate), np.int16)
    with Image.open(SAMPLES / "portraits/amara.jpg") as picture:
        portrait = np.asarray(picture.convert("RGB"))

    animator = Animator.load(device="cpu")
    fitted = animator.fit(portrait)
    happy = MotionControls(emotion="happy", emotion_intensity=0.7)
    track = animator.drive(
        samples.astype(np.float32) / np.float32(2**15), rate, controls=happy, seed=7, fps=FPS
    )
    track.to_csv(motion_file)

    frames = islice(animator.render(fitted, track, size=SIZE), 0, None, 15)
    Image.fromarray(np.hstack(list(frames))).save(strip_file)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
