"""Organisations that may be one and the same under two names, or one that passes for another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Partner, PartnerState
from accounts.models.plain_names import plain_host, plain_name

MOST_SHOWN: Final = 20


def duplicates_of(partner: Partner) -> list[Partner]:
    """Other organisations, unless they were refused, that read the same or have the same website.

    The oldest MOST_SHOWN of them.
    """
    name, host = plain_name(partner.name), plain_host(partner.website)
    same = Q(pk__in=())
    if name:
        same |= Q(name_key=name)
    if host:
        same |= Q(host_key=host)
    found = _standing().filter(same).exclude(pk=partner.pk)
    return list(found.order_by("applied_at", "id")[:MOST_SHOWN])


def doubtful_among(partners: Sequence[Partner]) -> set[str]:
    """The ids of those that have a duplicate among all organisations."""
    others = _standing().exclude(pk=OuterRef("pk"))
    same = [
        Exists(others.filter(**{key: OuterRef(key)}).exclude(**{key: ""})) for key in ("name_key", "host_key")
    ]
    # Two questions joined by OR, each of which has an index of its own.
    found = Partner.objects.filter(same[0] | same[1], pk__in=[partner.pk for partner in partners])
    return set(found.order_by().values_list("pk", flat=True))


def _standing() -> QuerySet[Partner]:
    return Partner.objects.exclude(state=PartnerState.REFUSED).order_by()
