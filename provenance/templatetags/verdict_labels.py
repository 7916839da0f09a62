"""Template filters that label the verdict's stable codes."""

from __future__ import annotations

from django import template

from provenance.pages.verdict_labels import FINDINGS, RELATIONSHIPS

register = template.Library()


@register.filter
def relationship(word: str) -> str:
    """How an ingredient is used, in words; the word itself if it is one that we do not know."""
    return str(RELATIONSHIPS.get(word, word))


@register.filter
def finding(code: str) -> str:
    """What a finding's code says, in words; the code itself if it is one that we do not know."""
    return str(FINDINGS.get(code, code))
