"""Rendering loads nothing of what torch asks for but uses only where a network is trained.

Set-up leaves those packages out (110 MB); the packages for tests bring them back, so they are hidden here.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"filelock", "fsspec", "jinja2", "markupsafe", "mpmath", "networkx", "sympy"}

PROGRAM = f"""
import sys, wave
import numpy as np
from PIL import Image

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LEFT_OUT!r}:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Hide())
from generation.animation import Animator, MotionControls

animator = Animator.load(device="cpu")
fitted = animator.fit(np.asarray(Image.open("samples/portraits/maya.jpg").convert("RGB")))
with wave.open("samples/speech/sample1_female_calm.wav") as file:
    rate = file.getframerate()
    speech = np.frombuffer(file.readframes(rate), np.int16).astype(np.float32) / 32768
track = animator.drive(speech, rate, controls=MotionControls(), seed=0, fps=25)
frames = sum(1 for _ in animator.render(fitted, track, size=256))
streamed = sum(len(piece.actions) for piece in animator.stream(iter([speech]), rate, fps=25))
print(frames, streamed, "torch" in sys.modules)
"""


@pytest.mark.slow
def test_it_fits_drives_renders_and_streams_without_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["25", "25", "True"]
