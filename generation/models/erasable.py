"""What portraits, driving audio and renditions share: when their file was stored, and whether it is gone."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ErasureReason(models.TextChoices):
    """Why a file was erased."""

    RETENTION = "retention", "its time was over"
    PARTNER_REQUEST = "partner_request", "the organisation deleted it"
    SUBJECT_REQUEST = "subject_request", "the person in it had it erased"


class Erasable(models.Model):
    """A row with a file that can be erased; the row stays, as a tombstone with digests.

    From `erasure_began_at` on nobody is given the file. `erased_at` says that it is gone from the storage,
    with all its versions; until then the erasure is tried again.
    """

    stored_at = models.DateTimeField(default=timezone.now, editable=False)
    erasure_began_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    erasure_reason = models.CharField(
        max_length=20, blank=True, choices=ErasureReason.choices, editable=False
    )
    erasure_actor = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_erased(self) -> bool:
        """Nobody is given the file any more."""
        return self.erasure_began_at is not None
