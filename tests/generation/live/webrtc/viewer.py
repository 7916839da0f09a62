"""A WebRTC peer that speaks, watches and is told, and requests to a gateway in the same process."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
from aiortc import RTCPeerConnection
from aiortc.mediastreams import AudioStreamTrack

from generation.live.webrtc.gateway import PATH, Gateway


async def asked(gateway: Gateway, method: str, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    """What the gateway answers to one request."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode()}

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await gateway({"type": "http", "method": method, "path": PATH, "headers": pairs}, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"] or b"{}")


class Viewer:
    """A peer that speaks noise and keeps what it sees and hears."""

    def __init__(self) -> None:
        self.connection = RTCPeerConnection()
        self.channel = self.connection.createDataChannel("control")
        self.connection.addTrack(AudioStreamTrack())
        self.connection.addTransceiver("video", direction="recvonly")
        self.pictures: list[Any] = []
        self.sound: list[np.ndarray] = []
        self.notes: list[dict[str, Any]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.connection.on("track", self._begin)
        self.channel.on("message", lambda message: self.notes.append(json.loads(message)))
        self.channel.on("open", lambda: self.channel.send(json.dumps({"type": "stop"})))

    def _begin(self, track: Any) -> None:
        self._tasks.append(asyncio.ensure_future(self._take(track)))

    async def _take(self, track: Any) -> None:
        while True:
            frame = await track.recv()
            if track.kind == "video":
                self.pictures.append(frame)
            else:
                self.sound.append(frame.to_ndarray()[0])

    async def offer(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.connection.close()
