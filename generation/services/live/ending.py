"""Ends live sessions: by the partner, or because consent, the partner's approval, time or a process ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.actors import SYSTEM, Actor
from accounts.access.policy import require_other_partner, require_partner, require_role
from accounts.models import StaffRole
from generation.models import LiveSession, LiveState
from generation.models.live_session import ACTIVE_STATES
from generation.services.live.by_log import milliseconds
from generation.services.live.reasons import WITHDRAWING, LiveEnd
from provenance.common.errors import NotFound
from provenance.log.entries import LogEvent
from provenance.models import Record
from provenance.selectors.decisions import newest_decision
from provenance.services import log
from provenance.services.records import withdraw_record

# A session whose server did not say for so long that it is there has lost it.
SILENCE = timedelta(seconds=30)
_STEPS = frozenset({LogEvent.LIVE_OPENED, LogEvent.LIVE_STARTED, LogEvent.LIVE_ENDED})


def session_of(actor: Actor, session_id: str) -> LiveSession:
    """One session of the actor's partner. Raises NotFound."""
    partner = require_partner(actor)
    session = LiveSession.objects.filter(partner=partner, pk=session_id).first()
    if session is None:
        raise NotFound(_("There is no live session with that id."))
    return session


def end_session(*, session_id: str, reason: LiveEnd, actor: Actor = SYSTEM) -> bool:
    """End a session that has not ended; False if it has. The first reason stays.

    State and log entry change in one transaction. Whoever streams it sees the state within a fraction of a
    second. Whatever has an entry of its opening or start gets one of its end, and no second one.
    """
    with transaction.atomic():
        session = (
            LiveSession.objects.select_for_update().filter(pk=session_id, state__in=ACTIVE_STATES).first()
        )
        if session is None:
            return False
        now = timezone.now()
        LiveSession.objects.filter(pk=session_id).update(
            state=LiveState.ENDED, ended_at=now, reason_code=reason
        )
        newest = newest_decision(session_id, _STEPS)
        if newest is not None and newest.event is not LogEvent.LIVE_ENDED:
            log.append(
                LogEvent.LIVE_ENDED,
                actor=actor.id,
                data={
                    "rendition_id": session.id,
                    "partner_id": session.partner_id,
                    "reason_code": reason.value,
                    "at_ms": milliseconds(now),
                },
            )
    return True


def end_as_partner(*, actor: Actor, session_id: str) -> LiveSession:
    """End a session of the actor's partner; again changes nothing. Raises NotFound."""
    session = session_of(actor, session_id)
    end_session(session_id=session.id, reason=LiveEnd.ENDED_BY_PARTNER, actor=actor)
    session.refresh_from_db()
    return session


def take_down(*, actor: Actor, session_id: str) -> LiveSession:
    """Stop a session, and withdraw its record, by a reviewer who is not of its partner.

    Raises RoleRequired, NotFound, FourEyesRequired.
    """
    require_role(actor, StaffRole.REVIEWER)
    session = LiveSession.objects.select_related("partner").filter(pk=session_id).first()
    if session is None:
        raise NotFound(_("There is no live session with that id."))
    require_other_partner(actor, session.partner)
    with transaction.atomic():
        _stop([session], LiveEnd.TAKEN_DOWN, actor)
    session.refresh_from_db()
    return session


def hold_sessions(sessions: QuerySet[LiveSession]) -> None:
    """Lock what is active among `sessions`, before the first log entry of the transaction that ends them."""
    list(sessions.filter(state__in=ACTIVE_STATES).select_for_update().order_by("pk").values_list("pk"))


def stop_sessions(sessions: QuerySet[LiveSession], *, reason: LiveEnd) -> None:
    """End what is active among `sessions` and withdraw the records of the rest. Call it in a transaction."""
    _stop(sessions.order_by("pk"), reason, SYSTEM)


def _stop(sessions: Iterable[LiveSession], reason: LiveEnd, actor: Actor) -> None:
    for session in sessions:
        if end_session(session_id=session.id, reason=reason, actor=actor):
            continue
        # One that showed nothing has no record; whether there is one is not asked of the row.
        if reason in WITHDRAWING and Record.objects.filter(pk=session.id).exists():
            withdraw_record(session.id, reason_code=reason.value, actor=actor.id)


def end_lost_sessions() -> int:
    """End sessions that nobody came for and those whose server is gone; how many."""
    now = timezone.now()
    ended = 0
    for session in LiveSession.objects.lost(now, SILENCE):
        is_late = session.state == LiveState.OPENED
        reason = LiveEnd.NOT_CONNECTED if is_late else LiveEnd.WORKER_LOST
        ended += end_session(session_id=session.id, reason=reason)
    return ended
