"""Submits a job that planning lets pass: admits it, reserves a use of the consent and queues it."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.access.actors import Actor
from accounts.access.policy import require_active
from accounts.models import Partner
from accounts.services.consent import consent_covering, reserve_use
from generation.admission.admission import admit, wait_for_admission
from generation.admission.quotas import require_quota_for_job
from generation.by_log import inputs_digest
from generation.choices.directions import stored_direction
from generation.choices.wanted_job import WantedJob
from generation.models import Job
from generation.selectors import driving_audio_of, portrait_of
from generation.services.advance import create_job
from generation.services.dispatch import dispatch_on_commit, queue_name
from generation.services.planning import JobPlan, planned, work_of
from generation.traces import present_trace
from provenance.common.ids import new_id
from provenance.log.entries import LogEvent
from provenance.services import log

NOT_STATED = "not_stated"  # whose voice it is, in the log


def submit_job(*, actor: Actor, wanted: WantedJob) -> Job:
    """Take a job and dispatch it once the present transaction commits.

    A seed that was drawn is part of the job, so that the job can be repeated. Raises UnreadableText,
    NotFound, PartnerNotActive, InvalidInput, DirectionRefused, MotionMissing, LabelRequired,
    RendererNotOffered, PictureTooSmallForSize, FaceTooSmallForSize, TooManyJobs, MinutesUsedUp,
    StorageUsedUp, Busy, or the consent refusal that applies.
    """
    plan = planned(actor, wanted)
    partner = plan.portrait.partner
    with transaction.atomic():
        # All submissions take turns here, so that two cannot both see the last free place.
        wait_for_admission()
        # And one partner's with whatever else concerns the partner.
        partner = Partner.objects.select_for_update().get(pk=partner.id)
        require_active(partner)
        _require_stored(plan)
        require_quota_for_job(partner, duration_s=plan.driving_audio.duration_s)
        estimate = admit(partner=partner, queue=queue_name(), frames=work_of(plan))
        consent = consent_covering(portrait=plan.portrait)
        reserve_use(consent)
        now = timezone.now()
        job_id = new_id("job")
        structlog.contextvars.bind_contextvars(job_id=job_id, partner_id=partner.id)
        entry = log.append(
            LogEvent.JOB_SUBMITTED,
            actor=actor.id,
            data={
                "job_id": job_id,
                "partner_id": partner.id,
                "portrait_id": plan.portrait.id,
                "consent_id": consent.id,
                "inputs_digest": inputs_digest(
                    plan.portrait,
                    plan.driving_audio,
                    plan.controls.to_json(),
                    plan.seed,
                    plan.renderer,
                    video=plan.video.to_json(),
                    disclosure=plan.disclosure.to_json(),
                    voice=plan.driving_audio.voice,
                    direction=stored_direction(plan.direction),
                    motion=plan.motion,
                ),
                "voice": plan.driving_audio.voice or NOT_STATED,
            },
        )
        job = create_job(
            id=job_id,
            partner=partner,
            portrait=plan.portrait,
            driving_audio=plan.driving_audio,
            consent=consent,
            controls=plan.controls.to_json(),
            video=plan.video.to_json(),
            disclosure=plan.disclosure.to_json(),
            voice=plan.driving_audio.voice,
            direction=stored_direction(plan.direction),
            motion=plan.motion,
            seed=plan.seed,
            renderer=plan.renderer,
            title=wanted.title.strip(),
            tell_by_email=wanted.tell_by_email,
            submitted_by=actor.id,
            log_position=entry.index,
            queue=queue_name(),
            deadline_at=now
            + timedelta(seconds=settings.LIKENESS_JOB_MAX_WAIT_S + settings.LIKENESS_JOB_DEADLINE_S),
            frames_total=plan.frames,
            estimated_start_at=estimate.start_at,
            estimated_end_at=estimate.end_at,
            traceparent=present_trace(),
        )
        dispatch_on_commit(job)
    return job


def _require_stored(plan: JobPlan) -> None:
    """Neither input was deleted since it was looked up. Raises MediaErased."""
    portrait_of(plan.portrait.partner, plan.portrait.id)
    driving_audio_of(plan.portrait.partner, plan.driving_audio.id)
