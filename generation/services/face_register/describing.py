"""Has the faces of portraits described after their upload, by a worker, and compares them then."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from generation import storage
from generation.live_check.examine import describe_portrait_file
from generation.models import Portrait
from generation.services.face_register.comparing import compare
from generation.services.face_register.sealed_faces import seal_descriptor
from provenance.sandbox.isolation import IsolatedFailure
from provenance.sandbox.requirement import ReaderLate

logger = logging.getLogger(__name__)


def describe(portrait_id: str) -> bool:
    """Describe the face of a portrait once, and compare it; whether that was done now.

    What cannot be described stays undescribed: no attestation of it is confirmed. Raises `SandboxIncomplete`.
    """
    row = Portrait.objects.filter(pk=portrait_id, described_at=None, erasure_began_at=None).first()
    if row is None:
        return False
    try:
        with storage.local_path(row.image_key) as path:
            values = describe_portrait_file(path)
        sealed = seal_descriptor(values) if values else ""
    except (IsolatedFailure, ReaderLate, ValueError, FileNotFoundError, storage.StoredFileDamaged):
        logger.exception("The face of %s could not be described", row.pk)
        return False
    with transaction.atomic():
        described = Portrait.objects.filter(pk=row.pk, described_at=None, erasure_began_at=None).update(
            described_at=timezone.now(), sealed_descriptor=sealed
        )
        if described:
            row.refresh_from_db()
            compare(row)
    return bool(described)


def undescribed() -> list[str]:
    """Portraits that nobody has described, the newest first: somebody may be waiting for them."""
    waiting = Portrait.objects.filter(described_at=None, erasure_began_at=None)
    return list(waiting.order_by("-stored_at").values_list("pk", flat=True))
