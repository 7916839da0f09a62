"""The MisuseReport model: what somebody reports about a video, for reviewers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from provenance.common.ids import new_id


def new_report_id() -> str:
    """A new report id."""
    return new_id("msr")


def takedown_time() -> timedelta:
    """How long reviewers have, as the operator set it."""
    return timedelta(hours=settings.LIKENESS_TAKEDOWN_HOURS)


class MisuseKind(models.TextChoices):
    """What is wrong with the video, in the reporter's view."""

    MY_LIKENESS = "my_likeness", _("It shows me, and I did not agree to it")
    DECEPTION = "deception", _("It is used to deceive or to harm somebody")
    WRONG_ANSWER = "wrong_answer", _("The answer of this page is wrong")
    OTHER = "other", _("Something else")


class MisuseReport(models.Model):
    """One report. The file is not part of it: it was deleted when its verdict was there.

    `contact` is personal data of the reporter, given by choice; it is emptied when the report is closed.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_report_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=20, choices=MisuseKind.choices)
    text = models.TextField(max_length=4000)
    contact = models.EmailField(blank=True)
    rendition_id = models.CharField(max_length=80, blank=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=30, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    note = models.TextField(max_length=2000, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        indexes: ClassVar = [
            models.Index(fields=["closed_at", "created_at"], name="misuse_open"),
            models.Index(fields=["created_at", "id"], condition=Q(closed_at=None), name="misuse_waiting"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def due_at(self) -> datetime:
        """Until when a reviewer has to have answered it."""
        return self.created_at + takedown_time()

    @property
    def is_overdue(self) -> bool:
        """Whether it is open, and nobody answered in time."""
        return self.closed_at is None and self.due_at < timezone.now()
