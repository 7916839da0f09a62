"""The FaceMatch model: a portrait that is said to show nobody, and somebody whose face is like it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from provenance.common.ids import new_id


def new_match_id() -> str:
    """A new id of a match."""
    return new_id("mat")


class MatchDecision(models.TextChoices):
    """What a reviewer found."""

    DIFFERENT = "different", "not the same face"
    SAME = "same", "the same face"


class FaceMatch(models.Model):
    """`portrait`, of an attested basis, is like a registered face or like the portrait of a living subject.

    Until a reviewer has found that it is another face, nothing is granted for the portrait or made of it.
    Exactly one of `registration` and `other` is set.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_match_id, editable=False)
    portrait = models.ForeignKey("generation.Portrait", on_delete=models.CASCADE, related_name="face_matches")
    registration = models.ForeignKey(
        "generation.FaceRegistration", on_delete=models.CASCADE, null=True, related_name="matches"
    )
    other = models.ForeignKey("generation.Portrait", on_delete=models.CASCADE, null=True, related_name="+")
    distance = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)
    decision = models.CharField(max_length=12, blank=True, choices=MatchDecision.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("created_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(registration=None, other__isnull=False)
                | models.Q(registration__isnull=False, other=None),
                name="generation_face_match_of_one",
            ),
            models.UniqueConstraint(
                fields=("portrait", "registration"), name="generation_face_match_registration_once"
            ),
            models.UniqueConstraint(fields=("portrait", "other"), name="generation_face_match_other_once"),
        )

    def __str__(self) -> str:
        return self.id
