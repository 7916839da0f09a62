"""A program speaks live: in Python and TypeScript, with each second checked as it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from likeness import Client, LiveStream, ServiceRefusal, ServiceUnreachable, live_speech
from likeness.client.answers import LiveOpenedInfo
from tests.likeness.client.live_service import HEAD, LiveService, live_service
from tests.likeness.client.stub_service import Prepared, StubService
from tests.likeness.client.test_typescript_client import run


@pytest.fixture
def live() -> Iterator[LiveService]:
    with live_service() as running:
        yield running


def opened(live: LiveService, token: str = "good") -> LiveOpenedInfo:  # noqa: S107 - of a stand-in
    return LiveOpenedInfo("lvr_1", live.url, token, datetime.now(UTC), 60)


def test_speech_goes_in_and_the_stream_comes_out(live: LiveService, stub: StubService) -> None:
    stub.prepare("/v1/live", Prepared(201, live.opened()))
    with Client(stub.url, "key") as client:
        told = client.open_live("por_1", voice="synthetic", size=256)
    assert json.loads(stub.bodies[-1]) == {
        "portrait_id": "por_1", "voice": "synthetic", "keep": False, "size": 256
    }  # fmt: skip
    notes: list[str] = []
    with LiveStream(told, on_note=lambda note: notes.append(note["type"])) as stream:
        stream.direct(gaze_yaw=10.0)
        stream.speak_all([bytes(64)] * 11)
        stream.stop()
    assert bytes(stream.received) == HEAD + bytes(64 * 11)
    assert (stream.segments, stream.is_whole, stream.is_over) == (2, True, True)
    assert stream.end_reason is not None
    assert stream.end_reason.code == "ended_by_partner"
    assert [one["type"] for one in live.said] == ["start", "direct", "stop", "end"]
    assert notes == ["ready", "segment", "segment", "ended"]


def test_a_second_that_was_changed_on_the_way_is_seen(live: LiveService) -> None:
    live.spoils = 1
    with LiveStream(opened(live)) as stream:
        stream.speak_all([bytes(64)] * 15)
    assert (stream.segments, stream.is_whole) == (3, False)


def test_a_refusal_says_why(live: LiveService) -> None:
    with pytest.raises(ServiceRefusal) as refused, LiveStream(opened(live, "bad")):
        pytest.fail("It was let in.")
    assert refused.value.code == "live_token_unknown"


@pytest.mark.parametrize("rate", [16_000, 22_050, 44_100, 48_000])
def test_any_synthesiser_s_rate_is_brought_to_that_of_a_session(rate: int) -> None:
    times = np.arange(rate) / rate
    tone = (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()
    pieces = (tone[at : at + 1001] for at in range(0, len(tone), 1001))  # some end inside a sample
    speech = np.frombuffer(b"".join(live_speech(pieces, rate)), "<i2")
    assert abs(len(speech) - 16_000) < 60
    spectrum = np.abs(np.fft.rfft(speech[100:-100]))
    assert abs(spectrum.argmax() * 16_000 / (len(speech) - 200) - 440) < 2
    assert abs(int(speech.max()) - 8000) < 200


def test_the_typescript_client_speaks(live: LiveService, stub: StubService, tmp_path: Path) -> None:
    stub.prepare("/v1/live", Prepared(201, live.opened()))
    answer = run(
        tmp_path,
        """
import { LiveStream } from "LIVE";
const likeness = new Client(server, key);
const opened = await likeness.openLive({ portrait_id: "por_1", voice: "synthetic" });
let media = 0;
const live = await LiveStream.connect(opened, { onMedia: (data) => { media += data.length; } });
live.direct({ gaze_yaw: 5 });
for (let piece = 0; piece < 10; piece++) live.speak(new Int16Array(32));
await live.end();
let refused = "";
try { await LiveStream.connect({ ...opened, token: "bad" }); }
catch (error) { refused = (error as LikenessError).code; }
const { segments, isWhole: whole, endReason } = live;
console.log(JSON.stringify({ media, segments, whole, end: endReason?.code, refused }));
""".replace("LIVE", str(Path(__file__).parents[3] / "clients/typescript/live.ts")),
        stub.url,
        "key",
    )
    assert answer == {
        "media": len(HEAD) + 640,
        "segments": 2,
        "whole": True,
        "end": "ended_by_partner",
        "refused": "live_token_unknown",
    }


def test_who_does_not_speak_of_live_sessions_is_not_reached(live: LiveService, stub: StubService) -> None:
    web = stub.url.replace("http://", "ws://") + "/live/"
    for url in (web, stub.url, "ws://127.0.0.1:1/live/"):
        with pytest.raises(ServiceUnreachable), LiveStream(replace(opened(live), url=url)):
            pytest.fail("It was let in.")
