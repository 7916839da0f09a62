"""The Record model: one sealed rendition, found by its watermark, manifest or file hash."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from django.db import models
from django.db.models import Q

from provenance.fingerprints.record_fingerprints import salted_digest


class RecordState(models.TextChoices):
    """What the service says about a video that it made."""

    SEALED = "sealed", "Sealed, never released"
    RELEASED = "released", "Released"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Record(models.Model):
    """One rendition that was watermarked, signed and logged. It is kept for ever, whatever became of the
    video.

    It holds ids, digests, times and the manifest; nothing that tells who is portrayed. What was sealed stands
    in the log entry at `log_index` too, so a changed row does not pass as the truth.
    """

    rendition_id = models.CharField(primary_key=True, max_length=80)
    watermark_id = models.CharField(max_length=12, unique=True)
    watermark_year = models.PositiveSmallIntegerField(
        help_text="Which year's key the frames are marked with."
    )
    watermark_version = models.PositiveSmallIntegerField(
        default=1, help_text="Which version of the payload carries the watermark id."
    )
    content_prints = models.BinaryField(help_text="What its frames show, to tell a mark that was moved.")
    fingerprints = models.BinaryField(
        default=bytes, blank=True, help_text="What it sounds like; empty in records sealed before 0.3.0."
    )
    fingerprints_salt = models.BinaryField(default=bytes, blank=True)
    visible_label = models.CharField(
        max_length=120,
        blank=True,
        help_text="Code of the label in its frames; empty for none, and in records sealed before 0.6.0.",
    )
    state = models.CharField(max_length=10, choices=RecordState.choices, default=RecordState.SEALED)
    file_sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.PositiveBigIntegerField()
    duration_s = models.FloatField()
    manifest = models.BinaryField()
    manifest_label = models.CharField(max_length=200, db_index=True)
    partner_id = models.CharField(max_length=80, db_index=True)
    consent_receipt_digest = models.CharField(max_length=80)
    log_index = models.BigIntegerField(unique=True)
    sealed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="record_times_fit_its_state",
                condition=Q(state=RecordState.SEALED, released_at=None, withdrawn_at=None)
                | Q(state=RecordState.RELEASED, released_at__isnull=False, withdrawn_at=None)
                | (Q(state=RecordState.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "sealed_at"], name="record_state")]

    def __str__(self) -> str:
        return f"{self.rendition_id} ({self.state})"


def sealing_data(record: Record) -> dict[str, str | int]:
    """What the log entry of a record's sealing says: ids and digests."""
    data: dict[str, str | int] = {
        "rendition_id": record.rendition_id,
        "watermark_id": record.watermark_id,
        "watermark_year": record.watermark_year,
        "content_prints_digest": hashlib.sha256(bytes(record.content_prints)).hexdigest(),
        "file_digest": record.file_sha256,
        "manifest_digest": hashlib.sha256(bytes(record.manifest)).hexdigest(),
        "consent_receipt_digest": record.consent_receipt_digest,
        "partner_id": record.partner_id,
    }
    if record.watermark_version != 1:  # entries from before there were others do not say it
        data["watermark_version"] = record.watermark_version
    if record.fingerprints:
        digest = salted_digest(bytes(record.fingerprints), bytes(record.fingerprints_salt))
        data["fingerprints_digest"] = digest
    if record.visible_label:
        data["visible_label"] = record.visible_label
    return data
