"""The ResumableUpload model: a file that arrives in pieces, until a call uses it."""

from __future__ import annotations

from typing import Any

from django.db import models

from provenance.common.ids import new_id


def new_upload_id() -> str:
    """A new upload id."""
    return new_id("upl")


class ResumableUpload(models.Model):
    """A file of `length` bytes, of which the first `offset` are here, in the stored files `parts`.

    It goes when a call has used it, and after a day without a piece.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_upload_id, editable=False)
    partner = models.ForeignKey("accounts.Partner", on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=200, blank=True)
    content_type = models.CharField(max_length=100, blank=True)
    length = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    parts: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, help_text="Keys of the stored pieces, in their order."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.id

    @property
    def is_complete(self) -> bool:
        """Whether all of it is here."""
        return self.offset == self.length
