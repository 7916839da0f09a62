"""Deletes what was kept to count and compare, once it can do neither any more."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from accounts.models import ContactLink, OneTimeCode, RefusedRequest

KEPT_FOR = timedelta(days=1)  # codes and links are counted by the hour
REFUSALS_KEPT_FOR = timedelta(days=30)  # what operators are shown


def delete_expired() -> int:
    """Delete codes and links a day after their end, and refusals after thirty days; how many rows."""
    now = timezone.now()
    codes, _ = OneTimeCode.objects.filter(expires_at__lt=now - KEPT_FOR).delete()
    links, _ = ContactLink.objects.filter(expires_at__lt=now - KEPT_FOR).delete()
    refusals, _ = RefusedRequest.objects.filter(created_at__lt=now - REFUSALS_KEPT_FOR).delete()
    return codes + links + refusals
