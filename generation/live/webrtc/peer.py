"""One peer: its WebRTC connection on one side, a WebSocket to the live server on the other."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from typing import Any, Final

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcrtpsender import RTCRtpSender
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from generation.live.webrtc.fragments import StreamReader, StreamUnreadable
from generation.live.webrtc.tracks import OutTrack, SoundDecoder, packet_of, speech_of

STARTS_S: Final = 120.0  # as clients wait: a process starts, and on a busy machine slowly
TOLD_S: Final = 1.0  # that the last note has to reach the peer: closing would throw it away
GONE: Final = {"failed", "closed"}
CONTROL: Final = "control"
SENT: Final = {"video/H264", "video/rtx"}


class PeerRefused(Exception):
    """The live server lets nobody in with this token, or the offer cannot be answered. `problem` says why."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("code"))
        self.problem = problem


class Peer:
    """Holds one session for one peer."""

    def __init__(self, upstream: str, ice: RTCConfiguration) -> None:
        self._upstream = upstream
        self._connection = RTCPeerConnection(ice)
        self._picture, self._sound = OutTrack("video"), OutTrack("audio")
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket: ClientConnection | None = None
        self._channel: Any = None
        self._notes: list[str] = []  # told before there was a channel
        self._over = asyncio.Event()

    async def answer(self, token: str, sdp: str) -> str:
        """Open the session and answer the offer; the SDP of the answer. Raises PeerRefused."""
        try:
            self._socket = socket = await connect(self._upstream, max_size=None, compression=None)
            first = {"type": "start", "token": token, "sound": "pcm", "profile": "baseline"}
            await socket.send(json.dumps(first))
            async with asyncio.timeout(STARTS_S):
                ready = json.loads(await socket.recv())
        except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError) as error:
            await self.close()
            raise PeerRefused(UNREACHABLE) from error
        if ready["type"] != "ready":
            await self.close()
            raise PeerRefused({name: ready.get(name, "") for name in ("code", "message", "hint")})
        try:
            await self._negotiate(sdp)
        except Exception as error:
            await self.close()
            raise PeerRefused(OFFER_INVALID) from error
        self._tell(json.dumps(ready))
        self._start(self._hand_out(socket, int(ready["fps"])))
        return str(self._connection.localDescription.sdp)

    async def wait(self) -> None:
        """Return when the session is over, or the peer is gone; everything is closed then."""
        await self._over.wait()
        await self.close()

    async def close(self) -> None:
        """Close both sides: the live server ends the session, the peer is told by the end of its tracks."""
        self._over.set()
        self._picture.end()
        self._sound.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()
        await self._connection.close()

    async def _negotiate(self, sdp: str) -> None:
        connection = self._connection
        connection.on("track", self._hear)
        connection.on("datachannel", self._open_channel)
        connection.on("connectionstatechange", self._follow)
        # Nothing else is sent than what was marked and encoded: H.264 as it left the session.
        picture = connection.addTransceiver(self._picture, direction="sendonly")
        codecs = RTCRtpSender.getCapabilities("video").codecs
        picture.setCodecPreferences([one for one in codecs if one.mimeType in SENT])
        connection.addTransceiver(self._sound, direction="sendrecv")
        await connection.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
        await connection.setLocalDescription(await connection.createAnswer())

    def _hear(self, track: Any) -> None:
        if track.kind == "audio":
            self._start(self._hand_in(track))

    def _open_channel(self, channel: Any) -> None:
        if channel.label != CONTROL:
            return
        self._channel = channel
        channel.on("message", lambda message: self._start(self._forward(message)))
        for note in self._notes:
            channel.send(note)
        self._notes.clear()

    def _follow(self) -> None:
        if self._connection.connectionState in GONE:
            self._over.set()

    async def _hand_in(self, track: Any) -> None:
        async for pcm in speech_of(track):
            await self._forward(pcm)

    async def _forward(self, message: str | bytes) -> None:
        if self._socket is not None:
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(message)

    async def _hand_out(self, socket: ClientConnection, fps: int) -> None:
        try:
            with contextlib.suppress(ConnectionClosed, StreamUnreadable):
                await self._relay(socket, fps)
            self._picture.end()
            self._sound.end()
            await asyncio.sleep(TOLD_S)
        finally:
            self._over.set()

    async def _relay(self, socket: ClientConnection, fps: int) -> None:
        reader, decoder = StreamReader(fps), SoundDecoder()
        async for message in socket:
            if isinstance(message, str):
                self._tell(message)
                continue
            piece = reader.read(message)
            if piece is None:
                continue
            if piece.is_picture:
                self._picture.put(packet_of(piece))
            else:
                for frame in decoder.frames(piece):
                    self._sound.put(frame)

    def _tell(self, note: str) -> None:
        if self._channel is None:
            self._notes = [*self._notes[-50:], note]
        elif self._channel.readyState == "open":
            self._channel.send(note)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


UNREACHABLE: Final = {
    "code": "busy",
    "message": "The server of live sessions does not answer.",
    "hint": "Try again; a token works once.",
}
OFFER_INVALID: Final = {
    "code": "live_message_invalid",
    "message": "This offer cannot be answered.",
    "hint": "Offer one video and one audio transceiver with H.264 and Opus, and a data channel `control`.",
}
