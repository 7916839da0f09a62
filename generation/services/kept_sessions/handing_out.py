"""Hands out and erases the files of live sessions that were opened to be kept."""

from __future__ import annotations

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.policy import require_partner
from accounts.errors import MediaErased
from generation.models import ErasureReason, KeptSession
from generation.selectors import NotReleased
from generation.services.erasure.erase import begin, finish_or_later
from generation.services.live.by_log import require_session_as_logged
from generation.services.live.ending import session_of
from provenance.common.errors import NotFound
from provenance.log.entries import LogEvent
from provenance.models import Record
from provenance.selectors.decisions import (
    RENDITION_STEPS,
    newest_decision,
    record_differences,
    require_as_logged,
)
from provenance.services.log import require_log_goes_on


def kept_session(actor: Actor, session_id: str) -> KeptSession:
    """The file of a session of the actor's partner. Raises NotFound, also for one that was not kept."""
    session = session_of(actor, session_id)
    kept = KeptSession.objects.select_related("session__portrait").filter(session=session).first()
    if kept is None:
        raise NotFound(
            "There is no file of this session.",
            hint="A file is there when the record is sealed, of sessions that were opened with keep.",
        )
    return kept


def downloadable_session(actor: Actor, session_id: str) -> KeptSession:
    """The file of a session that row, record and log say may be handed out.

    Raises NotFound, MediaErased, NotReleased, RowContradictsLog, LogDamaged.
    """
    kept = kept_session(actor, session_id)
    if kept.is_erased:
        raise MediaErased("This video was erased.")
    require_session_as_logged(kept.session)
    step = newest_decision(kept.pk, RENDITION_STEPS)
    record = Record.objects.filter(pk=kept.pk).first()
    if record is None or step is None or step.event != LogEvent.RENDITION_RELEASED:
        raise NotReleased("The record of this session was withdrawn.")
    require_as_logged("record", kept.pk, record_differences(record))
    return kept


def erase_kept(*, actor: Actor, session_id: str) -> None:
    """Erase the file of a session of the partner's; its record stays, so that recordings verify.

    Erasing it again changes nothing. Raises NotFound, LogDamaged.
    """
    require_log_goes_on()
    require_partner(actor)
    kept = kept_session(actor, session_id)
    with transaction.atomic():
        begin(kept, reason=ErasureReason.PARTNER_REQUEST, actor_id=actor.id)
    finish_or_later(kept)
