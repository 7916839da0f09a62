"""A partner deletes a portrait, a recording or a video of its own."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_partner
from accounts.models import Partner
from accounts.services.erasure import end_open_requests
from generation.models import DrivingAudio, ErasureReason, Portrait
from generation.selectors import rendition_of
from generation.services.erasure.due import is_in_use
from generation.services.erasure.erase import begin, finish_or_later
from generation.services.review import revoke_as_partner
from generation.states import JobState
from provenance.common.errors import CodedError, NotFound
from provenance.services.log import require_log_goes_on


class MediaInUse(CodedError):
    """A job that waits, runs or is in review needs it, or a live session."""

    code = "media_in_use"
    status = 409
    message = "A job that waits, runs or is in review uses this, or a live session."
    hint = "Cancel the job, revoke its video or end the session, or wait for its end; then delete again."


def delete_portrait(*, actor: Actor, portrait_id: str) -> None:
    """Erase a portrait of the partner's. Open requests for it end; videos made from it stay.

    Deleting it again changes nothing. Raises NotFound, MediaInUse, LogDamaged.
    """
    partner = _partner(actor)
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner.pk)  # submissions take turns with this
        portrait = Portrait.objects.filter(pk=portrait_id, partner=partner).first()
        if portrait is None:
            raise NotFound(_("There is no portrait with that id."))
        if not portrait.is_erased:
            if is_in_use(portrait.jobs.all()) or portrait.live_sessions.active(timezone.now()).exists():
                raise MediaInUse
            begin(portrait, reason=ErasureReason.PARTNER_REQUEST, actor_id=actor.id)
            end_open_requests(portrait.pk)
    finish_or_later(portrait)


def delete_driving_audio(*, actor: Actor, driving_audio_id: str) -> None:
    """Erase a recording of the partner's. As `delete_portrait`."""
    partner = _partner(actor)
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner.pk)
        audio = DrivingAudio.objects.filter(pk=driving_audio_id, partner=partner).first()
        if audio is None:
            raise NotFound(_("There is no driving audio with that id."))
        if not audio.is_erased:
            if is_in_use(audio.jobs.all()):
                raise MediaInUse
            begin(audio, reason=ErasureReason.PARTNER_REQUEST, actor_id=actor.id)
    finish_or_later(audio)


def delete_rendition(*, actor: Actor, rendition_id: str) -> None:
    """Revoke a video of the partner's if it is released or in review, and erase its file.

    Whoever checks a copy is told that it was withdrawn. Deleting it again changes nothing. Raises NotFound,
    LogDamaged.
    """
    partner = _partner(actor)
    with transaction.atomic():
        Partner.objects.select_for_update().get(pk=partner.pk)
        rendition = rendition_of(partner, rendition_id)
        if rendition.job.state in {JobState.IN_REVIEW, JobState.RELEASED}:
            revoke_as_partner(actor=actor, rendition_id=rendition.pk)
            rendition.job.refresh_from_db()
        begin(rendition, reason=ErasureReason.PARTNER_REQUEST, actor_id=actor.id)
    finish_or_later(rendition)


def _partner(actor: Actor) -> Partner:
    require_log_goes_on()
    return require_partner(actor)
