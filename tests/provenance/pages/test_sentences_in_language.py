"""Sentences that refusals and rows hold in English are shown in the language of the page."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils.translation import override

from provenance.common.errors import CodedError
from provenance.common.readable_text import UnreadableText
from provenance.pages.in_language import refusal_in_language, sentence_in_language


def test_a_sentence_is_looked_up_whole() -> None:
    with override("de"):
        said = sentence_in_language(UnreadableText.message)
    assert said != UnreadableText.message
    assert sentence_in_language(UnreadableText.message) == UnreadableText.message


def test_values_stay_in_a_sentence_that_was_made_from_a_template() -> None:
    with override("es"):
        assert sentence_in_language("The character U+202E cannot be seen.") == "El carácter U+202E no se ve."


def test_numbers_in_it_are_written_as_the_language_does() -> None:
    with override("de"):
        said = sentence_in_language("From 3.25 s to 4.5 s our sound was silenced.")
    assert "3,25" in said
    assert "4,5" in said
    assert "silenced" not in said


def test_sentences_after_each_other_are_looked_up_one_by_one() -> None:
    first, second = "The character U+202E cannot be seen.", UnreadableText.hint
    with override("it"):
        each = [sentence_in_language(first), sentence_in_language(second)]
        assert sentence_in_language(f"{first} {second}") == " ".join(each)
        assert sentence_in_language(f"{first} Nobody knows this.") == f"{each[0]} Nobody knows this."


def test_a_label_that_was_written_as_a_sentence_is_found() -> None:
    with override("fr"):
        assert sentence_in_language("Rejected.") == f"{sentence_in_language('Rejected')}."
        assert sentence_in_language("Rejected") != "Rejected"


def test_what_people_wrote_stays_as_it_is() -> None:
    written = "He said it. " * 20
    with override("fr"):
        assert sentence_in_language(written) == written
        assert sentence_in_language("") == ""
        assert sentence_in_language("{name} of %(number)s") == "{name} of %(number)s"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it"])
def test_a_form_says_sentence_and_hint(language: str) -> None:
    error = CodedError("The character U+202E cannot be seen.", hint=UnreadableText.hint)
    with override(language):
        sentences = [sentence_in_language(error.message), sentence_in_language(error.hint)]
        assert refusal_in_language(error) == " ".join(sentences)


def test_the_filter_escapes_what_it_shows() -> None:
    page = Template("{% load sentences %}{{ said|in_readers_language }}")
    with override("de"):
        assert "<b>" not in page.render(Context({"said": "The character <b> cannot be seen."}))
        assert page.render(Context({"said": None})) == ""
