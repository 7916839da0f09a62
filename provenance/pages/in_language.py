"""Values in a verdict's sentences as they are written in the reader's language."""

from __future__ import annotations

import re
from datetime import date

from django.utils.formats import date_format, number_format

_NUMBER = re.compile(r"\d+\.\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def in_language(value: str) -> str:
    """A day like 2026-11-29 or a number like 3.5 as the active language writes it; all else as it is."""
    if _DAY.fullmatch(value):
        return date_format(date.fromisoformat(value))
    if _NUMBER.fullmatch(value):
        return number_format(value)
    return value
