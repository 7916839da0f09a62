"""A WebRTC peer speaks and sees a session: marked frames as they left it, both ways of sound, control."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from aiortc import RTCSessionDescription
from websockets.asyncio.server import ServerConnection, serve

from generation.live.fragments import SOUND_RATE
from generation.live.marked_stream import MarkedStream
from generation.live.sound_inbox import SAMPLE_RATE
from generation.live.webrtc.gateway import TURN_S, Gateway, ice_servers, with_credential
from generation.live.wire import BASELINE
from generation.pipeline.encode import luma_of
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload
from tests.generation.live.webrtc.viewer import Viewer, asked
from tests.generation.pipeline.moving_portrait import moving_portrait

FPS, SIZE, FRAMES = 25, 256, 50
KEY, PAYLOAD = WatermarkKey(b"k" * 32), WatermarkPayload(7)
DECODED_SCORE = 10.5


@pytest.fixture(scope="module")
def stream() -> list[bytes]:
    """The messages of two seconds of a session in the profile of WebRTC."""
    messages: list[bytes] = []
    marked = MarkedStream(
        size=SIZE, fps=FPS, label=None, payload=PAYLOAD, key=KEY, profile=BASELINE,
        warm_up=moving_portrait("amara", 3, size=SIZE), send=messages.append,
        on_segment=lambda number, digest: None, on_check=lambda check: None,
    )  # fmt: skip
    tone = (np.sin(np.arange(SAMPLE_RATE * FRAMES // FPS) / 6) / 2).astype(np.float32)
    step = SAMPLE_RATE // FPS
    for number, frame in enumerate(moving_portrait("amara", FRAMES, size=SIZE)):
        marked.write_sound(tone[number * step : (number + 1) * step])
        marked.write(frame)
    marked.finish()
    return messages


class LiveServer:
    """The live server, as the gateway sees it."""

    def __init__(self, stream: list[bytes]) -> None:
        self._stream = stream
        self.heard: list[dict[str, Any]] = []
        self.sound = bytearray()
        self.url = ""

    async def _serve(self, socket: ServerConnection) -> None:
        first = json.loads(await socket.recv())
        self.heard.append(first)
        if first["token"] != "good":
            refused = {"type": "refused", "code": "live_token_unknown", "message": "No.", "hint": ""}
            await socket.send(json.dumps(refused))
            return
        await socket.send(json.dumps({"type": "ready", "id": "lvr_1", "fps": FPS}))
        showing = asyncio.ensure_future(self._show(socket))
        async for message in socket:
            if isinstance(message, str):
                self.heard.append(json.loads(message))
            else:
                self.sound += message
        showing.cancel()

    async def _show(self, socket: ServerConnection) -> None:
        await socket.send(self._stream[0])
        await asyncio.sleep(0.5)  # a peer has to connect first
        for message in self._stream[1:]:
            await socket.send(message)
            await asyncio.sleep(1 / FPS / 3)
        await asyncio.sleep(0.5)
        await socket.send(json.dumps({"type": "ended", "code": "consent_ended"}))
        await socket.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LiveServer]:
        async with serve(self._serve, "127.0.0.1", 0) as server:
            self.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/live/"
            yield self


@pytest.mark.slow
def test_a_peer_sees_marked_frames_hears_speaks_and_directs(stream: list[bytes]) -> None:
    async def watch() -> tuple[Viewer, LiveServer]:
        async with LiveServer(stream).running() as server:
            gateway = Gateway({"LIKENESS_LIVE_URL": server.url})
            viewer = Viewer()
            status, answer = await asked(gateway, "POST", {"token": "good", "sdp": await viewer.offer()})
            assert status == 201, answer
            await viewer.connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
            for _ in range(100):
                await asyncio.sleep(0.1)
                if viewer.notes and viewer.notes[-1]["type"] == "ended":
                    break
            await viewer.close()
            return viewer, server

    viewer, server = asyncio.run(watch())
    assert len(viewer.pictures) >= FRAMES - 10
    extractor = Extractor()
    for picture in viewer.pictures[:25]:
        extractor.add(luma_of(picture))
    assert extractor.fit(PAYLOAD, KEY)[1] > 2 * DECODED_SCORE
    heard = np.concatenate(viewer.sound)
    assert np.abs(heard).max() > 5000
    spectrum = np.abs(np.fft.rfft(heard[-2 * SOUND_RATE // 2 :].astype(float)))
    assert spectrum.max() > 20 * np.median(spectrum)
    assert server.heard[0] == {"type": "start", "token": "good", "sound": "pcm", "profile": "baseline"}
    assert {"type": "stop"} in server.heard
    assert len(server.sound) > SAMPLE_RATE // 2
    assert viewer.notes[0]["type"] == "ready"
    assert viewer.notes[-1]["code"] == "consent_ended"


def test_a_token_that_opens_nothing_and_pages_of_others_are_turned_away(stream: list[bytes]) -> None:
    async def ask() -> list[int]:
        async with LiveServer(stream).running() as server:
            gateway = Gateway({"LIKENESS_LIVE_URL": server.url, "LIKENESS_BASE_URL": "https://own.example"})
            viewer = Viewer()
            offer = await viewer.offer()
            status, told = await asked(gateway, "POST", {"token": "bad", "sdp": offer})
            assert told["code"] == "live_token_unknown"
            found = [
                status,
                (await asked(gateway, "POST", {"token": "good", "sdp": "no sdp"}))[0],
                (await asked(gateway, "POST", {"sdp": offer}))[0],
                (await asked(gateway, "POST", {"token": "good", "sdp": offer}, origin="https://b.example"))[
                    0
                ],
                (await asked(gateway, "GET", {}, origin="https://own.example"))[0],
            ]
            await viewer.close()
            return found

    assert asyncio.run(ask()) == [409, 409, 422, 404, 200]


def test_turn_servers_are_settings() -> None:
    turn = [{"urls": "turn:turn.example:3478", "username": "u", "credential": "c"}]
    assert ice_servers(json.dumps(turn)) == turn
    for text in ("{}", '[{"url": "x"}]', '["turn:x"]', "x"):
        with pytest.raises(ValueError):  # noqa: PT011 - JSON's own too
            ice_servers(text)


def test_a_turn_server_that_shares_a_secret_gets_credentials_that_expire() -> None:
    """As coturn checks them (`use-auth-secret`): the HMAC-SHA1 of a name that begins with its end."""
    turn = {"urls": ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]}
    made = with_credential(turn, "north", 1_455_526_483 - TURN_S)
    assert made["username"] == "1455526483:likeness"
    digest = hmac.digest(b"north", b"1455526483:likeness", "sha1")
    assert base64.b64decode(made["credential"]) == digest
    stun, own = {"urls": "stun:stun.example"}, {"urls": "turn:a.example", "username": "u", "credential": "c"}
    assert [with_credential(one, "north", 0) for one in (stun, own)] == [stun, own]
    assert with_credential(turn, "", 0) == turn
    gateway = Gateway(
        {"LIKENESS_WEBRTC_ICE_SERVERS": json.dumps([turn]), "LIKENESS_WEBRTC_TURN_SECRET": "north"}
    )
    status, told = asyncio.run(asked(gateway, "GET", {}))
    assert status == 200
    assert told["iceServers"][0]["credential"]
    assert "north" not in json.dumps(told)
