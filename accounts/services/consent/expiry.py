"""Marks consent grants that are past their date as expired."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import ConsentGrant, ConsentState


@transaction.atomic
def expire_due() -> int:
    """Mark grants that are past their date as expired; how many.

    No check depends on it: every check compares dates itself. It keeps lists and counts right.
    """
    return ConsentGrant.objects.due(timezone.now()).update(state=ConsentState.EXPIRED)
