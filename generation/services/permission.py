"""Checks that a job's partner is active and its consent in force, with the rows locked where needed."""

from __future__ import annotations

from accounts.access.policy import require_active
from accounts.models import ConsentGrant, Partner
from accounts.services.consent import require_in_force
from generation.by_log import require_job_as_logged
from generation.choices.motions import require_motion
from generation.models import Job
from generation.services.voice_consent.checking import require_voice


def require_permission(job: Job) -> None:
    """Require that the job's partner is active and its consent in force, as the database says now.

    Raises PartnerNotActive, ConsentWithdrawn, ConsentExpired and the like.
    """
    require_active(job.partner)
    require_in_force(job.consent)
    require_job_as_logged(job)
    require_voice(job.driving_audio, job.voice)
    require_motion(job.motion, job.driving_audio)


def lock_permission(job: Job) -> None:
    """As `require_permission`, and nobody can suspend or withdraw until the present transaction ends.

    Locks are always taken in the order partner, consent, job, so that two transactions never wait for each
    other.
    """
    Partner.objects.select_for_update().get(pk=job.partner_id)
    ConsentGrant.objects.select_for_update().get(pk=job.consent_id)
    require_permission(job)
