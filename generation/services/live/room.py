"""Which live server has room for one more session, and what the servers say about themselves.

Servers announce themselves in the database, wherever they run; a session is given to the one with the most
room.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from generation.admission.admission import LATEST_RETRY_S, SOONEST_RETRY_S, Busy
from generation.admission.presence import GONE_AFTER
from generation.models import LiveSession, LiveState, RenderWorker

QUEUE = "live"
NO_SERVER_RETRY_S = 30


class LiveBusy(Busy):
    """No live server can keep the pace of one more session."""

    message = "No server can keep the pace of another live session now."
    hint = "Wait as long as Retry-After says, then ask again."


def row_name(name: str) -> str:
    """Under which name a live server is announced, and its sessions name it."""
    return f"{name}/{QUEUE}"


def announce(name: str, slots: int, address: str = "") -> None:
    """Say that a live server is there, with room for `slots` sessions in all, and where browsers reach it."""
    RenderWorker.objects.update_or_create(
        name=row_name(name),
        defaults={"queue": QUEUE, "slots": slots, "address": address, "seen_at": timezone.now()},
    )


def announce_gone(name: str) -> None:
    """Say that a live server takes no sessions any more."""
    RenderWorker.objects.filter(name=row_name(name)).delete()


def server_with_room() -> RenderWorker:
    """The server with the most room for one more session. Raises LiveBusy with the seconds to wait.

    Call it behind `wait_for_admission`, so that two callers cannot both see the last free place.
    """
    now = timezone.now()
    servers = list(seen_servers())
    active = list(LiveSession.objects.active(now))
    taken = Counter(session.server for session in active)
    # Sessions of a server that is not seen any more may come back to one that is, by its address.
    elsewhere = sum(taken.values()) - sum(taken[server.name] for server in servers)
    free = {server: server.slots - taken[server.name] for server in servers}
    if sum(free.values()) - elsewhere > 0:
        return max(servers, key=lambda server: (free[server], server.name))
    ends = [
        session.token_expires_at
        if session.state == LiveState.OPENED
        else (session.started_at or now) + timedelta(seconds=session.max_s)
        for session in active
    ]
    has_slots = any(server.slots for server in servers)
    wait_s = round((min(ends) - now).total_seconds()) if has_slots and ends else NO_SERVER_RETRY_S
    raise LiveBusy(min(max(wait_s, SOONEST_RETRY_S), LATEST_RETRY_S))


def seen_servers() -> QuerySet[RenderWorker]:
    """The live servers that said lately that they are there."""
    return RenderWorker.objects.filter(queue=QUEUE, seen_at__gt=timezone.now() - GONE_AFTER)


def addresses() -> set[str]:
    """Where browsers may have to connect: at the address of the settings, or at that of any server seen."""
    return {settings.LIKENESS_LIVE_URL, *seen_servers().exclude(address="").values_list("address", flat=True)}


def is_served() -> bool:
    """Whether any live server was seen lately."""
    return bool(settings.LIKENESS_LIVE_SESSIONS) and seen_servers().exists()
