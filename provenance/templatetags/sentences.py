"""Template filters for sentences: those that refusals and rows hold in English, and moments within some."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from provenance.pages.in_language import sentence_in_language

register = template.Library()


@register.filter
def in_readers_language(sentence: object) -> str:
    """The sentence in the language of the page, as `sentence_in_language`; nothing for None."""
    return sentence_in_language(str(sentence)) if sentence else ""


@register.filter
def as_day(moment: datetime | None) -> str:
    """The day of a moment as an element in the midst of a sentence; nothing for None."""
    return _moment(moment, day_only=True)


@register.filter
def as_moment(moment: datetime | None) -> str:
    """A moment as an element in the midst of a sentence; nothing for None."""
    return _moment(moment, day_only=False)


@register.filter
def as_time(moment: datetime | None) -> str:
    """The time of day of a moment, UTC, as an element in the midst of a sentence; nothing for None."""
    if moment is None:
        return ""
    shown = date_format(moment.astimezone(UTC), "H:i")
    return format_html('<time datetime="{}">{} UTC</time>', moment.isoformat(), shown)


def _moment(moment: datetime | None, *, day_only: bool) -> str:
    if moment is None:
        return ""
    # The sentence goes on behind it.
    context = {"moment": moment, "day_only": day_only}
    return mark_safe(render_to_string("components/moment.html", context).strip())  # noqa: S308 - a template's
