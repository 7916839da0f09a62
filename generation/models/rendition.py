"""The Rendition model: one finished, sealed video."""

from __future__ import annotations

from typing import Any

from django.db import models

from generation.models.erasable import Erasable
from generation.quality import QualityWarning, quality_warning
from generation.states import JobState
from provenance.common.ids import new_id


def new_rendition_id() -> str:
    """A new rendition id."""
    return new_id("rnd")


class Rendition(Erasable):
    """A sealed video: watermarked, signed, checked and in the log. A job has at most one.

    Whether it may be downloaded is the job's state, `released`, as long as the file was not erased.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_rendition_id, editable=False)
    job = models.OneToOneField("generation.Job", on_delete=models.PROTECT, related_name="rendition")
    file_key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    duration_s = models.FloatField()
    frames = models.PositiveIntegerField()
    fps = models.FloatField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    pixel_report: models.JSONField[Any, Any] = models.JSONField(
        null=True,
        blank=True,
        help_text="What a sample of its frames shows; empty for renditions from before there were reports.",
    )
    sealed_at = models.DateTimeField(auto_now_add=True)
    released_at = models.DateTimeField(null=True, blank=True)
    first_approved_by = models.CharField(
        max_length=60, blank=True, help_text="Whose approval waits for a second one, or came before it."
    )
    decided_by = models.CharField(
        max_length=60, blank=True, help_text='Who released or rejected it; "system" by policy.'
    )
    note = models.CharField(max_length=500, blank=True, help_text="The reviewer's words to the partner.")

    class Meta:
        ordering = ("-sealed_at", "id")
        indexes = (models.Index(fields=("sealed_at",), name="generation_sealed_at"),)

    def __str__(self) -> str:
        return self.id

    @property
    def is_released(self) -> bool:
        """It may be downloaded."""
        return self.job.state == JobState.RELEASED and not self.is_erased

    @property
    def quality_warning(self) -> QualityWarning | None:
        """What its pixel report found, in words; None where it found nothing."""
        return quality_warning(self.pixel_report)
