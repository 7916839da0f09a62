"""Synthesises utterances with exact phone times by four synthesisers, and keeps them on disk:

python -m generation.animation.training.synthesisers.synthesis --out DIRECTORY --source kokoro --minutes 60

Utterance i of a source depends on the source and i alone, so that an interrupted run resumes. The programs
are used for training only; nothing of them is shipped.
"""

from __future__ import annotations

import argparse
import logging
import random
from collections.abc import Callable
from pathlib import Path

from generation.animation.training.examples.sentences import LANGUAGES, make_phrase, make_sentence
from generation.animation.training.examples.utterance import Utterance, load_utterance, save_utterance
from generation.animation.training.synthesisers.espeak import ESPEAK_VOICES, Espeak
from generation.animation.training.synthesisers.festival import FESTIVAL_VOICES, speak_with_festival
from generation.animation.training.synthesisers.flite import FLITE_VOICES, speak_with_flite
from generation.animation.training.synthesisers.kokoro import HELD_OUT_VOICE, KOKORO_VOICES, Kokoro

logger = logging.getLogger(__name__)

SOURCES = ("flite", "espeak", "festival", "kokoro", "kokoro-held-out")
_FOREIGN = 0.45  # share of the utterances of espeak-ng and Kokoro that are not English

Speak = Callable[[random.Random], Utterance]


def speaker_of(source: str, directory: Path) -> Speak:
    """A function that makes one utterance of `source` from a seeded generator. Raises ImportError without
    Kokoro."""

    def choose_text(generator: random.Random) -> tuple[str, str]:
        language = generator.choice(LANGUAGES) if generator.random() < _FOREIGN else "en"
        return language, make_sentence(generator) if language == "en" else make_phrase(language, generator)

    if source == "flite":
        return lambda generator: speak_with_flite(
            make_sentence(generator), generator.choice(FLITE_VOICES), generator.uniform(0.8, 1.25)
        )
    if source == "festival":

        def with_festival(generator: random.Random) -> Utterance:
            language = generator.choice(tuple(FESTIVAL_VOICES))
            text = make_sentence(generator) if language == "en" else make_phrase(language, generator)
            voice = generator.choice(FESTIVAL_VOICES[language])
            return speak_with_festival(text, language, voice, generator.uniform(0.8, 1.2))

        return with_festival
    if source == "espeak":
        espeak = Espeak()

        def with_espeak(generator: random.Random) -> Utterance:
            language, text = choose_text(generator)
            voice = generator.choice(ESPEAK_VOICES[language])
            return espeak.speak(text, voice, generator.randint(130, 220), generator.randint(30, 70))

        return with_espeak
    kokoro = Kokoro(directory / "kokoro.onnx")
    voices = (HELD_OUT_VOICE,) if source == "kokoro-held-out" else KOKORO_VOICES

    def with_kokoro(generator: random.Random) -> Utterance:
        language, text = choose_text(generator)
        voice, other = generator.choice(voices), generator.choice(voices)
        return kokoro.speak(
            text, language, voice, other, generator.uniform(0.0, 0.5), generator.uniform(0.85, 1.2)
        )

    return with_kokoro


def synthesise(source: str, minutes: float, directory: Path) -> list[Path]:
    """Synthesise `minutes` of `source` to `directory`, as far as they are missing; the files, in order."""
    folder = directory / source
    folder.mkdir(parents=True, exist_ok=True)
    speak: Speak | None = None
    files: list[Path] = []
    spoken_s = 0.0
    while spoken_s < minutes * 60:
        path = folder / f"{len(files):05d}.npz"
        if not path.exists():
            speak = speak or speaker_of(source, directory)
            save_utterance(path, speak(random.Random(f"{source} {len(files)}")))
        files.append(path)
        spoken_s += load_utterance(path).duration_s
        if len(files) % 100 == 0:
            logger.info("%s: %d utterances, %.1f min", source, len(files), spoken_s / 60)
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--source", choices=SOURCES, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    synthesise(options.source, options.minutes, options.out)


if __name__ == "__main__":
    main()
