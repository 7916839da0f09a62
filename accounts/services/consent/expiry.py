"""Marks consent grants that are past their date as expired."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import ConsentGrant
from accounts.services.expire_grants import expire


@transaction.atomic
def expire_due() -> int:
    """Mark grants that are past their date as expired; how many.

    No check depends on it: every check compares dates itself. It keeps lists and counts right.
    """
    return expire(ConsentGrant.objects.due(timezone.now()))
