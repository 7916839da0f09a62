"""Job states and the allowed transitions between them, as one table."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_noop as _


class JobState(models.TextChoices):
    """Where a job is in its life. docs/life-of-a-job.md tells the whole story.

    Labels are English; pages translate them.
    """

    QUEUED = "queued", _("Queued")
    ANIMATING = "animating", _("Animating")
    MARKING = "marking", _("Rendering and marking")
    SIGNING = "signing", _("Signing")
    VERIFYING = "verifying", _("Verifying")
    IN_REVIEW = "in_review", _("In review")
    RELEASED = "released", _("Released")
    REJECTED = "rejected", _("Rejected")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REVOKED = "revoked", _("Revoked")


_S = JobState

# Every running state may go back to `queued`: the reconciler does that when a worker's lease expires.
_STOPS = {_S.QUEUED, _S.FAILED, _S.CANCELLED}

TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    _S.QUEUED: frozenset({_S.ANIMATING, _S.FAILED, _S.CANCELLED}),
    _S.ANIMATING: frozenset({_S.MARKING, *_STOPS}),
    _S.MARKING: frozenset({_S.SIGNING, *_STOPS}),
    _S.SIGNING: frozenset({_S.VERIFYING, *_STOPS}),
    _S.VERIFYING: frozenset({_S.IN_REVIEW, *_STOPS}),
    _S.IN_REVIEW: frozenset({_S.RELEASED, _S.REJECTED, _S.REVOKED}),
    _S.RELEASED: frozenset({_S.REVOKED}),
    _S.REJECTED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REVOKED: frozenset(),
}

# A worker holds a lease on the job.
RUNNING = frozenset({_S.ANIMATING, _S.MARKING, _S.SIGNING, _S.VERIFYING})
# The job still costs, or is about to cost, computing time. These count against the partner's quota.
ACTIVE = RUNNING | {_S.QUEUED}
# A sealed video exists.
SEALED = frozenset({_S.IN_REVIEW, _S.RELEASED, _S.REJECTED, _S.REVOKED})
# Nobody works on the job any more. `released` can still become `revoked`.
TERMINAL = frozenset({_S.RELEASED, _S.REJECTED, _S.FAILED, _S.CANCELLED, _S.REVOKED})


class TransitionForbidden(ValueError):
    """The table has no such transition. A bug in the caller, never something a partner can cause."""

    def __init__(self, before: JobState, after: JobState) -> None:
        super().__init__(f"A job cannot go from {before} to {after}.")


def check_transition(before: JobState, after: JobState) -> None:
    """Raise TransitionForbidden unless the table allows `before` to become `after`."""
    if after not in TRANSITIONS[before]:
        raise TransitionForbidden(before, after)
