"""The words of a phrase are heard where they were spoken, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from generation.animation.speech.visemes import PHONE_INDEX, PHONES
from generation.live_check.hearing import words_heard
from generation.live_check.phrases import new_phrase
from generation.live_check.words import WORDS


def posteriors(words: list[str], language: str, *, clarity: float = 0.7) -> np.ndarray:
    """What the net says of a voice that speaks words clearly, 80 ms a phone, with pauses between them."""
    spoken = ["SIL"] * 2
    for word in words:
        spoken += [*WORDS[language][word].split(), "SIL"]
    rows = np.full((len(spoken) * 8, len(PHONES)), (1 - clarity) / (len(PHONES) - 1), np.float32)
    for index, phone in enumerate(spoken):
        rows[index * 8 : index * 8 + 8, PHONE_INDEX[phone]] = clarity
    return rows


@pytest.mark.parametrize("language", sorted(WORDS))
def test_it_hears_what_was_asked_for_and_not_other_words(language):
    words = sorted(WORDS[language])
    asked, others = words[:6], words[12:18]

    assert all(words_heard(posteriors(asked, language), asked, language))
    assert sum(words_heard(posteriors(others, language), asked, language)) < 4


def test_the_order_of_the_words_matters():
    asked = ["river", "lemon", "garden", "seven", "butter", "music"]

    assert sum(words_heard(posteriors(asked[::-1], "en"), asked, "en")) < 4


def test_in_too_short_a_sound_there_is_no_word():
    assert not any(words_heard(posteriors([], "en"), ["river", "lemon"], "en"))


def test_every_language_has_words_of_known_phones():
    assert sorted(WORDS) == ["de", "en", "es", "fr", "it"]
    for language, words in WORDS.items():
        assert len(words) == len(set(words.values())) == 24, language
        assert all(phone in PHONE_INDEX for phones in words.values() for phone in phones.split())


def test_no_two_phrases_are_alike_and_an_unknown_language_is_english():
    phrases = {new_phrase("fi").text for _ in range(20)}

    assert len(phrases) == 20
    assert new_phrase("fi").language == "en"
