"""What a connection of the live server lets through, and when it stops."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, MutableMapping
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from config.live_server import running, session_socket
from config.live_server.application import LiveApplication
from config.live_server.running import RunningSessions
from config.live_server.session_socket import SessionSocket, read_control
from generation.live.wire import Kind, WireBroken
from generation.models import LiveState
from generation.services.live.refusals import LiveMessageInvalid, LiveTokenUnknown

Message = MutableMapping[str, Any]


class Client:
    """A browser: what it says, and what it was sent."""

    def __init__(self, *says: Message) -> None:
        self._says = list(says)
        self.heard: list[tuple[float, Message]] = []

    async def receive(self) -> Message:
        if self._says:
            return self._says.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(self, message: Message) -> None:
        self.heard.append((time.monotonic(), message))

    def texts(self) -> list[dict[str, Any]]:
        return [json.loads(message["text"]) for _, message in self.heard if message.get("text")]


class EndlessChild:
    """A process that sends media for ever, or dies after some."""

    def __init__(self, dies_after: int = 10**6) -> None:
        self.told: list[Any] = []
        self._left = dies_after

    async def messages(self) -> AsyncIterator[tuple[Kind, bytes]]:
        while self._left:
            self._left -= 1
            await asyncio.sleep(0.005)
            yield Kind.MEDIA, b"marked"
        raise WireBroken

    async def sound(self, pcm: bytes) -> None:
        self.told.append(pcm)

    async def control(self, message: dict[str, Any]) -> None:
        self.told.append(message)

    async def close(self) -> None:
        return


START = {"type": "websocket.receive", "text": json.dumps({"type": "start", "token": "t"})}


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The database, in place of which this says what it would: the state of the only session, and its end."""
    known: dict[str, Any] = {"lvr_1": (LiveState.LIVE, "")}
    consent = SimpleNamespace(valid_until=timezone.now() + timedelta(days=1))
    session = SimpleNamespace(id="lvr_1", max_s=60, consent=consent)

    def states_of(session_ids: list[str]) -> dict[str, tuple[str, str]]:
        if "broken" in known:
            raise DatabaseError
        return {session_id: known[session_id] for session_id in session_ids}

    def end_session(*, session_id: str, reason: str) -> None:
        known["ended"] = reason

    monkeypatch.setattr(session_socket, "claim_session", lambda token, server: session)
    monkeypatch.setattr(session_socket, "end_session", end_session)
    monkeypatch.setattr(running, "states_of", states_of)
    monkeypatch.setattr("config.live_server.database.close_old_connections", lambda: None)
    known["session"] = session
    return known


def served(client: Client, child: EndlessChild, monkeypatch: pytest.MonkeyPatch, act: Any = None) -> None:
    async def start(session_id: str, profile: str) -> EndlessChild:
        return child

    async def serve() -> None:
        monkeypatch.setattr("config.live_server.session_socket.SessionChild.start", start)
        sessions = RunningSessions()
        watching = asyncio.create_task(sessions.watch())
        serving = asyncio.create_task(SessionSocket(client.receive, client.send, sessions).serve())
        await asyncio.sleep(0.3)
        if act is not None:
            act()
        await asyncio.wait_for(serving, 10)
        watching.cancel()

    asyncio.run(serve())


def test_nothing_is_sent_any_more_once_the_session_has_ended_in_the_database(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(START)

    def withdraw() -> None:
        state["lvr_1"] = (LiveState.ENDED, "consent_withdrawn")

    served(client, EndlessChild(), monkeypatch, withdraw)
    kinds = ["media" if message.get("bytes") else message["type"] for _, message in client.heard]
    assert kinds.count("media") > 5
    assert kinds[-2:] == ["websocket.send", "websocket.close"]
    assert client.texts()[-1]["type"] == "ended"
    assert client.texts()[-1]["code"] == "consent_withdrawn"


def test_it_stops_when_the_database_does_not_answer(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(START)
    served(client, EndlessChild(), monkeypatch, lambda: state.update(broken=True))
    assert client.texts()[-1]["code"] == state["ended"] == "worker_lost"


def test_a_process_that_dies_ends_the_session_and_the_viewer_is_told(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(START)
    served(client, EndlessChild(dies_after=20), monkeypatch)
    assert client.texts()[-1]["code"] == state["ended"] == "worker_lost"


def test_a_viewer_who_goes_ends_the_session(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(START, {"type": "websocket.disconnect", "code": 1001})
    served(client, EndlessChild(), monkeypatch)
    assert state["ended"] == "connection_lost"


def test_it_ends_when_its_time_is_over(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    state["session"].max_s = 0.2
    client = Client(START)
    served(client, EndlessChild(), monkeypatch)
    assert client.texts()[-1]["code"] == "time_over"


def test_it_ends_when_the_consent_does(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    state["session"].consent.valid_until = timezone.now() + timedelta(seconds=0.2)
    client = Client(START)
    served(client, EndlessChild(), monkeypatch)
    assert client.texts()[-1]["code"] == "consent_ended"


def test_sound_and_control_messages_are_handed_on_and_others_refused(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ['{"type": "stop"}', '{"type": "sing"}', '{"type": "direct", "controls": {"gaze_yaw": 3}}']
    client = Client(
        START,
        {"type": "websocket.receive", "bytes": b"\1\0" * 320},
        {"type": "websocket.receive", "bytes": b"\1\0\1"},
        *({"type": "websocket.receive", "text": text} for text in texts),
        {"type": "websocket.disconnect", "code": 1000},
    )
    child = EndlessChild()
    served(client, child, monkeypatch)
    assert child.told[:4] == [
        {"type": "codec", "codec": "pcm"},
        b"\1\0" * 320,
        {"type": "stop"},
        {"type": "direct", "controls": {"gaze_yaw": 3}},
    ]
    assert [text["code"] for text in client.texts()[:2]] == ["live_message_invalid"] * 2


def test_a_speaker_may_send_opus(state: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    start = json.dumps({"type": "start", "token": "t", "sound": "opus"})
    client = Client(
        {"type": "websocket.receive", "text": start},
        {"type": "websocket.receive", "bytes": b"odd"},
        {"type": "websocket.receive", "bytes": bytes(5000)},
        {"type": "websocket.disconnect", "code": 1000},
    )
    child = EndlessChild()
    served(client, child, monkeypatch)
    assert child.told[:2] == [{"type": "codec", "codec": "opus"}, b"odd"]
    assert [text["code"] for text in client.texts()[:1]] == ["live_message_invalid"]


def test_a_server_that_is_full_says_when_to_come_again(
    state: dict[str, Any], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LIKENESS_LIVE_SESSIONS = 0
    client = Client(START)
    served(client, EndlessChild(), monkeypatch)
    assert client.texts()[0]["code"] == "busy"
    assert client.texts()[0]["retry_after_s"] > 0


def test_a_token_that_opens_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def claim(token: str, server: str) -> None:
        raise LiveTokenUnknown

    monkeypatch.setattr(session_socket, "claim_session", claim)
    client = Client(START)
    asyncio.run(SessionSocket(client.receive, client.send, RunningSessions()).serve())
    assert client.texts()[0]["code"] == "live_token_unknown"
    assert client.heard[-1][1]["type"] == "websocket.close"


@pytest.mark.parametrize(
    ("path", "origin"), [("/live/", "https://elsewhere.example"), ("/other/", "http://localhost:8000")]
)
def test_pages_of_others_and_other_paths_are_turned_away(path: str, origin: str) -> None:
    client = Client({"type": "websocket.connect"})
    scope = {"type": "websocket", "path": path, "headers": [(b"origin", origin.encode())]}
    asyncio.run(LiveApplication()(scope, client.receive, client.send))
    assert [message["type"] for _, message in client.heard] == ["websocket.close"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"type": "direct"}', '{"type": "direct", "controls": {}}', '{"type": "x"}', "[" * 9999],
)
def test_messages_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(LiveMessageInvalid):
        read_control(text)
