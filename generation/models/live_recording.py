"""The LiveRecording model: the video in which a subject shows that they are the person in the portrait."""

from __future__ import annotations

from django.db import models

from generation.models.face_recording import FaceRecording
from provenance.common.ids import new_id


def new_recording_id() -> str:
    """A new id of a recording."""
    return new_id("liv")


class LiveRecording(FaceRecording):
    """One recording for one request for consent; `distance` is that of its face from the portrait's."""

    id = models.CharField(primary_key=True, max_length=40, default=new_recording_id, editable=False)
    consent = models.ForeignKey("accounts.ConsentGrant", on_delete=models.PROTECT, related_name="recordings")
    distance = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ("-stored_at", "-id")

    def __str__(self) -> str:
        return self.id

    @property
    def partner_id(self) -> str:
        """The partner that asked."""
        return str(self.consent.partner_id)
