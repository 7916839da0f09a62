"""The filter `date` of all templates, by settings: Django's own, with days as the language writes them."""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - the filter has its name

from django import template
from django.template.defaultfilters import date as djangos_date

from provenance.pages.days import pattern_for

register = template.Library()


@register.filter(name="date", expects_localtime=True, is_safe=False)
def date(value: Date | str | None, arg: str | None = None) -> str:
    """As Django's, but for the first of a month (`provenance.pages.days`)."""
    return str(djangos_date(value, pattern_for(value, arg or "DATE_FORMAT")))
