"""The ASGI server of the gateway: `uvicorn generation.live.webrtc.gateway:application`.

`POST` at its path with JSON `token` and `sdp`, an offer with all candidates; the answer has `sdp`. `GET`
gives the STUN and TURN servers that both sides may use.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from aiortc import RTCConfiguration, RTCIceServer

from generation.live.webrtc.peer import Peer, PeerRefused

MOST_BODY_BYTES: Final = 64 * 1024
PATH: Final = "/live/webrtc"
LIVEZ: Final = "/livez"
TURN_S: Final = 6 * 3600  # that a credential for TURN is good for: longer than a session lasts

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gateway:
    """Call it as ASGI does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Raises ValueError for settings that are none."""
        self._upstream = environment.get("LIKENESS_LIVE_UPSTREAM_URL") or environment.get(
            "LIKENESS_LIVE_URL", "ws://localhost:8001/live/"
        )
        if urlsplit(self._upstream).scheme not in {"ws", "wss"}:
            raise ValueError("LIKENESS_LIVE_UPSTREAM_URL has to begin with ws:// or wss://.")
        self._origin = environment.get("LIKENESS_BASE_URL", "http://localhost:8000")
        self._ice = ice_servers(environment.get("LIKENESS_WEBRTC_ICE_SERVERS", "[]"))
        self._turn_secret = environment.get("LIKENESS_WEBRTC_TURN_SECRET", "")
        self._most = int(environment.get("LIKENESS_WEBRTC_PEERS", "16"))
        self._peers: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or go through a server's life."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        if scope["path"] == LIVEZ:
            await self._answer(send, 200, {"ok": True})
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin", self._origin)
        if scope["path"] != PATH or origin != self._origin:
            await self._answer(send, 404, {})
        elif scope["method"] == "OPTIONS":
            await self._answer(send, 204, None)
        elif scope["method"] == "GET":
            await self._answer(send, 200, {"iceServers": self._servers()})
        elif scope["method"] == "POST":
            await self._open(receive, send)
        else:
            await self._answer(send, 405, {})

    async def _open(self, receive: Receive, send: Send) -> None:
        try:
            wish = json.loads(await _body(receive))
            token, sdp = str(wish["token"]), str(wish["sdp"])
        except (ValueError, KeyError, TypeError, RecursionError):
            await self._answer(send, 422, {"code": "live_message_invalid"})
            return
        if len(self._peers) >= self._most:
            await self._answer(send, 503, {"code": "busy", "retry_after_s": 30})
            return
        servers = [RTCIceServer(**one) for one in self._servers()]
        peer = Peer(self._upstream, RTCConfiguration(iceServers=servers))
        try:
            answer = await peer.answer(token, sdp)
        except PeerRefused as refusal:
            await self._answer(send, 409, refusal.problem)
            return
        task = asyncio.ensure_future(peer.wait())
        self._peers.add(task)
        task.add_done_callback(self._peers.discard)
        await self._answer(send, 201, {"sdp": answer, "type": "answer"})

    def _servers(self) -> list[dict[str, Any]]:
        return [with_credential(one, self._turn_secret, time.time()) for one in self._ice]

    async def _answer(self, send: Send, status: int, values: Mapping[str, Any] | None) -> None:
        headers = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"access-control-allow-origin", self._origin.encode()),
            (b"access-control-allow-headers", b"content-type"),
            (b"vary", b"origin"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = b"" if values is None else json.dumps(values).encode()
        await send({"type": "http.response.body", "body": body})


def ice_servers(text: str) -> list[dict[str, Any]]:
    """STUN and TURN servers from JSON as RTCPeerConnection takes them. Raises ValueError."""
    servers = json.loads(text)
    known = {"urls", "username", "credential"}
    is_list = isinstance(servers, list) and all(
        isinstance(one, dict) and "urls" in one and one.keys() <= known for one in servers
    )
    if not is_list:
        raise ValueError("LIKENESS_WEBRTC_ICE_SERVERS is a JSON list of urls, username and credential.")
    return list(servers)


def with_credential(server: Mapping[str, Any], secret: str, now_s: float) -> dict[str, Any]:
    """A TURN server without a credential with one that expires, made of the secret that it shares with us.

    As TURN servers check it (coturn's `use-auth-secret`): the name begins with its end in seconds since 1970,
    the credential is the HMAC-SHA1 of the name.
    """
    urls = server["urls"] if isinstance(server["urls"], list) else [server["urls"]]
    is_turn = any(str(url).startswith(("turn:", "turns:")) for url in urls)
    if not secret or not is_turn or "credential" in server:
        return dict(server)
    username = f"{int(now_s) + TURN_S}:likeness"
    digest = hmac.digest(secret.encode(), username.encode(), hashlib.sha1)
    return {**server, "username": username, "credential": base64.b64encode(digest).decode()}


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BODY_BYTES:
            raise ValueError
        if not message.get("more_body"):
            return body


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


application = Gateway(os.environ)
