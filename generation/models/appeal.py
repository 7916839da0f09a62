"""The Appeal model: a partner's objection to what a reviewer decided about a video."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from provenance.common.ids import new_id


def new_appeal_id() -> str:
    """A new appeal id."""
    return new_id("apl")


class AppealOutcome(models.TextChoices):
    """What another reviewer found."""

    UPHELD = "upheld", _("the decision was wrong")
    DISMISSED = "dismissed", _("the decision stands")


class Appeal(models.Model):
    """One objection; a decision has at most one. `outcome` is empty until it is decided."""

    id = models.CharField(primary_key=True, max_length=40, default=new_appeal_id, editable=False)
    rendition = models.OneToOneField("generation.Rendition", on_delete=models.PROTECT, related_name="appeal")
    filed_by = models.CharField(max_length=60)
    filed_at = models.DateTimeField(default=timezone.now)
    text = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(max_length=12, blank=True, choices=AppealOutcome.choices)
    decided_by = models.CharField(max_length=60, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("filed_at", "id")
        indexes = (models.Index(fields=("outcome", "filed_at"), name="appeal_waiting"),)

    def __str__(self) -> str:
        return self.id
