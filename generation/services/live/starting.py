"""Starts a live session: its token is claimed once, and its start is logged before its first frame leaves."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts.access.tokens import hash_token
from accounts.services.consent import reserve_use
from generation.models import LiveSession, LiveState
from generation.models.live_session import USES_OF_KEPT
from generation.services.live.by_log import (
    milliseconds,
    require_session_as_logged,
    session_as_logged,
    session_digest,
)
from generation.services.live.permission import lock_permission, require_permission
from generation.services.live.refusals import LiveTokenUnknown
from provenance.keys.service_keys import marking_year
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.records import new_watermark_id
from provenance.watermark import WatermarkPayload
from provenance.watermark.coding.payload import format_watermark_id


class SessionOver(Exception):
    """The session ended before it started. Nothing of it is shown."""


def claim_session(token: str, server: str = "") -> LiveSession:
    """The session that a token opens, for one connection at a live server, whose name it bears from then on.

    Servers that share an address may get each other's. What the log does not bear out is claimed by nobody.
    Raises LiveTokenUnknown, RowContradictsLog, or what forbids it now.
    """
    now = timezone.now()
    waiting = LiveSession.objects.filter(
        token_hash=hash_token(token), state=LiveState.OPENED, token_expires_at__gt=now
    )
    session = waiting.select_related("partner", "consent", "portrait").first()
    if session is None:
        raise LiveTokenUnknown
    require_permission(session)
    held_by = {"server": server} if server else {}
    with transaction.atomic():
        locked = waiting.select_for_update(of=("self",)).select_related("partner", "consent", "portrait")
        session = locked.first()
        if session is None:  # of two that came, the other was first
            raise LiveTokenUnknown
        require_session_as_logged(session)
        waiting.update(state=LiveState.STARTING, seen_at=now, **held_by)
    return session


def start_session(session_id: str, segment_key: str = "") -> tuple[WatermarkPayload, int]:
    """Take a video from the consent and log the start; the mark that every frame has to carry, and its year.

    `segment_key` is the public half of what the session's seconds will be signed with.
    The id of the mark is drawn here, so none exists that the log does not know. Raises SessionOver,
    RowContradictsLog, or the refusal that applies.
    """
    payload, year = WatermarkPayload(new_watermark_id()), marking_year()
    with transaction.atomic():
        session = LiveSession.objects.select_related("partner", "consent").get(pk=session_id)
        lock_permission(session)
        session = session_as_logged(session_id)
        reserve_use(session.consent, USES_OF_KEPT if session.is_kept else 1)
        now = timezone.now()
        started = LiveSession.objects.filter(pk=session_id, state=LiveState.STARTING).update(
            state=LiveState.LIVE,
            started_at=now,
            seen_at=now,
            watermark_id=format_watermark_id(payload.watermark_id),
            watermark_year=year,
        )
        if not started:
            raise SessionOver
        log.append(
            LogEvent.LIVE_STARTED,
            actor=session.opened_by,
            data={
                "rendition_id": session.id,
                "partner_id": session.partner_id,
                "portrait_id": session.portrait_id,
                "consent_id": session.consent_id,
                "watermark_id": format_watermark_id(payload.watermark_id),
                "watermark_year": year,
                "inputs_digest": session_digest(session),
                "voice": session.voice,
                "at_ms": milliseconds(now),
                **({"segment_key": segment_key} if segment_key else {}),
                **({"videos": USES_OF_KEPT} if session.is_kept else {}),
            },
        )
    return payload, year


def states_of(session_ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """State and reason of each session, in one look at the database: its server asks many times a second."""
    rows = LiveSession.objects.filter(pk__in=list(session_ids)).values_list("pk", "state", "reason_code")
    return {pk: (state, reason) for pk, state, reason in rows}


def say_seen(session_ids: Iterable[str]) -> None:
    """Note that the server of these sessions is there."""
    LiveSession.objects.filter(pk__in=list(session_ids)).update(seen_at=timezone.now())
