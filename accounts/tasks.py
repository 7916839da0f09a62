"""Periodic work of the accounts app."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from accounts.services.consent import expire_due


@shared_task
def expire_consents() -> int:
    """Mark consents that are past their date; how many. Running it again finds none."""
    return expire_due()


@shared_task
def forget_sessions() -> None:
    """Remove the sessions that ran out; nothing else does, and each visitor of a form leaves one."""
    call_command("clearsessions")
