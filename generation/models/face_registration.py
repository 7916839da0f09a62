"""The FaceRegistration model: somebody's wish that their face is not taken for that of nobody."""

from __future__ import annotations

from django.db import models

from generation.models.face_recording import FaceRecording
from provenance.common.ids import new_id


def new_registration_id() -> str:
    """A new id of a registration."""
    return new_id("reg")


class FaceRegistration(FaceRecording):
    """One recording by the holder of a contact, and what is kept of it once it passed: the face.

    The recording (`file_key`, under `sealed_key`) is erased as soon as the machine has looked at it. If it
    had no warning the face is registered (`registered_at`): `sealed_descriptor` and `sealed_picture` are
    encrypted under the site's secret key, and are emptied when the registration is withdrawn.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_registration_id, editable=False)
    contact = models.ForeignKey(
        "accounts.Contact", on_delete=models.PROTECT, related_name="face_registrations"
    )
    registered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    sealed_descriptor = models.TextField(blank=True, editable=False)
    sealed_picture = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ("-stored_at", "-id")

    def __str__(self) -> str:
        return self.id

    @property
    def is_in_force(self) -> bool:
        """Whether portraits are compared with it."""
        return self.registered_at is not None and self.withdrawn_at is None
