"""Days as each language writes them: in French and Italian the first of a month is an ordinal, "1er juin"."""

from __future__ import annotations

import re
from datetime import date

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

_FIRST = {"fr": "1er", "it": "1º"}
_DAY_OF_MONTH = re.compile(r"(?<!\\)j")


def written_day(day: date, name: str = "DATE_FORMAT") -> str:
    """A day or moment in the active language; `name` is that of a format, or a pattern of `date_format`."""
    return date_format(day, pattern_for(day, name))


def pattern_for(day: object, name: str) -> str:
    """The pattern of the active language for this day, with an ordinal in place of a first day's number."""
    pattern = str(get_format(name))
    first = _FIRST.get((get_language() or "").partition("-")[0])
    if first is None or getattr(day, "day", 0) != 1:
        return pattern
    return _DAY_OF_MONTH.sub(lambda _: "".join(f"\\{character}" for character in first), pattern)
