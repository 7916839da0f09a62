"""Writing down what the clock has decided already."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import ConsentGrant, ConsentState


@transaction.atomic
def expire_due() -> int:
    """Mark grants that are past their date as expired; how many.

    No check depends on it: every gate goes by the clock. It keeps lists and counts honest.
    """
    return ConsentGrant.objects.due(timezone.now()).update(state=ConsentState.EXPIRED)
