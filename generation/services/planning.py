"""What a job would be: every rule about its inputs and choices, before anything is reserved or queued."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_active, require_partner
from accounts.models import ConsentGrant, ReviewPolicy
from accounts.services.consent import consent_covering
from generation.admission.admission import Estimate, admit
from generation.admission.capacity import usual_frames
from generation.admission.quotas import require_quota_for_job
from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import output_size
from generation.animation.motion.controls import ControlsInvalid, MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.by_log import are_samples, require_voice_as_logged
from generation.choices.directions import chosen_direction
from generation.choices.disclosures import chosen_disclosure
from generation.choices.motions import chosen_motion
from generation.choices.video_formats import chosen_format, require_picture_suffices
from generation.choices.wanted_job import WantedJob
from generation.disclosure.choice import Disclosure
from generation.models import DrivingAudio, Portrait
from generation.models.job import frames_for
from generation.selectors import driving_audio_of, portrait_of
from generation.services.dispatch import queue_name
from generation.services.preflight import preflight_driving_audio, preflight_portrait
from generation.services.renderers import offered_renderer
from generation.services.voice_consent.checking import require_voice
from provenance.common.errors import InvalidInput
from provenance.common.readable_text import require_readable

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class JobPlan:
    """A job that would be taken: what it would use and what would come out."""

    portrait: Portrait
    driving_audio: DrivingAudio
    consent: ConsentGrant
    controls: MotionControls
    direction: Direction
    video: VideoFormat
    disclosure: Disclosure
    seed: int
    renderer: str
    frames: int
    is_reviewed: bool
    motion: dict[str, str]
    warnings: list[dict[str, object]]
    estimate: Estimate | None = None


def plan_job(*, actor: Actor, wanted: WantedJob) -> JobPlan:
    """What `submit_job` would do, with intake's answer about both inputs; changes nothing.

    Raises what `submit_job` would raise, and IntakeRefused for what the worker would refuse.
    """
    plan = planned(actor, wanted)
    partner = plan.portrait.partner
    require_quota_for_job(partner, duration_s=plan.driving_audio.duration_s)
    estimate = admit(partner=partner, queue=queue_name(), frames=work_of(plan))
    warnings = []
    for answer in (preflight_portrait(plan.portrait), preflight_driving_audio(plan.driving_audio)):
        if answer.refusal is not None:
            raise answer.refusal
        warnings += answer.warnings
        if answer.portrait is not None:  # known now also of portraits from before it was kept
            require_picture_suffices(plan.video, plan.portrait, answer.portrait.head_square)
    return replace(plan, warnings=warnings, estimate=estimate)


def planned(actor: Actor, wanted: WantedJob) -> JobPlan:
    """The plan of a job by what it asks for; quotas, queue and files are not looked at.

    Raises what `submit_job` raises about the job itself.
    """
    require_readable(wanted.title, field="title")
    partner = require_partner(actor)
    require_active(partner)
    portrait = portrait_of(partner, wanted.portrait_id)
    driving_audio = driving_audio_of(partner, wanted.driving_audio_id)
    require_voice_as_logged(driving_audio)
    require_voice(driving_audio, driving_audio.voice)
    try:
        motion_controls = MotionControls.from_json(wanted.controls)
    except ControlsInvalid as error:
        raise InvalidInput(
            str(error), code="controls_invalid", hint=_("Look at controls.{field}.").format(field=error.field)
        ) from error
    if wanted.seed is not None and not 0 <= wanted.seed <= MAX_SEED:
        raise InvalidInput(_("seed must be from 0 to {most}.").format(most=MAX_SEED))
    chosen = chosen_format(wanted.video or {})
    disclosed = chosen_disclosure(wanted.disclosure or {}, partner)
    require_picture_suffices(chosen, portrait)
    performed = chosen_motion(wanted.motion, driving_audio)
    consent = consent_covering(portrait=portrait)
    is_reviewed = partner.review_policy != ReviewPolicy.RELEASE or not driving_audio.voice
    return JobPlan(
        portrait=portrait,
        driving_audio=driving_audio,
        consent=consent,
        controls=motion_controls,
        direction=chosen_direction(wanted.direction),
        video=chosen,
        disclosure=disclosed,
        seed=secrets.randbelow(MAX_SEED + 1) if wanted.seed is None else wanted.seed,
        renderer=offered_renderer(wanted.renderer),
        frames=frames_for(driving_audio.duration_s + disclosed.lead_s, chosen.fps),
        # Nobody here knows the performer: that they agreed is the partner's word.
        is_reviewed=bool(performed) or (is_reviewed and not are_samples(consent, portrait, driving_audio)),
        motion=performed,
        warnings=[],
    )


def work_of(plan: JobPlan) -> float:
    """The frames of a plan as so many of the usual size, which the queue is reckoned in."""
    size = output_size(plan.video, plan.portrait.width, plan.portrait.height)
    return usual_frames(plan.frames, *size)
