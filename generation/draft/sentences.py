"""What the portrait says in a draft, and the words over its frames, in the five languages of the pages."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple


class DraftWords(NamedTuple):
    """The sentence that is spoken, and the label; the encoder's letters for that are ASCII."""

    sentence: str
    label: str


FALLBACK: Final = "en"
WORDS: Final = {
    "en": DraftWords("Good morning, and welcome.", "DRAFT - NOT FOR USE"),
    "de": DraftWords("Guten Morgen und willkommen.", "ENTWURF - NICHT VERWENDEN"),
    "fr": DraftWords("Bonjour, et bienvenue.", "BROUILLON - NE PAS UTILISER"),
    "es": DraftWords("Buenos días, les damos la bienvenida.", "BORRADOR - NO UTILIZAR"),
    "it": DraftWords("Buongiorno, e un caloroso benvenuto.", "BOZZA - NON UTILIZZARE"),
}


def draft_language(language: str) -> str:
    """The language of a draft for a page in `language` (`de`, `de-AT`): English where there are no words."""
    known = language.partition("-")[0]
    return known if known in WORDS else FALLBACK


def speech_file(language: str) -> Path:
    """The WAV file of the sentence in a language of `WORDS`."""
    return Path(__file__).parent / "speech" / f"{language}.wav"
