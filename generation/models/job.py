"""The Job model: one request for one video, its state, lease and deadline.

The row is authoritative; messages in the broker are hints only.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q

from generation.models.driving_audio import Voice
from generation.states import ACTIVE, RUNNING, TERMINAL, JobState
from provenance.common.ids import new_id

MAX_RENDERER_NAME = 40


def new_job_id() -> str:
    """A new job id."""
    return new_id("job")


class StateWrittenDirectly(TypeError):
    """A job's state was written past `generation.services.advance`. A bug in the caller."""

    def __init__(self) -> None:
        super().__init__(
            "Job.state is written by generation.services.advance only, which checks the transition and sends "
            "its event."
        )


class JobQuerySet(models.QuerySet["Job"]):
    """Queries of jobs by what has to be done about them."""

    def update(self, **values: Any) -> int:
        """As Django's, for everything but the state. Raises StateWrittenDirectly."""
        if "state" in values:
            raise StateWrittenDirectly
        return super().update(**values)

    def bulk_update(self, objs: Iterable[Job], fields: Iterable[str], batch_size: int | None = None) -> int:
        """As Django's, for everything but the state. Raises StateWrittenDirectly."""
        names = list(fields)
        if "state" in names:
            raise StateWrittenDirectly
        return super().bulk_update(objs, names, batch_size)

    def write_state(self, **values: Any) -> int:
        """As `update`, the state included. For `generation.services.advance` alone."""
        return super().update(**values)

    def active(self) -> JobQuerySet:
        """Jobs that wait for a worker or have one."""
        return self.filter(state__in=ACTIVE)

    def lease_expired(self, now: datetime) -> JobQuerySet:
        """Running jobs whose lease has expired."""
        return self.filter(state__in=RUNNING, lease_expires_at__lt=now)

    def past_deadline(self, now: datetime) -> JobQuerySet:
        """Jobs that should have been finished by now."""
        return self.filter(state__in=ACTIVE, deadline_at__lt=now)


class Job(models.Model):
    """A job. Its state changes through generation.services.advance only; all other writers are refused."""

    id = models.CharField(primary_key=True, max_length=40, default=new_job_id, editable=False)
    partner = models.ForeignKey("accounts.Partner", on_delete=models.PROTECT, related_name="jobs")
    portrait = models.ForeignKey("generation.Portrait", on_delete=models.PROTECT, related_name="jobs")
    driving_audio = models.ForeignKey(
        "generation.DrivingAudio", on_delete=models.PROTECT, related_name="jobs"
    )
    consent = models.ForeignKey("accounts.ConsentGrant", on_delete=models.PROTECT, related_name="jobs")
    controls: models.JSONField[Any, Any] = models.JSONField(help_text="MotionControls, defaults included.")
    video: models.JSONField[Any, Any] = models.JSONField(
        default=dict,
        blank=True,
        help_text="VideoFormat, defaults included; empty for jobs from before it was part of them.",
    )
    voice = models.CharField(
        max_length=12,
        blank=True,
        choices=Voice.choices,
        help_text="Whose voice it is, as attested when the job was submitted. Empty where nobody said.",
    )
    disclosure: models.JSONField[Any, Any] = models.JSONField(
        default=dict,
        blank=True,
        help_text="Disclosure, defaults included; empty for jobs from before it was part of them.",
    )
    direction: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="Direction; empty for jobs without one."
    )
    motion: models.JSONField[Any, Any] = models.JSONField(
        default=dict, blank=True, help_text="Digest of a performer's track and whose lips; empty for none."
    )
    seed = models.BigIntegerField()
    renderer = models.CharField(max_length=MAX_RENDERER_NAME, help_text="Name in the registry of renderers.")
    title = models.CharField(max_length=80, blank=True, help_text="As the partner calls the video.")
    tell_by_email = models.BooleanField(
        default=False, help_text="Whether whoever submitted it is told by e-mail when it is finished."
    )
    submitted_by = models.CharField(max_length=60)
    log_position = models.BigIntegerField(help_text="Index of the log entry job.submitted.")

    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    state_since = models.DateTimeField()
    reason_code = models.CharField(
        max_length=60, blank=True, help_text="Why it failed, was stopped, rejected or revoked."
    )
    reason_message = models.CharField(max_length=300, blank=True)
    reason_hint = models.CharField(max_length=300, blank=True)

    queue = models.CharField(max_length=10)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_owner = models.CharField(max_length=40, blank=True, help_text="Token of the attempt at work.")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    frames_done = models.PositiveIntegerField(default=0)
    frames_total = models.PositiveIntegerField()
    traceparent = models.CharField(
        max_length=55, blank=True, help_text="W3C trace of the request that submitted it, if any is recorded."
    )
    estimated_start_at = models.DateTimeField(null=True, blank=True, help_text="As expected at submission.")
    estimated_end_at = models.DateTimeField(null=True, blank=True, help_text="As expected at submission.")

    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "id")
        indexes = (
            models.Index(fields=("partner", "created_at", "id"), name="generation_job_list"),
            models.Index(fields=("state", "lease_expires_at"), name="generation_job_by_lease"),
            models.Index(fields=("partner", "state", "created_at", "id"), name="generation_job_by_state"),
            models.Index(fields=("partner", "-started_at"), name="generation_job_by_start"),
            models.Index(fields=("finished_at",), name="generation_job_by_end"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="generation_job_state_known"),
            models.CheckConstraint(
                condition=(
                    Q(state__in=sorted(RUNNING), lease_expires_at__isnull=False) & ~Q(lease_owner="")
                    | ~Q(state__in=sorted(RUNNING)) & Q(lease_owner="", lease_expires_at__isnull=True)
                ),
                name="generation_job_lease_while_running",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("failed", "cancelled", "rejected", "revoked")) | ~Q(reason_code=""),
                name="generation_job_end_has_reason",
            ),
        )

    def __str__(self) -> str:
        return self.id

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new job, or named fields of one. Raises StateWrittenDirectly for a change of the state."""
        fields = kwargs.get("update_fields")
        if not self._state.adding and (fields is None or "state" in fields):
            raise StateWrittenDirectly
        super().save(*args, **kwargs)

    @property
    def is_terminal(self) -> bool:
        """Nobody works on it any more."""
        return self.state in TERMINAL

    @property
    def is_active(self) -> bool:
        """It waits for a worker or has one."""
        return self.state in ACTIVE


def frames_for(duration_s: float, fps: int) -> int:
    """How many frames the motion for `duration_s` seconds of speech has."""
    return max(1, round(duration_s * fps))
