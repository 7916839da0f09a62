"""The Portrait model: the normalised still picture that a video is made from."""

from __future__ import annotations

from typing import Any

from django.db import models

from generation.models.erasable import Erasable
from provenance.common.ids import new_id


def new_portrait_id() -> str:
    """A new portrait id."""
    return new_id("por")


class Portrait(Erasable):
    """A normalised portrait of one subject, uploaded by one partner.

    What is stored is the picture as the renderer sees it: upright, sRGB, 8 bits, PNG, without metadata; and
    the neutral still that was rendered from it when it was taken in. The uploaded bytes are not kept.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_portrait_id, editable=False)
    partner = models.ForeignKey("accounts.Partner", on_delete=models.PROTECT, related_name="portraits")
    subject = models.ForeignKey("accounts.Subject", on_delete=models.PROTECT, related_name="portraits")
    image_key = models.CharField(max_length=200)
    still_key = models.CharField(
        max_length=200, blank=True, help_text="Empty for portraits from before there were stills."
    )
    sha256 = models.CharField(max_length=64, help_text="Of the stored PNG.")
    head_square: models.JSONField[Any, Any] = models.JSONField(
        null=True,
        blank=True,
        help_text="Left, top and side of the square around head and shoulders, in pixels of the PNG. Null "
        "for portraits from before it was kept.",
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    warnings: models.JSONField[Any, Any] = models.JSONField(
        default=list, blank=True, help_text="Codes, sentences and places of what could be better."
    )
    credentials: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="What the upload's own C2PA credentials said, empty without any."
    )
    generated_by = models.CharField(
        max_length=60, blank=True, help_text="The image generator whose mark the upload carried."
    )
    described_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When a worker described the face."
    )
    sealed_descriptor = models.TextField(
        blank=True, editable=False, help_text="Of the face, encrypted. Empty where there is none."
    )
    sample = models.CharField(
        max_length=20, blank=True, editable=False, help_text="Name of the sample that it is, if it is one."
    )
    uploaded_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (
            models.Index(
                fields=(
                    "partner",
                    "created_at",
                    "id",
                    "erasure_began_at",
                ),  # the last lets it be counted alone
                condition=models.Q(erasure_began_at=None),
                name="generation_portrait_list",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("partner", "subject", "sha256"), name="generation_portrait_once_per_subject"
            ),
        )

    def __str__(self) -> str:
        return self.id
