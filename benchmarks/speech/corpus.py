"""Test corpora of real speech with phone times; never used for training.

| corpus | what | Debian packages |
| --- | --- | --- |
| prompts | 13 minutes of English telephone prompts, 8 kHz, one woman | asterisk-core-sounds-en, -en-wav |
| audiobook | 25 seconds of an English audiobook, 16 kHz, one man | pocketsphinx-testdata |
| fr, it, es, ru | telephone prompts, 8 kHz, one speaker each | asterisk-core-sounds-XX, -XX-wav |

English phones come from the aligner of pocketsphinx 5.1.1 (PyPI), good to 20 to 40 ms and moved by 20 ms as
calibrated against the label conventions of training. Other languages are aligned to synthesised readings of
the same text by dynamic time warping (dtw_alignment.py): accurate enough to say whether the lips close at a
p, b or m, no more. The fifth of their prompts that fits worst is left out.

Every corpus is split in two by name: constants may be chosen on the tuning half, figures are reported on the
other half. Labels are kept in a cache directory.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from benchmarks.speech.dtw_alignment import align_by_dtw
from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.speech.visemes import PHONE_INDEX, PHONES
from generation.animation.training.examples.utterance import Segment, split_phones
from generation.animation.training.synthesisers.espeak import Espeak

logger = logging.getLogger(__name__)

FOREIGN = ("fr", "it", "es", "ru")
_SOUNDS = Path("/usr/share/asterisk/sounds")
_FOLDERS = {
    "en": "en_US_f_Allison", "fr": "fr_CA_f_June", "es": "es_MX_f_Allison", "it": "it_IT_m_Carlo",
    "ru": "ru_RU_f_IvrvoiceRU",
}  # fmt: skip
_AUDIOBOOK = Path("/usr/share/pocketsphinx/test/data/librivox")
_ALIGNER_EARLY_S = 0.020
_PADDING_S = 0.2
_MIN_S, _MAX_S = 1.2, 15.0
_FOREIGN_PROMPTS = 120  # of each language; more do not change the figures


@dataclass(frozen=True, eq=False)
class Prompt:
    """Mono samples as recorded and the (phone, start_s, end_s) spoken in them."""

    name: str
    samples: NDArray[np.float32]
    sample_rate: int
    segments: tuple[Segment, ...]

    @property
    def for_tuning(self) -> bool:
        """Whether it belongs to the tuning half; figures are reported on the other half."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 2 == 0

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate


def load_corpus(corpus: str, cache: Path, transcripts: Path = Path("/usr/share/doc")) -> list[Prompt]:
    """The prompts of "prompts", "audiobook" or one of FOREIGN that could be labelled, in order of name.

    `transcripts` holds the folders of the asterisk-core-sounds-* packages. The first call labels, which
    takes a few minutes a corpus.
    """
    cache.mkdir(parents=True, exist_ok=True)
    path = cache / f"{corpus}.npz"
    if not path.exists():
        if corpus == "audiobook":
            found = list(_align_english(_audiobook()))
        elif corpus == "prompts":
            found = list(_align_english(_prompts("en", transcripts)))
        else:
            found = list(_label_foreign(corpus, _prompts(corpus, transcripts)))
        _save(path, found)
        logger.info("%s: %d prompts, %.1f min", corpus, len(found), sum(p.duration_s for p in found) / 60)
    return _load(path)


def _prompts(language: str, transcripts: Path) -> Iterator[tuple[str, Path, str]]:
    listing = transcripts / f"asterisk-core-sounds-{language}" / f"core-sounds-{language}.txt.gz"
    for line in gzip.decompress(listing.read_bytes()).decode(errors="replace").splitlines():
        match = re.match(r"([\w/-]+):\s*(.+)", line)
        if match and "[" not in match[2]:
            path = _SOUNDS / _FOLDERS[language] / f"{match[1]}.wav"
            if path.exists() and len(match[2].split()) >= (4 if language == "en" else 3):
                yield f"{language}/{match[1]}", path, match[2]


def _audiobook() -> Iterator[tuple[str, Path, str]]:
    for line in (_AUDIOBOOK / "transcription").read_text().splitlines():
        match = re.match(r"<s> (.*) </s> \((.*)\)", line)
        if match:
            yield f"audiobook/{match[2]}", _AUDIOBOOK / f"{match[2]}.wav", match[1]


def read_wave(path: Path) -> tuple[NDArray[np.float32], int]:
    """Samples (N,) in -1..1 and sample rate of a 16-bit mono WAV file."""
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return (data / np.float32(32768)).astype(np.float32), file.getframerate()


def _align_english(items: Iterator[tuple[str, Path, str]]) -> Iterator[Prompt]:
    import pocketsphinx  # noqa: PLC0415  (a development package, for labels only)

    decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL")
    dictionary = Path(pocketsphinx.__file__).parent / "model" / "en-us" / "cmudict-en-us.dict"
    known = {line.split()[0] for line in dictionary.read_text(errors="ignore").splitlines() if line.strip()}
    digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    noise = np.random.default_rng(0)
    for name, path, text in items:
        spelt = re.sub(r"\d", lambda m: f" {digits[int(m[0])]} ", text.lower().replace("-", " "))
        words = re.findall(r"[a-z']+", spelt.replace("`", "'"))
        samples, rate = read_wave(path)
        if not words or any(word not in known for word in words) or len(samples) / rate < _MIN_S:
            continue
        # Prompts begin and end without a pause, which the aligner needs.
        samples = np.pad(samples, round(_PADDING_S * rate))
        samples = samples + noise.normal(0, 2e-4, len(samples)).astype(np.float32)
        segments = _align(decoder, resample_poly(samples, SAMPLE_RATE // rate, 1), words)
        if segments:
            yield Prompt(name, samples, rate, split_phones(segments))


def _align(decoder: object, samples: NDArray[np.float32], words: list[str]) -> list[Segment] | None:
    """Align words first, then the phones within them; None when the words do not fit."""
    raw = (np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()

    def run() -> None:
        decoder.start_utt()  # type: ignore[attr-defined]
        decoder.process_raw(raw, full_utt=True)  # type: ignore[attr-defined]
        decoder.end_utt()  # type: ignore[attr-defined]

    try:
        decoder.set_align_text(" ".join(words))  # type: ignore[attr-defined]
        run()
        if decoder.hyp() is None:  # type: ignore[attr-defined]
            return None
        decoder.set_alignment()  # type: ignore[attr-defined]
        run()
        alignment = decoder.get_alignment()  # type: ignore[attr-defined]
    except RuntimeError:
        return None
    if alignment is None:
        return None
    return [
        (
            {"+SPN+": "SIL", "+NSN+": "SIL", "<SIL>": "SIL"}.get(phone.name, phone.name),
            phone.start / 100 + _ALIGNER_EARLY_S,
            (phone.start + phone.duration) / 100 + _ALIGNER_EARLY_S,
        )
        for word in alignment.words()
        for phone in word
    ]


def _label_foreign(language: str, items: Iterator[tuple[str, Path, str]]) -> Iterator[Prompt]:
    espeak = Espeak()
    fitting = []
    for name, path, text in items:
        samples, rate = read_wave(path)
        if _MIN_S <= len(samples) / rate <= _MAX_S:
            labels = align_by_dtw(espeak, text, language, samples, rate)
            fitting.append((labels.misfit, Prompt(name, samples, rate, labels.segments)))
    # A bad fit means that the prompt differs from its transcript, which is not always exact.
    fitting.sort(key=lambda pair: pair[0])
    kept = [prompt for _, prompt in fitting[: int(0.8 * len(fitting))]]
    kept.sort(key=lambda prompt: hashlib.sha256(prompt.name[::-1].encode()).digest())
    yield from sorted(kept[:_FOREIGN_PROMPTS], key=lambda prompt: prompt.name)


def _save(path: Path, prompts: list[Prompt]) -> None:
    np.savez_compressed(
        path,
        names=np.array([prompt.name for prompt in prompts]),
        rates=np.array([prompt.sample_rate for prompt in prompts]),
        lengths=np.array([len(prompt.samples) for prompt in prompts]),
        samples=np.concatenate([(np.clip(p.samples, -1, 1) * 32767).astype(np.int16) for p in prompts]),
        counts=np.array([len(prompt.segments) for prompt in prompts]),
        phones=np.array([PHONE_INDEX[phone] for p in prompts for phone, _, _ in p.segments]),
        times=np.array([times for p in prompts for _, *times in p.segments]),
    )


def _load(path: Path) -> list[Prompt]:
    with np.load(path) as stored:
        samples = np.split(stored["samples"], np.cumsum(stored["lengths"])[:-1])
        ends = np.cumsum(stored["counts"])[:-1]
        labels = zip(np.split(stored["phones"], ends), np.split(stored["times"], ends), strict=True)
        return [
            Prompt(
                str(name),
                (audio / np.float32(32768)).astype(np.float32),
                int(rate),
                tuple((PHONES[p], float(a), float(b)) for p, (a, b) in zip(phones, times, strict=True)),
            )
            for name, audio, rate, (phones, times) in zip(
                stored["names"], samples, stored["rates"], labels, strict=True
            )
        ]
