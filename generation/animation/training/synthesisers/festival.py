"""Synthesises speech with phone times by festival (Debian packages festival and the voices below).

Most of its voices are diphones or units of recorded speech: natural Italian, Russian and Czech sounds, which
the other synthesisers lack.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np

from generation.animation.training.examples.utterance import Segment, Utterance, split_phones, to_16k

# By language: festvox-kdlpc16k, -us-slt-hts; -italp16k, -itapc16k; -ru; -czech-machac, -czech-dita.
FESTIVAL_VOICES = {
    "en": ("ked_diphone", "cmu_us_slt_arctic_hts"),
    "it": ("lp_diphone", "pc_diphone"),
    "ru": ("msu_ru_nsh_clunits",),
    "cs": ("czech_machac", "czech_dita"),
}
_ENCODINGS = {"it": "latin-1", "cs": "iso8859-2"}
# Phone names that differ from those of PHONES, after stress, length and palatalisation marks are removed.
_PHONES = {
    "it": {
        "a": "AA", "e": "EH", "E": "EH", "i": "IY", "o": "AO", "O": "AO", "u": "UW", "r": "D",
        "w": "W", "j": "Y", "dZ": "JH", "tS": "CH", "S": "SH", "dz": "Z", "ts": "S", "J": "N",
        "ng": "NG", "nf": "N",
    },
    "ru": {
        "a": "AH", "aa": "AA", "ae": "AH", "ay": "AH", "e": "EH", "i": "IY", "y": "IH", "o": "AO", "u": "UW",
        "ur": "UW", "r": "D", "h": "K", "c": "S", "sch": "SH", "j": "Y",
    },
    "cs": {
        "a": "AA", "e": "EH", "i": "IY", "o": "AO", "u": "UW", "c": "S", "c~": "CH", "ch": "K", "d~": "D",
        "dz": "Z", "dz~": "JH", "h": "HH", "j": "Y", "n*": "NG", "n~": "N", "r": "D", "r~": "ZH", "s~": "SH",
        "t~": "T", "z~": "ZH",
    },
}  # fmt: skip
_MARKS = {"it": r"\d", "ru": r"^(?!aa)(.)(?=\1)", "cs": r"[:]|(?<=~)\*"}


def speak_with_festival(text: str, language: str, voice: str, stretch: float) -> Utterance:
    """Speak one sentence in a language of FESTIVAL_VOICES; `stretch` multiplies the durations."""
    with tempfile.TemporaryDirectory() as directory:
        sound, phones = Path(directory) / "speech.wav", Path(directory) / "phones"
        said = re.sub(r'["\\]', "", text)
        script = Path(directory) / "script.scm"
        script.write_text(
            f"(voice_{voice})\n"
            f"(Parameter.set 'Duration_Stretch {stretch:.2f})\n"
            f'(set! said (utt.synth (Utterance Text "{said}")))\n'
            f'(utt.save.segs said "{phones}")\n'
            f'(utt.save.wave said "{sound}" \'riff)\n',
            encoding=_ENCODINGS.get(language, "utf-8"),
            errors="ignore",
        )
        subprocess.run(["festival", "-b", str(script)], capture_output=True, check=True)
        with wave.open(str(sound)) as file:
            rate = file.getframerate()
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16) / np.float32(32768)
        lines = [line.split() for line in phones.read_text(errors="replace").splitlines()]
    segments: list[Segment] = []
    start = 0.0
    for end, _, name in (line for line in lines if len(line) == 3):
        segments.append((phone_of_festival(name, language), start, float(end)))
        start = float(end)
    return Utterance(to_16k(samples, rate), split_phones(segments))


def phone_of_festival(name: str, language: str) -> str:
    """The name in PHONES of one of festival's phones; names without an entry are returned without their
    marks."""
    plain = re.sub(_MARKS[language], "", name) if language in _MARKS else name
    return _PHONES.get(language, {}).get(plain, plain)
