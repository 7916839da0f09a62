"""Whether a live server has room for one more session, and what the servers say about themselves."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from generation.admission.admission import LATEST_RETRY_S, SOONEST_RETRY_S, Busy
from generation.admission.presence import GONE_AFTER, slots_of
from generation.models import LiveSession, LiveState, RenderWorker

QUEUE = "live"
NO_SERVER_RETRY_S = 30


class LiveBusy(Busy):
    """No live server can keep the pace of one more session."""

    message = "No server can keep the pace of another live session now."
    hint = "Wait as long as Retry-After says, then ask again."


def announce(name: str, slots: int) -> None:
    """Say that a live server is there, with room for `slots` sessions in all."""
    RenderWorker.objects.update_or_create(
        name=f"{name}/{QUEUE}", defaults={"queue": QUEUE, "slots": slots, "seen_at": timezone.now()}
    )


def announce_gone(name: str) -> None:
    """Say that a live server takes no sessions any more."""
    RenderWorker.objects.filter(name=f"{name}/{QUEUE}").delete()


def require_room() -> None:
    """Let one more session pass. Raises LiveBusy with the seconds after which to ask again.

    Call it behind `wait_for_admission`, so that two callers cannot both see the last free place.
    """
    now = timezone.now()
    slots = slots_of(QUEUE)
    active = list(LiveSession.objects.active(now))
    if len(active) < slots:
        return
    ends = [
        session.token_expires_at
        if session.state == LiveState.OPENED
        else (session.started_at or now) + timedelta(seconds=session.max_s)
        for session in active
    ]
    wait_s = round((min(ends) - now).total_seconds()) if slots and ends else NO_SERVER_RETRY_S
    raise LiveBusy(min(max(wait_s, SOONEST_RETRY_S), LATEST_RETRY_S))


def is_served() -> bool:
    """Whether any live server was seen lately."""
    found = RenderWorker.objects.filter(queue=QUEUE, seen_at__gt=timezone.now() - GONE_AFTER)
    return bool(settings.LIKENESS_LIVE_SESSIONS) and found.exists()
