"""Synthesises English speech with phone times by flite (Debian package flite)."""

from __future__ import annotations

import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from generation.animation.training.examples.utterance import Segment, Utterance, split_phones, to_16k

FLITE_VOICES = ("slt", "rms", "awb", "kal16")


def speak_with_flite(text: str, voice: str, stretch: float) -> Utterance:
    """Speak one sentence; `stretch` multiplies the durations."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "speech.wav"
        command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.2f}", "-psdur"]
        printed = subprocess.run(
            [*command, "-t", text, "-o", str(path)], capture_output=True, text=True, check=True
        ).stdout
        with wave.open(str(path)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / np.float32(32768)
    segments: list[Segment] = []
    start = 0.0
    for token in printed.split():
        name, end = token.rsplit(":", 1)
        segments.append((name, start, float(end)))
        start = float(end)
    return Utterance(to_16k(samples, rate), split_phones(segments))
