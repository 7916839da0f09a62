"""One-time phrases: drawn for one recording, read out by the person, good for a quarter of an hour."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from generation.live_check.words import WORDS

Turn = Literal["left", "right"]  # of the person, who looks over that shoulder of theirs

WORDS_IN_PHRASE = 6  # of 24: one in a hundred million phrases
PHRASE_LASTS = timedelta(minutes=15)
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class Phrase:
    """What the person is asked to do: first turn the head, then read the words."""

    language: str
    words: tuple[str, ...]
    turn: Turn

    @property
    def text(self) -> str:
        """The words in one line."""
        return " ".join(self.words)


def new_phrase(language: str) -> Phrase:
    """A phrase that nobody could know before, in `language` where there are words for it, else in English."""
    known = language if language in WORDS else "en"
    words = _random.sample(sorted(WORDS[known]), WORDS_IN_PHRASE)
    return Phrase(known, tuple(words), _random.choice(("left", "right")))
