"""The sessions that run in this server, and what is done for all of them at once.

Several times a second the database is asked whether they may go on; a session that has ended there, whoever
ended it, is stopped at once. If the database does not answer they are stopped as well: nobody can say then
that the consent still holds.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError

from config.live_server.child import seal_again
from config.live_server.database import in_database
from generation.admission.admission import SOONEST_RETRY_S
from generation.models import LiveSession, LiveState
from generation.services.live import spool
from generation.services.live.ending import end_lost_sessions
from generation.services.live.reasons import LiveEnd
from generation.services.live.room import LiveBusy, announce, announce_gone
from generation.services.live.starting import say_seen, states_of

LOOK_EVERY_S: Final = 0.2
BLIND_S: Final = 1.0  # without an answer of the database
ANNOUNCE_EVERY_S: Final = 5.0
SWEEP_EVERY_S: Final = 30.0

logger = logging.getLogger(__name__)


class Ended(asyncio.Event):
    """Set when a session has to stop; `code` says why."""

    code: str = ""

    def because(self, code: str) -> None:
        """Stop the session for this reason, unless it has one."""
        self.code = self.code or code
        self.set()


class RunningSessions:
    """All sessions of this server."""

    def __init__(self) -> None:
        self._ended: dict[str, Ended] = {}
        self._held: set[str] = set()  # those whose process has not ended yet
        port = urlsplit(settings.LIKENESS_LIVE_URL).port or 443
        self.name = f"live@{socket.gethostname()}:{port}"  # several may run on one machine

    def require_place(self) -> None:
        """Let one more connection pass. Raises LiveBusy where as many run as may, whatever admission saw."""
        if len(self._ended) >= settings.LIKENESS_LIVE_SESSIONS:
            raise LiveBusy(SOONEST_RETRY_S)

    def add(self, session_id: str) -> Ended:
        """Watch over a session from now on."""
        self._held.add(session_id)
        self._ended[session_id] = Ended()
        return self._ended[session_id]

    def stop_watching(self, session_id: str) -> None:
        """Its stream has ended; its process may be sealing."""
        self._ended.pop(session_id, None)

    def remove(self, session_id: str) -> None:
        """Its process has ended."""
        self._held.discard(session_id)

    async def watch(self) -> None:
        """Ask for the sessions' states again and again."""
        answered = time.monotonic()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._ended:
                answered = time.monotonic()
                continue
            try:
                async with asyncio.timeout(BLIND_S):
                    states = await in_database(states_of, list(self._ended))
            except (DatabaseError, TimeoutError):
                states = None
            if states is None:
                if time.monotonic() - answered > BLIND_S:
                    for ended in self._ended.values():
                        ended.because(LiveEnd.WORKER_LOST)
                continue
            answered = time.monotonic()
            for session_id, ended in self._ended.items():
                state, code = states.get(session_id, (LiveState.ENDED, LiveEnd.WORKER_LOST))
                if state == LiveState.ENDED:
                    ended.because(code)

    async def announce(self) -> None:
        """Say again and again that this server is there, and its sessions with it."""
        while True:
            try:
                slots, address = settings.LIKENESS_LIVE_SESSIONS, settings.LIKENESS_LIVE_URL
                await in_database(announce, self.name, slots, address)
                await in_database(say_seen, list(self._held))
            except DatabaseError:
                logger.warning("The live server could not write that it is there")
            await asyncio.sleep(ANNOUNCE_EVERY_S)

    async def sweep(self) -> None:
        """End lost sessions, and seal what killed processes left on this machine, again and again."""
        while True:
            try:
                await in_database(end_lost_sessions)
                for session_id in await in_database(_left_behind):
                    if session_id not in self._held:
                        await seal_again(session_id)
            except (DatabaseError, OSError):
                logger.exception("Live sessions could not be swept")
            await asyncio.sleep(SWEEP_EVERY_S)

    async def leave(self) -> None:
        """Take no more sessions, and stop those that run."""
        await in_database(announce_gone, self.name)
        for ended in self._ended.values():
            ended.because(LiveEnd.WORKER_LOST)


def _left_behind() -> list[str]:
    """Ended sessions that have a spool on this machine."""
    found = list(spool.spooled_sessions())
    ended = LiveSession.objects.filter(pk__in=found, state=LiveState.ENDED).values_list("pk", flat=True)
    return list(ended)
