"""Writes down that consent grants are past their date, and tells their partners."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import ConsentGrant, ConsentState
from accounts.services.webhooks.recording import tell_of_consent


def expire(grants: QuerySet[ConsentGrant]) -> int:
    """Mark these grants as expired; how many. Must run inside a transaction."""
    expired = list(grants.select_for_update().order_by("pk"))  # as whoever else locks several
    ConsentGrant.objects.filter(pk__in=[grant.pk for grant in expired]).update(state=ConsentState.EXPIRED)
    for grant in expired:
        grant.state = ConsentState.EXPIRED
        tell_of_consent(grant)
    return len(expired)
