"""Organisations that may be one and the same under two names, or one that passes for another."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Final
from urllib.parse import urlsplit

from django.db.models import QuerySet

from accounts.models import Partner, PartnerState

_LEGAL_FORMS: Final = frozenset(
    {"ag", "bv", "co", "corp", "gmbh", "inc", "kg", "limited", "llc", "ltd", "nv", "oy", "plc", "sa", "sarl"}
    | {"spa", "srl", "the", "ug"}
)
_WORD: Final = re.compile(r"[^\W_]+")


def plain_name(name: str) -> str:
    """A name without accents, case, punctuation, spaces and legal form: what is left of it to the eye."""
    bare = unicodedata.normalize("NFKD", name).casefold()
    words = _WORD.findall("".join(letter for letter in bare if not unicodedata.combining(letter)))
    return "".join([word for word in words if word not in _LEGAL_FORMS] or words)


def plain_host(website: str) -> str:
    """The host of an address, without www."""
    return (urlsplit(website).hostname or "").removeprefix("www.")


def duplicates_of(partner: Partner) -> list[Partner]:
    """Other organisations, unless they were refused, that read the same or have the same website."""
    name, host = plain_name(partner.name), plain_host(partner.website)
    return [
        other
        for other in _standing().iterator()
        if other.pk != partner.pk
        and (plain_name(other.name) == name or (host and plain_host(other.website) == host))
    ]


def doubtful_among(partners: list[Partner]) -> set[str]:
    """The ids of those that have a duplicate among all organisations."""
    seen: Counter[str] = Counter()
    for name, website in _standing().values_list("name", "website").iterator():
        seen.update(_keys(name, website))
    return {one.pk for one in partners if any(seen[key] > 1 for key in _keys(one.name, one.website))}


def _keys(name: str, website: str) -> list[str]:
    host = plain_host(website)
    return [f"name {plain_name(name)}", *([f"host {host}"] if host else [])]


def _standing() -> QuerySet[Partner]:
    return Partner.objects.exclude(state=PartnerState.REFUSED).order_by("applied_at", "id")
