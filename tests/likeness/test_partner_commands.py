"""The commands of partners: log in once, then upload, ask, create, watch, download and listen."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer
from standardwebhooks import Webhook

from accounts.models import Partner
from generation.models import Portrait
from likeness.commands.account import credentials_path
from likeness.commands.tree import main
from tests.factories import issue_key
from tests.likeness.client.stub_service import Prepared, StubService
from tests.likeness.client.test_client_refusals import NOW, job, rendition

SECRET = "whsec_" + "A" * 43 + "="


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("LIKENESS_SERVER", raising=False)
    monkeypatch.delenv("LIKENESS_API_KEY", raising=False)


@pytest.fixture
def as_partner(stub: StubService, monkeypatch: pytest.MonkeyPatch) -> StubService:
    monkeypatch.setenv("LIKENESS_SERVER", stub.url)
    monkeypatch.setenv("LIKENESS_API_KEY", "lk_1")
    return stub


def login(server: str, key: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{key}\n"))
    return main(["login", server])


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.django_db(transaction=True)
def test_who_logged_in_once_goes_on_without_the_key(
    live_server: LiveServer, partner_a: Partner, portrait_a: Portrait, monkeypatch, capsys
) -> None:
    assert login(live_server.url, issue_key(partner_a), monkeypatch) == 0
    assert stat.S_IMODE(credentials_path().stat().st_mode) == 0o600
    asked = [
        "consent",
        portrait_a.id,
        "--basis",
        "nonexistent_person",
        "--purpose",
        "A test",
        "--statement",
        "x" * 40,
    ]
    capsys.readouterr()
    assert main([*asked, "--json"]) == 0
    consent = printed(capsys)
    assert main(["consent", consent["id"]]) == 0
    assert capsys.readouterr().out.split() == [consent["id"], "attested"]
    assert main(["create", portrait_a.id, "aud_nothing"]) == 2
    assert "not_found" in capsys.readouterr().err


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_is_not_kept(live_server: LiveServer, monkeypatch, capsys) -> None:
    assert login(live_server.url, "lk_wrong_key", monkeypatch) == 2
    assert "key_unknown" in capsys.readouterr().err
    assert not credentials_path().exists()


def test_without_a_login_nothing_is_called(capsys) -> None:
    assert main(["watch", "job_1", "--json"]) == 2
    assert json.loads(capsys.readouterr().err)["code"] == "not_logged_in"


def test_a_portrait_and_a_recording_are_uploaded(
    as_partner: StubService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = "0" * 64
    subject = {"id": "sub_1", "display_name": "Maya", "email": "", "phone": "", "created_at": NOW}
    portrait = {"id": "por_1", "subject_id": "sub_1", "width": 64, "height": 64, "sha256": digest}
    sound = {"id": "aud_1", "duration_s": 1.0, "sample_rate": 48_000, "sha256": digest}
    as_partner.prepare("/v1/subjects", Prepared(201, subject))
    as_partner.prepare("/v1/portraits", Prepared(201, {**portrait, "warnings": [], "created_at": NOW}))
    as_partner.prepare("/v1/driving-audio", Prepared(201, {**sound, "warnings": [], "created_at": NOW}))
    (picture := tmp_path / "maya.png").write_bytes(b"picture")
    (speech := tmp_path / "maya.wav").write_bytes(b"speech")

    with pytest.raises(SystemExit):
        main(["upload", "portrait", str(picture)])
    assert main(["upload", "portrait", str(picture), "--name", "Maya"]) == 0
    assert main(["upload", "audio", str(speech), "--voice", "synthetic"]) == 0
    assert b"sub_1" in as_partner.bodies[-2]
    assert b"picture" in as_partner.bodies[-2]
    assert b"synthetic" in as_partner.bodies[-1]
    assert b"speech" in as_partner.bodies[-1]
    assert capsys.readouterr().out.splitlines() == [f"por_1 {digest}", f"aud_1 {digest}"]


def test_it_watches_and_downloads(as_partner: StubService, tmp_path: Path, capsys) -> None:
    as_partner.prepare("/v1/jobs/job_1", job("animating"), job("released", rendition_id="rnd_1"))
    as_partner.prepare("/v1/renditions/rnd_1", rendition(hashlib.sha256(b"video").hexdigest()))
    as_partner.prepare("/v1/renditions/rnd_1/file", Prepared(200, b"video"), Prepared(200, b"other"))
    assert main(["watch", "job_1"]) == 0
    assert capsys.readouterr().out.splitlines() == ["animating 0/50", "released 0/50", "rnd_1 released"]
    assert main(["download", "rnd_1", "--to", str(tmp_path / "video.mp4")]) == 0
    assert (tmp_path / "video.mp4").read_bytes() == b"video"
    assert main(["download", "rnd_1", "--to", str(tmp_path / "other.mp4")]) == 3
    assert not (tmp_path / "other.mp4").exists()


def test_a_job_that_failed_ends_with_3(as_partner: StubService, capsys) -> None:
    as_partner.prepare(
        "/v1/jobs/job_1", job("failed", failure={"code": "internal", "message": "No.", "hint": "Ask."})
    )
    assert main(["watch", "job_1"]) == 3
    assert capsys.readouterr().err == "internal: No.\nAsk.\n"


def test_a_job_is_created_with_a_direction_from_a_file(
    as_partner: StubService, tmp_path: Path, capsys
) -> None:
    as_partner.prepare("/v1/jobs", Prepared(202, job("queued").body))
    direction = {"version": 1, "keyframes": [{"time_s": 0, "emotion": "happy"}]}
    (tmp_path / "direction.json").write_text(json.dumps(direction))
    arguments = ["create", "por_1", "aud_1", "--seed", "7", "--size", "720"]
    assert main([*arguments, "--direction", str(tmp_path / "direction.json")]) == 0
    sent = json.loads(as_partner.bodies[-1])
    assert (sent["direction"], sent["video"], sent["seed"]) == (direction, {"size": 720}, 7)
    assert capsys.readouterr().out == "job_1 queued\n"


def test_it_prints_what_is_told_and_takes_its_webhook_away(as_partner: StubService, capsys) -> None:
    told = threading.Event()

    def tell() -> None:
        while not (as_partner.bodies and ("POST", "/v1/webhooks") in as_partner.asked):
            told.wait(0.02)
        url = json.loads(as_partner.bodies[as_partner.asked.index(("POST", "/v1/webhooks"))])["url"]
        for secret in ("whsec_" + "B" * 43 + "=", SECRET):
            body, at = b'{"type": "job.released", "timestamp": "now", "data": {}}', datetime.now(UTC)
            headers = {
                "webhook-id": "msg_1",
                "webhook-timestamp": str(int(at.timestamp())),
                "webhook-signature": Webhook(secret).sign(msg_id="msg_1", timestamp=at, data=body.decode()),
            }
            request = urllib.request.Request(url, body, headers)  # noqa: S310
            try:
                answers.append(urllib.request.urlopen(request, timeout=10).status)  # noqa: S310
            except urllib.error.HTTPError as error:
                answers.append(error.code)

    answers: list[int] = []
    webhook = {"id": "whk_1", "url": "x", "event_types": [], "created_at": NOW, "secret": SECRET}
    as_partner.prepare("/v1/webhooks", Prepared(201, webhook))
    as_partner.prepare("/v1/webhooks/whk_1", Prepared(204))
    thread = threading.Thread(target=tell)
    thread.start()
    assert main(["webhooks", "listen", "--count", "1"]) == 0
    thread.join()
    assert answers == [401, 204]
    assert capsys.readouterr().out.splitlines() == ["Listening as whk_1.", "now job.released {}"]
    assert as_partner.asked[-1] == ("DELETE", "/v1/webhooks/whk_1")


def test_a_performers_motion_is_uploaded_with_their_consent_and_drives_a_video(
    as_partner: StubService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = {"id": "aud_1", "duration_s": 1.0, "sample_rate": 48_000, "sha256": "0" * 64}
    answer = {**recording, "warnings": [], "created_at": NOW}
    as_partner.prepare("/v1/driving-audio/aud_1/motion", Prepared(201, answer))
    as_partner.prepare("/v1/jobs", job("queued"))
    film = tmp_path / "performance.mp4"
    film.write_bytes(b"film")

    with pytest.raises(SystemExit):
        main(["upload", "motion", str(film), "--audio", "aud_1"])
    named = ["--audio", "aud_1", "--performer-consent", "Folder C"]
    assert main(["upload", "motion", str(film), *named, "--json"]) == 0
    assert b"Folder C" in as_partner.bodies[-1]
    assert b"film" in as_partner.bodies[-1]
    assert main(["create", "por_1", "aud_1", "--lips", "performer", "--json"]) == 0
    assert json.loads(as_partner.bodies[-1])["motion"] == {"lips": "performer"}
