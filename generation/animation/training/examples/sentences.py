"""Sentences to synthesise: a random English grammar that covers all phones, and phrases in six languages."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

LANGUAGES = ("fr", "it", "es", "ru", "de")  # that espeak-ng and Kokoro speak besides

_PATTERNS = (
    "{person} {verb} the {adjective} {noun} {place}.",
    "{opening}, {person} {verb} a {noun} {place} {time}.",
    "{opening}, the {noun} and the {noun} were {adjective}, but the {noun} was {adjective}.",
    "Why would {person} move the {adjective} {noun} {place}?",
    "{time}, {person} {verb} {number} {adjective} {noun}s {place}.",
    "The {adjective} {noun} of the {noun} {verb} more than {number} {noun}s.",
    "Could you show me how {person} {verb} this {noun}? {opening}!",
    "I never thought that the {noun} {place} would be so {adjective} and {adjective}.",
    "{noun}, {noun}, {noun} and {noun}.",
)


def make_sentence(generator: random.Random) -> str:
    """One sentence of the grammar; the same generator state gives the same sentence."""
    words = _vocabulary()

    def choose(slot: re.Match[str]) -> str:
        if slot[1] == "number":
            return str(generator.choice((generator.randint(2, 20), generator.randint(21, 9999))))
        return generator.choice(words[slot[1]])

    sentence = re.sub(r"\{(\w+)\}", choose, generator.choice(_PATTERNS))
    return sentence[0].upper() + sentence[1:]


@cache
def _vocabulary() -> dict[str, tuple[str, ...]]:
    text = (Path(__file__).parent / "vocabulary.txt").read_text()
    sections = re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return {
        slot: tuple(word.strip() for word in " ".join(body.split()).split(",")) for slot, body in sections
    }


def make_phrase(language: str, generator: random.Random) -> str:
    """A sentence in `language` (of LANGUAGES, or "cs"), or as often as not its words in a new order."""
    sentences = _phrases()[language]
    if generator.random() < 0.4:
        return generator.choice(sentences)
    words = [word.strip(",.?!¿¡") for sentence in sentences for word in sentence.split()]
    chosen = [generator.choice([word for word in words if word]) for _ in range(generator.randint(4, 10))]
    if len(chosen) > 6:
        chosen[len(chosen) // 2] += ","
    return " ".join(chosen) + "."


@cache
def _phrases() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "phrases.txt").read_text()
    sections = re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return {language: body.strip().splitlines() for language, body in sections}
