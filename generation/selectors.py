"""Database reads of the generation app. What belongs to another partner is not found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_role
from accounts.errors import MediaErased
from accounts.models import ConsentGrant, ConsentState, Membership, Partner, StaffRole
from generation.models import DrivingAudio, Job, KeptSession, LiveSession, Portrait, Rendition
from generation.states import ACTIVE, JobState
from provenance.common.errors import CodedError, NotFound


class NotReleased(CodedError):
    """There is a video, but it may not be downloaded."""

    code = "not_released"
    status = 409
    message = "This video is not released."
    hint = "The job's state says why; only released videos can be downloaded."


def portraits_of(partner: Partner) -> QuerySet[Portrait]:
    """A partner's portraits, newest first, without those that were erased."""
    found = Portrait.objects.filter(partner=partner, erasure_began_at=None).select_related("subject")
    return found.order_by("-created_at", "-id")


def live_portraits_of(partner: Partner) -> QuerySet[Portrait]:
    """A partner's portraits with a consent in force that names live use and has a video left."""
    covering = ConsentGrant.objects.in_force(timezone.now()).filter(
        allows_live=True, used_videos__lt=F("max_videos"), partner=partner, portrait=OuterRef("pk")
    )
    return portraits_of(partner).filter(Exists(covering))


def portrait_of(partner: Partner, portrait_id: str) -> Portrait:
    """One portrait of a partner. Raises NotFound or MediaErased."""
    found = Portrait.objects.filter(partner=partner, pk=portrait_id).select_related("subject", "partner")
    portrait = found.first()
    if portrait is None:
        raise NotFound(_("There is no portrait with that id."))
    if portrait.is_erased:
        raise MediaErased(_("This portrait was erased."))
    return portrait


def all_driving_audio_of(partner: Partner) -> QuerySet[DrivingAudio]:
    """A partner's driving audio, newest first, without what was erased."""
    return DrivingAudio.objects.filter(partner=partner, erasure_began_at=None).order_by("-created_at", "-id")


def driving_audio_of(partner: Partner, driving_audio_id: str) -> DrivingAudio:
    """One driving audio of a partner. Raises NotFound or MediaErased."""
    driving_audio = DrivingAudio.objects.filter(partner=partner, pk=driving_audio_id).first()
    if driving_audio is None:
        raise NotFound(_("There is no driving audio with that id."))
    if driving_audio.is_erased:
        raise MediaErased(_("This recording was erased."))
    return driving_audio


def jobs_of(partner: Partner) -> QuerySet[Job]:
    """A partner's jobs, newest first."""
    found = Job.objects.filter(partner=partner).select_related(
        "rendition", "portrait__subject", "driving_audio"
    )
    return found.order_by("-created_at", "-id")


def job_of(partner: Partner, job_id: str) -> Job:
    """One job of a partner. Raises NotFound."""
    job = jobs_of(partner).filter(pk=job_id).first()
    if job is None:
        raise NotFound(_("There is no job with that id."))
    return job


def rendition_of(partner: Partner, rendition_id: str) -> Rendition:
    """One rendition of a partner. Raises NotFound."""
    rendition = Rendition.objects.select_related("job").filter(pk=rendition_id, job__partner=partner).first()
    if rendition is None:
        raise NotFound(_("There is no rendition with that id."))
    return rendition


def downloadable_rendition_of(partner: Partner, rendition_id: str) -> Rendition:
    """One released rendition of a partner. Raises NotFound, MediaErased or NotReleased."""
    rendition = rendition_of(partner, rendition_id)
    if rendition.is_erased:
        raise MediaErased(_("This video was erased."))
    if not rendition.is_released:
        state = rendition.job.get_state_display().lower()
        raise NotReleased(_("This video is {state}.").format(state=state))
    return rendition


def jobs_in_making_under(grants: Iterable[ConsentGrant]) -> QuerySet[Job]:
    """The jobs under these consents of which a video may yet come, the newest first."""
    jobs = Job.objects.filter(consent__in=[grant.pk for grant in grants], state__in=ACTIVE)
    return jobs.select_related("partner", "consent").order_by("-created_at")


def renditions_under(grants: Iterable[ConsentGrant]) -> QuerySet[Rendition]:
    """Every sealed video made under these consents, in any state, newest first."""
    return (
        Rendition.objects.filter(job__consent__in=[grant.pk for grant in grants])
        .select_related("job__partner", "job__consent", "job__portrait__subject")
        .order_by("-sealed_at", "-id")
    )


def rendition_under(grants: Iterable[ConsentGrant], rendition_id: str) -> Rendition:
    """One of `renditions_under`. Raises NotFound."""
    rendition = renditions_under(grants).filter(pk=rendition_id).first()
    if rendition is None:
        raise NotFound(_("There is no video with that id."))
    return rendition


def live_sessions_under(grants: Iterable[ConsentGrant]) -> QuerySet[LiveSession]:
    """Every live session that began under these consents, in any state, newest first."""
    return (
        LiveSession.objects.filter(consent__in=[grant.pk for grant in grants])
        .exclude(started_at=None)
        .select_related("partner", "consent", "portrait", "kept")
        .order_by("-opened_at", "-id")
    )


def kept_session_under(grants: Iterable[ConsentGrant], session_id: str) -> KeptSession:
    """The file of one of `live_sessions_under`. Raises NotFound, also for one that was not kept."""
    session = live_sessions_under(grants).filter(pk=session_id).first()
    kept = None if session is None else KeptSession.objects.filter(pk=session.pk).first()
    if kept is None:
        raise NotFound(_("There is no video with that id."))
    return kept


def review_queue(actor: Actor) -> QuerySet[Rendition]:
    """The sealed renditions that this reviewer may decide about, oldest first, without their own partner's
    and without those that they approved and another reviewer has to see.

    Raises RoleRequired.
    """
    require_role(actor, StaffRole.REVIEWER)
    own = Membership.objects.filter(user=actor.user).values("partner_id")
    return (
        Rendition.objects.filter(job__state=JobState.IN_REVIEW)
        .exclude(job__partner_id__in=own)
        .exclude(first_approved_by=actor.id)
        .select_related("job__partner", "job__portrait__subject", "job__consent")
        .order_by("sealed_at", "id")
    )


def reviewed_rendition(actor: Actor, rendition_id: str) -> Rendition:
    """One rendition that is not of the reviewer's partner, in any state. Raises RoleRequired or NotFound."""
    require_role(actor, StaffRole.REVIEWER)
    rendition = (
        Rendition.objects.select_related(
            "job__partner", "job__portrait__subject", "job__consent", "job__driving_audio"
        )
        .filter(pk=rendition_id)
        .exclude(job__partner_id__in=Membership.objects.filter(user=actor.user).values("partner_id"))
        .first()
    )
    if rendition is None:
        raise NotFound(_("There is no rendition with that id."))
    return rendition


def usable_portraits_of(partner: Partner) -> QuerySet[Portrait]:
    """A partner's portraits that consent covers for one more video now, newest first."""
    usable = ConsentGrant.objects.usable(timezone.now())
    covering = usable.filter(partner=partner, portrait=OuterRef("pk"))
    return portraits_of(partner).filter(Exists(covering))


@dataclass(frozen=True)
class PortraitCard:
    """A portrait with the consent that matters: the one in force, or else the newest."""

    portrait: Portrait
    consent: ConsentGrant | None
    is_usable: bool


def portrait_card(portrait: Portrait) -> PortraitCard:
    """One portrait with the consent that matters."""
    grants = list(portrait.consents.all())
    in_force = [grant for grant in grants if grant.current_state == ConsentState.GRANTED]
    usable = [grant for grant in in_force if grant.videos_left]
    return PortraitCard(
        portrait=portrait,
        consent=next(iter([*usable, *in_force, *grants]), None),
        is_usable=bool(usable),
    )
