"""The Verification model: a file that was sent to be verified and whose verdict is fetched later."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from provenance.common.ids import new_id


def new_verification_id() -> str:
    """A new verification id: whoever has it may read the verdict."""
    return new_id("vrf")


class VerificationState(models.TextChoices):
    """`waiting` until there is a verdict or a refusal."""

    WAITING = "waiting", "Waiting"
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class Verification(models.Model):
    """One verification. The file lies in storage under `file_key` until it is read, and no longer.

    `sender` is a keyed digest of the address it came from, to count what waits for each; it goes when the
    answer comes, as the file does. `words`: how the verdict's sentences were put together, for translation.
    """

    id = models.CharField(primary_key=True, max_length=40, default=new_verification_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(
        max_length=10, choices=VerificationState.choices, default=VerificationState.WAITING
    )
    file_key = models.CharField(max_length=120, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    sender = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True, help_text="When a worker was last told to read it.")
    answered_at = models.DateTimeField(null=True)
    verdict: models.JSONField[Any, Any] = models.JSONField(null=True)
    words: models.JSONField[Any, Any] = models.JSONField(default=dict)
    problem: models.JSONField[Any, Any] = models.JSONField(null=True, help_text="Code, title and hint.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "created_at"], name="verification_state")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="verification_has_its_answer",
                condition=Q(state="waiting", verdict=None, problem=None)
                | Q(state="done", verdict__isnull=False, file_key="")
                | Q(state="refused", problem__isnull=False, file_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.id
