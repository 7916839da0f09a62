"""One WebSocket: a token opens its session; then sound and control messages go in, the stream comes out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from config.live_server.child import SessionChild, note_of
from config.live_server.database import in_database
from config.live_server.running import Ended, RunningSessions
from generation.admission.admission import Busy
from generation.live.opus.wire import MOST_PACKET_BYTES
from generation.live.wire import BASELINE, HIGH, OPUS, PCM, Kind, WireBroken
from generation.models import LiveSession
from generation.services.live.ending import end_session
from generation.services.live.reasons import LiveEnd, reason_of
from generation.services.live.refusals import LiveMessageInvalid
from generation.services.live.room import row_name
from generation.services.live.starting import claim_session
from provenance.common.errors import CodedError

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

TOKEN_S: Final = 10.0
TAKES_S: Final = 5.0  # a viewer that does not take what was sent for so long is gone
LAST_PICTURES_S: Final = 3.0  # that pictures under way have when the session is ended in order
MOST_SOUND_BYTES: Final = 64_000  # two seconds in one message
MOST_TEXT: Final = 10_000
NORMAL, REFUSED, ENDED = 1000, 4401, 4000  # close codes of RFC 6455; 4000 and above are ours

logger = logging.getLogger(__name__)


class Gone(Exception):
    """The client has closed the connection, or takes nothing any more."""


class SessionSocket:
    """Serves one connection."""

    def __init__(self, receive: Receive, send: Send, running: RunningSessions) -> None:
        self._receive, self._send, self._running = receive, send, running
        self._codec = PCM

    async def serve(self) -> None:
        """From the token to the end. Whatever happens, the database has the session's end and its reason."""
        try:
            async with asyncio.timeout(TOKEN_S):
                token, self._codec, profile = await self._start()
                self._running.require_place()
                session = await in_database(claim_session, token, row_name(self._running.name))
        except (CodedError, Gone, TimeoutError) as refusal:
            await self._refuse(refusal)
            return
        ended = self._running.add(session.id)
        child = await SessionChild.start(session.id, profile)
        try:
            await child.control({"type": "codec", "codec": self._codec})
            await self._stream(session, child, ended)
        finally:
            self._running.stop_watching(session.id)
            await child.close()
            self._running.remove(session.id)

    async def _stream(self, session: LiveSession, child: SessionChild, ended: Ended) -> None:
        now, valid_until = timezone.now(), session.consent.valid_until
        time_over = now + timedelta(seconds=session.max_s)
        tasks = {
            asyncio.create_task(self._hand_in(child, ended)),
            asyncio.create_task(self._hand_out(child, ended)),
            asyncio.create_task(_end_after(time_over - now, ended, LiveEnd.TIME_OVER)),
            asyncio.create_task(_end_after(valid_until - now, ended, LiveEnd.CONSENT_ENDED)),
            asyncio.create_task(ended.wait()),
        }
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        ended.because(LiveEnd.CONNECTION_LOST)
        # From here on nothing of the stream is sent: a message half handed over is the last one.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        reason = LiveEnd(ended.code)
        told = asyncio.create_task(self._tell_end(reason))
        await child.control({"type": "end", "reason": reason.value})
        await in_database(end_session, session_id=session.id, reason=reason)
        await told

    async def _hand_in(self, child: SessionChild, ended: Ended) -> None:
        """From the client to the process."""
        while True:
            try:
                message = await self._next()
            except Gone:
                ended.because(LiveEnd.CONNECTION_LOST)
                return
            if (data := message.get("bytes")) is not None:
                if not _is_sound(data, self._codec):
                    await self._say(_refused(LiveMessageInvalid()))
                    continue
                await child.sound(data)
                continue
            try:
                control = read_control(message.get("text") or "")
            except LiveMessageInvalid as refusal:
                await self._say(_refused(refusal))
                continue
            if control["type"] == "end":
                await child.control({"type": "end", "reason": LiveEnd.ENDED_BY_PARTNER.value})
                await asyncio.sleep(LAST_PICTURES_S)  # `_hand_out` ends first, behind the last picture
                ended.because(LiveEnd.ENDED_BY_PARTNER)
                return
            await child.control(control)

    async def _hand_out(self, child: SessionChild, ended: Ended) -> None:
        """From the process to the client."""
        try:
            async for kind, payload in child.messages():
                if ended.is_set():
                    return
                if kind is Kind.MEDIA:
                    await self._take({"type": "websocket.send", "bytes": payload})
                elif kind is Kind.NOTE:
                    await self._say(note_of(payload))
                elif kind is Kind.END:
                    end = note_of(payload)
                    if end.get("refusal"):
                        await self._say({"type": "refused", **end["refusal"]})
                    ended.because(end["code"])
                    return
        except WireBroken:
            ended.because(LiveEnd.WORKER_LOST)
        except Gone:
            ended.because(LiveEnd.CONNECTION_LOST)

    async def _start(self) -> tuple[str, str, str]:
        """Token, codec and profile of the first message; no token where it is none."""
        message = await self._next()
        try:
            first = json.loads(message.get("text") or "")
            token, codec = first["token"] if first["type"] == "start" else "", first.get("sound", PCM)
            profile = first.get("profile", HIGH)
        except (ValueError, KeyError, TypeError, AttributeError):
            return "", PCM, HIGH
        is_known = isinstance(token, str) and codec in (PCM, OPUS) and profile in (HIGH, BASELINE)
        return (token, codec, profile) if is_known else ("", PCM, HIGH)

    async def _next(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise Gone
        return message

    async def _say(self, values: dict[str, Any]) -> None:
        await self._take({"type": "websocket.send", "text": json.dumps(values)})

    async def _take(self, message: MutableMapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(TAKES_S):
                await self._send(message)
        except (OSError, TimeoutError, RuntimeError) as error:
            raise Gone from error

    async def _tell_end(self, reason: LiveEnd) -> None:
        said = reason_of(reason)
        with contextlib.suppress(Gone):
            await self._say({"type": "ended", "code": said.code, "message": said.message, "hint": said.hint})
            await self._take({"type": "websocket.close", "code": ENDED, "reason": said.code})

    async def _refuse(self, refusal: BaseException) -> None:
        if isinstance(refusal, CodedError):
            with contextlib.suppress(Gone):
                await self._say(_refused(refusal))
        with contextlib.suppress(Gone):
            await self._take({"type": "websocket.close", "code": REFUSED})


def read_control(text: str) -> dict[str, Any]:
    """A control message of a client: `direct` with controls, `stop`, or `end`. Raises LiveMessageInvalid."""
    if len(text) > MOST_TEXT:
        raise LiveMessageInvalid
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LiveMessageInvalid from error
    match message:
        case {"type": "direct", "controls": dict(values)} if values:
            return {"type": "direct", "controls": values}
        case {"type": "stop" | "end" as kind}:
            return {"type": kind}
    raise LiveMessageInvalid


def _is_sound(data: bytes, codec: str) -> bool:
    if codec == OPUS:
        return 0 < len(data) <= MOST_PACKET_BYTES
    return len(data) <= MOST_SOUND_BYTES and len(data) % 2 == 0


def _refused(refusal: CodedError) -> dict[str, Any]:
    told = {"type": "refused", "code": refusal.code, "message": refusal.message, "hint": refusal.hint}
    return told | ({"retry_after_s": refusal.retry_after_s} if isinstance(refusal, Busy) else {})


async def _end_after(left: timedelta, ended: Ended, reason: LiveEnd) -> None:
    await asyncio.sleep(max(left.total_seconds(), 0.0))
    ended.because(reason)
