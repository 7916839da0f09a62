"""The Subject model: the person, or the made-up face or painting, that a portrait shows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from accounts import ids
from accounts.models.partner import Partner

ERASED_NAME = gettext_noop("Erased person")  # as stored; whoever shows it translates it


class SubjectQuerySet(models.QuerySet["Subject"]):
    """Questions about the table of subjects."""

    def for_partner(self, partner: Partner) -> SubjectQuerySet:
        """The subjects one partner has named, without those that were erased."""
        return self.filter(partner=partner, erased_at=None)


class Subject(models.Model):
    """Whose likeness it is, as one partner named them. Two partners never share a row.

    Of an erased subject (`erased_at`) the row is left without a name or address: jobs and consents refer to
    it.
    """

    id = models.CharField(primary_key=True, max_length=32, default=ids.subject_id, editable=False)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="subjects")
    display_name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=16, blank=True)
    language = models.CharField(
        max_length=10, default="en", help_text="Messages are in it where they are translated."
    )
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(
                fields=["partner", "created_at", "id", "erased_at"],  # the last lets it be counted alone
                condition=models.Q(erased_at=None),
                name="subject_list",
            )
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def shown_name(self) -> str:
        """The name for a page, in the language of who reads it."""
        return gettext(ERASED_NAME) if self.erased_at else self.display_name
