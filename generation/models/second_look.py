"""The SecondLook model: a released video that was drawn by lot for another reviewer's opinion."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from provenance.common.ids import new_id


def new_second_look_id() -> str:
    """A new id of a second look."""
    return new_id("slk")


class SecondLook(models.Model):
    """One drawn video. `agrees` is None until another reviewer than the first has looked."""

    id = models.CharField(primary_key=True, max_length=40, default=new_second_look_id, editable=False)
    rendition = models.OneToOneField(
        "generation.Rendition", on_delete=models.PROTECT, related_name="second_look"
    )
    first_reviewer = models.CharField(max_length=60)
    drawn_by = models.CharField(max_length=60)
    drawn_at = models.DateTimeField(default=timezone.now)
    agrees = models.BooleanField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("drawn_at", "id")
        indexes = (models.Index(fields=("agrees", "drawn_at"), name="second_look_waiting"),)

    def __str__(self) -> str:
        return self.id
