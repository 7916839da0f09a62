"""The ASGI application of live sessions: one path for WebSockets, and a sign of life."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings

from config.live_server.running import RunningSessions
from config.live_server.session_socket import Receive, Send, SessionSocket

FORBIDDEN: Final = 4403


class LiveApplication:
    """Call it as ASGI does. The sessions of one application run in one event loop."""

    def __init__(self) -> None:
        self._running = RunningSessions()
        self._tasks: list[asyncio.Task[None]] = []
        self._path = urlsplit(settings.LIKENESS_LIVE_URL).path

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection, or go through a server's life."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        else:
            await _answer(scope, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        works = (self._running.watch, self._running.announce, self._running.sweep)
        self._tasks = [asyncio.create_task(work()) for work in works]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._running.leave()
        for task in self._tasks:
            task.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _connect(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        await receive()  # "websocket.connect"
        if scope["path"] != self._path or not _is_own_page(scope):
            await send({"type": "websocket.close", "code": FORBIDDEN})
            return
        await send({"type": "websocket.accept"})
        await SessionSocket(receive, send, self._running).serve()


def _is_own_page(scope: MutableMapping[str, Any]) -> bool:
    """Whether a connection comes from a page of ours, or from a program, which states no origin."""
    origins = [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    return all(origin == settings.LIKENESS_BASE_URL for origin in origins)


async def _answer(scope: MutableMapping[str, Any], send: Send) -> None:
    is_there = scope["path"] == "/livez"
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200 if is_there else 404, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"ok": true}' if is_there else b"{}"})
