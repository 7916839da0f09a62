"""A template filter for sentences that refusals and rows hold in English."""

from __future__ import annotations

from django import template

from provenance.pages.in_language import sentence_in_language

register = template.Library()


@register.filter
def in_readers_language(sentence: object) -> str:
    """The sentence in the language of the page, as `sentence_in_language`; nothing for None."""
    return sentence_in_language(str(sentence)) if sentence else ""
