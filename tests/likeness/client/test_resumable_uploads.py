"""The client sends a large file in pieces and goes on where the connection broke."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner
from generation.models import ResumableUpload
from generation.services.resumable import uploading
from likeness.client import client as client_module
from likeness.client import resumable
from likeness.client.client import Client
from likeness.errors import ServiceRefusal, ServiceUnreachable
from tests.factories import issue_key
from tests.generation.intake.files import speech, wav


@pytest.mark.django_db(transaction=True)
def test_it_goes_on_where_the_connection_broke(
    live_server: LiveServer, partner_a: Partner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "LEAST_PIECE_BYTES", 1000)
    for module, name in ((resumable, "PIECE_BYTES"), (client_module, "UPLOAD_PIECE_BYTES")):
        monkeypatch.setattr(module, name, 16_000)
    monkeypatch.setattr("time.sleep", lambda _: None)
    file = tmp_path / "speech.wav"
    file.write_bytes(wav(speech(1)))
    client = Client(live_server.url, issue_key(partner_a))
    sent: list[str] = []
    send = client._transport.send

    def breaking(method: str, path: str, **arguments: Any) -> Any:
        sent.append(method)
        if sent.count("PATCH") == 2 and method == "PATCH":  # it never arrives
            raise ServiceUnreachable("gone")
        answer = send(method, path, **arguments)
        if sent.count("PATCH") == 4 and method == "PATCH":  # it arrives, and its answer does not
            raise ServiceUnreachable("gone")
        return answer

    monkeypatch.setattr(client._transport, "send", breaking)

    recording = client.upload_audio(file, voice="synthetic")

    assert recording.duration_s == pytest.approx(1, abs=0.05)
    assert sent.count("HEAD") == 2
    assert sent.count("PATCH") == 5  # four pieces, one of them twice


def test_it_gives_up_where_going_on_is_no_use(stub: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from tests.likeness.client.stub_service import Prepared

    monkeypatch.setattr(client_module, "UPLOAD_PIECE_BYTES", 10)
    refusal = {"title": "No room.", "code": "storage_used_up", "hint": "Delete some.", "status": 403}
    stub.prepare("/v1/uploads", Prepared(403, refusal))
    file = tmp_path / "speech.wav"
    file.write_bytes(bytes(100))
    with pytest.raises(ServiceRefusal, match="No room"):
        Client(stub.url, "lk_a_b").upload_audio(file)
    assert stub.asked == [("POST", "/v1/uploads")]


@pytest.mark.django_db(transaction=True)
def test_what_it_gives_up_it_deletes(
    live_server: LiveServer, partner_a: Partner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "UPLOAD_PIECE_BYTES", 1000)
    monkeypatch.setattr("time.sleep", lambda _: None)
    file = tmp_path / "speech.wav"
    file.write_bytes(wav(speech(1)))
    client = Client(live_server.url, issue_key(partner_a))
    send = client._transport.send

    def breaking(method: str, path: str, **arguments: Any) -> Any:
        if method == "PATCH":
            raise ServiceUnreachable("gone")
        return send(method, path, **arguments)

    monkeypatch.setattr(client._transport, "send", breaking)
    with pytest.raises(ServiceUnreachable):
        client.upload_audio(file, voice="synthetic")
    assert not ResumableUpload.objects.exists()
