"""The Verification model: a file that was sent to be verified and whose verdict is fetched later."""

from __future__ import annotations

from typing import ClassVar, TypedDict

from django.db import models
from django.db.models import Q

from provenance.common.ids import new_id
from provenance.verify.verdict.messages import StoredMessages
from provenance.verify.verdict.verdict_json import VerdictJson


class ProblemJson(TypedDict):
    """Why there is no verdict."""

    code: str
    title: str
    hint: str


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
    answer comes, as the file does. `verdict` is a
    `VerdictJson`; `words` are the messages that its sentences were rendered from, to render them in another
    language.
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
    verdict: models.JSONField[VerdictJson | None, VerdictJson | None] = models.JSONField(null=True)
    words: models.JSONField[StoredMessages, StoredMessages] = models.JSONField(default=dict)
    problem: models.JSONField[ProblemJson | None, ProblemJson | None] = models.JSONField(
        null=True, help_text="Code, title and hint."
    )

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
