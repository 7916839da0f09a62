"""Periodic Celery tasks of accounts: expire consents, delete expired sessions."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from accounts.services.consent import expire_due


@shared_task
def expire_consents() -> int:
    """Mark consents that are past their date; how many. Running it again finds none."""
    return expire_due()


@shared_task
def delete_expired_sessions() -> None:
    """Delete expired sessions; nothing else does, and each visitor of a form leaves one."""
    call_command("clearsessions")
