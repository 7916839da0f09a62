"""Celery tasks of provenance: publish and witness checkpoints, probe the key service, verify queued files."""

from __future__ import annotations

from celery import shared_task

from provenance.keys.key_service import probe_key_service
from provenance.keys.service_keys import log_verify_key
from provenance.services import published_checkpoint, witnesses
from provenance.services.verify_later import sweep_verifications as sweep
from provenance.services.verify_later import verify_stored


@shared_task
def publish_checkpoint() -> None:
    """Keep the newest checkpoint outside the database. Fails loudly when the log contradicts the last one."""
    published_checkpoint.publish(log_verify_key())


@shared_task
def ask_witnesses() -> None:
    """Have the log's witnesses sign its newest checkpoint. Running it again asks those that did not."""
    witnesses.ask_witnesses()


@shared_task
def probe_signing_key() -> None:
    """Probe the key service, and cache for health checks whether it holds the signing certificate's key."""
    probe_key_service()


@shared_task
def verify_upload(verification_id: str) -> None:
    """Read a file whose sender fetches the verdict later. Running it twice is the same as running it once."""
    verify_stored(verification_id)


@shared_task
def sweep_verifications() -> None:
    """Send lost verifications again, refuse those that waited too long, and delete old answers."""
    sweep()
