"""Events to react to: one for each change of a job's state, sent after the commit.

Receivers (pages, mail) connect to `job_state_changed`. They run in the process that made the
change, so slow work belongs in a task. An error in a receiver is logged and affects neither the change nor
the other receivers. An event is sent at most once: a process that dies between commit and sending sends none,
so a receiver that must not miss one has to compare with the rows. Webhooks, which must not, are
written in the transaction itself (`accounts.services.webhooks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.dispatch import Signal

from generation.failures import JobReason
from generation.states import JobState


@dataclass(frozen=True)
class JobStateChanged:
    """A job went from one state to another, at `at` (aware).

    `before` is None for a new job. `reason` says why a job ended or was taken back, where there is a reason.
    """

    job_id: str
    before: JobState | None
    after: JobState
    reason: JobReason | None
    at: datetime


job_state_changed = Signal()  # event: JobStateChanged; the sender is the class


def send_on_commit(event: JobStateChanged) -> None:
    """Send the event once the present transaction is committed; never if it is rolled back."""
    transaction.on_commit(lambda: job_state_changed.send_robust(JobStateChanged, event=event))
