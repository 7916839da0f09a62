"""Periodic work of the provenance side."""

from __future__ import annotations

from celery import shared_task

from provenance import published_checkpoint
from provenance.services.log import verify_key


@shared_task
def publish_checkpoint() -> None:
    """Keep the newest checkpoint outside the database. Fails loudly when the log contradicts the last one."""
    published_checkpoint.publish(verify_key())
