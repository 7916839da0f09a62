"""The RenderSegment model: a part of a long video while its attempt is at work, made by whoever takes it."""

from __future__ import annotations

from django.db import models


class RenderSegment(models.Model):
    """One segment of the video of one attempt. The rows go with the attempt, as do the files they name.

    `seal` is the service's keyed digest of what was made and by which plan: a file that somebody else put
    into the storage, or a row that names another one, is not joined.
    """

    job = models.ForeignKey("generation.Job", on_delete=models.CASCADE, related_name="segments")
    attempt = models.CharField(max_length=40, help_text="Lease of the attempt that joins the segments.")
    number = models.PositiveIntegerField()
    watermark_year = models.PositiveIntegerField(help_text="Of the key that marks it.")
    plan_key = models.CharField(max_length=120, help_text="Storage key of the plan.")
    claimed_by = models.CharField(max_length=40, blank=True, help_text="Token of the worker at work on it.")
    claim_expires_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    frames_done = models.PositiveIntegerField(default=0)
    made_key = models.CharField(max_length=120, blank=True, help_text="Storage key of what was made.")
    seal = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("attempt", "number")
        constraints = (
            models.UniqueConstraint(fields=("attempt", "number"), name="generation_segment_once"),
            models.CheckConstraint(
                condition=models.Q(made_key="") | ~models.Q(seal=""), name="generation_segment_sealed"
            ),
        )

    def __str__(self) -> str:
        return f"{self.attempt} {self.number}"
