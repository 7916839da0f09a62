"""What Celery runs on the provenance side: periodic work, and files that are verified later."""

from __future__ import annotations

from celery import shared_task

from provenance.keys.key_service import note_answer
from provenance.keys.service_keys import log_verify_key
from provenance.services import published_checkpoint
from provenance.services.verify_later import sweep_verifications as sweep
from provenance.services.verify_later import verify_stored


@shared_task
def publish_checkpoint() -> None:
    """Keep the newest checkpoint outside the database. Fails loudly when the log contradicts the last one."""
    published_checkpoint.publish(log_verify_key())


@shared_task
def ask_key_service() -> None:
    """Keep for health checks whether the key service holds the key of the signing certificate."""
    note_answer()


@shared_task
def verify_upload(verification_id: str) -> None:
    """Read a file whose sender fetches the verdict later. Running it twice is the same as running it once."""
    verify_stored(verification_id)


@shared_task
def sweep_verifications() -> None:
    """See to it that no file waits for ever and no answer is kept for long."""
    sweep()
