"""What a service refuses, and what goes wrong on the way, are exceptions with code, sentence and hint."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import Partner
from likeness import Client, CodedError, JobNotReleased, ServiceRefusal, ServiceUnreachable, WaitTimedOut
from likeness.client.errors import DownloadDamaged
from likeness.errors import AnswerUnreadable, FileUnreadable
from tests.factories import issue_key
from tests.likeness.client.stub_service import Prepared, StubService
from tests.likeness.conftest import SHELF

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC).isoformat()


def job(state: str, **more: Any) -> Prepared:
    values = {
        "id": "job_1", "state": state, "portrait_id": "por_1", "driving_audio_id": "aud_1",
        "consent_id": "cns_1", "controls": {}, "seed": 7, "progress": {"frames_done": 0, "frames_total": 50},
        "failure": None, "waiting_for": None, "rendition_id": None, "created_at": NOW, "deadline_at": NOW,
        "finished_at": None, "a_later_field": 1,
    }  # fmt: skip
    return Prepared(200, values | more, {"Retry-After": "0"})


def rendition(sha256: str) -> Prepared:
    values = {
        "id": "rnd_1", "job_id": "job_1", "state": "released", "sha256": sha256, "size_bytes": 5,
        "duration_s": 2, "frames": 50, "fps": 25.0, "width": 256, "height": 256, "sealed_at": NOW,
        "released_at": NOW, "note": "", "failure": None,
    }  # fmt: skip
    return Prepared(200, values)


@pytest.mark.django_db(transaction=True)
class TestByARealService:
    """Refusals as they come from the API."""

    def test_a_call_without_a_key(self, live_server: LiveServer) -> None:
        with Client(live_server.url) as client, pytest.raises(ServiceRefusal) as refused:
            client.read_job("job_1")
        assert (refused.value.code, refused.value.status) == ("key_missing", 401)
        assert refused.value.message == "This call needs an API key."
        assert "Authorization" in refused.value.hint

    def test_a_key_from_a_file_and_an_address_from_the_documentation(
        self, live_server: LiveServer, partner_a: Partner
    ) -> None:
        with Client(f"{live_server.url}/v1/", issue_key(partner_a) + "\n") as client:
            assert list(client.jobs()) == []

    def test_a_thing_that_is_not_there(self, live_server: LiveServer, partner_a: Partner) -> None:
        client = Client(live_server.url, issue_key(partner_a))
        for ask in (client.read_job, client.read_consent, client.read_rendition, client.evidence):
            with pytest.raises(ServiceRefusal) as refused:
                ask("nothing")
            assert refused.value.code == "not_found"

    @pytest.mark.slow
    def test_an_upload_that_is_no_picture(
        self, live_server: LiveServer, partner_a: Partner, tmp_path: Path
    ) -> None:
        client = Client(live_server.url, issue_key(partner_a))
        subject = client.create_subject("Somebody")
        (tmp_path / "portrait.jpg").write_text("words")
        with pytest.raises(ServiceRefusal) as refused:
            client.upload_portrait(tmp_path / "portrait.jpg", subject_id=subject.id)
        assert refused.value.status in {415, 422}
        assert refused.value.hint

    def test_a_stranger_s_video_gets_a_verdict_without_a_key(self, live_server: LiveServer) -> None:
        with Client(live_server.url) as client:
            found = client.verify(SHELF / "released.mp4")
        assert found.verdict == "other_credentials"  # sealed by another installation
        assert not found.is_intact

    def test_the_keys_are_those_that_verify_file_takes(self, live_server: LiveServer) -> None:
        assert Client(live_server.url).verification_keys()["format"] == "likeness-verification-keys/1"

    def test_netrc_does_not_replace_the_key(
        self, live_server: LiveServer, partner_a: Partner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("default login somebody password else\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        assert Client(live_server.url, issue_key(partner_a)).create_subject("Somebody").id.startswith("sub_")


class TestWaiting:
    """`wait` ends with the sealed video, or with the reason why there is none."""

    def test_it_goes_on_through_a_service_that_is_away_for_a_while(self, stub: StubService) -> None:
        busy = Prepared(503, {"title": "Busy.", "code": "busy", "hint": "Wait."}, {"Retry-After": "0"})
        stub.prepare(
            "/v1/jobs/job_1", job("queued"), busy, job("animating"), job("released", rendition_id="rnd_1")
        )
        stub.prepare("/v1/renditions/rnd_1", rendition("00"))
        seen: list[str] = []
        sealed = Client(stub.url).wait("job_1", on_progress=lambda now: seen.append(now.state))
        assert (sealed.id, sealed.duration_s) == ("rnd_1", 2.0)
        assert seen == ["queued", "animating", "released"]

    def test_a_failed_job_raises_its_failure(self, stub: StubService) -> None:
        failure = {"code": "no_speech", "message": "Nobody speaks.", "hint": "Send speech."}
        stub.prepare("/v1/jobs/job_1", job("failed", failure=failure))
        with pytest.raises(JobNotReleased) as ended:
            Client(stub.url).wait("job_1")
        assert (ended.value.code, ended.value.message, ended.value.hint) == tuple(failure.values())
        assert ended.value.job.state == "failed"

    def test_a_cancelled_job_says_so(self, stub: StubService) -> None:
        stub.prepare("/v1/jobs/job_1", job("cancelled"))
        with pytest.raises(JobNotReleased, match="ended cancelled"):
            Client(stub.url).wait("job_1")

    def test_it_does_not_wait_for_ever(self, stub: StubService) -> None:
        stub.prepare("/v1/jobs/job_1", job("in_review"))
        with pytest.raises(WaitTimedOut, match="in_review"):
            Client(stub.url).wait("job_1", timeout_s=0.0)

    def test_a_refusal_that_will_not_pass_ends_it(self, stub: StubService) -> None:
        stub.prepare(
            "/v1/jobs/job_1", Prepared(403, {"title": "No.", "code": "scope_missing", "hint": "Ask."})
        )
        with pytest.raises(ServiceRefusal) as refused:
            Client(stub.url).wait("job_1")
        assert refused.value.code == "scope_missing"


class TestDownloading:
    """A file is there under its name only if it is the one that was sealed."""

    def test_it_writes_the_sealed_file(self, stub: StubService, tmp_path: Path) -> None:
        stub.prepare("/v1/renditions/rnd_1", rendition(hashlib.sha256(b"video").hexdigest()))
        stub.prepare("/v1/renditions/rnd_1/file", Prepared(200, b"video"))
        assert Client(stub.url).download("rnd_1", tmp_path / "v.mp4").read_bytes() == b"video"
        assert [path.name for path in tmp_path.iterdir()] == ["v.mp4"]

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (Prepared(200, b"other"), DownloadDamaged),
            (Prepared(200, b"vid", {"Content-Length": "5"}), CodedError),
            (
                Prepared(409, {"title": "Not released.", "code": "not_released", "hint": "Wait."}),
                ServiceRefusal,
            ),
        ],
        ids=["changed", "cut", "refused"],
    )
    def test_it_leaves_nothing_else(
        self, stub: StubService, tmp_path: Path, answer: Prepared, expected: type[CodedError]
    ) -> None:
        stub.prepare("/v1/renditions/rnd_1", rendition(hashlib.sha256(b"video").hexdigest()))
        stub.prepare("/v1/renditions/rnd_1/file", answer)
        with pytest.raises(expected):
            Client(stub.url, timeout_s=1.0).download("rnd_1", tmp_path / "v.mp4")
        assert list(tmp_path.iterdir()) == []

    def test_a_place_that_cannot_be_written_is_named(self, stub: StubService, tmp_path: Path) -> None:
        stub.prepare("/v1/renditions/rnd_1", rendition("00"))
        stub.prepare("/v1/renditions/rnd_1/file", Prepared(200, b"video"))
        with pytest.raises(FileUnreadable, match="cannot be written"):
            Client(stub.url).download("rnd_1", tmp_path / "no" / "v.mp4")


class TestVerifyingLater:
    """A verdict that comes later is waited for."""

    waiting = Prepared(
        202, {"id": "vrf_1", "state": "waiting", "verdict": None, "problem": None}, {"Retry-After": "0"}
    )

    def test_the_verdict_is_fetched_when_it_is_there(self, stub: StubService) -> None:
        verdict: dict[str, Any] = {
            "verdict": "no_provenance", "headline": "No provenance", "sentence": "Nothing.", "reasons": [],
            "not_checked": [], "error_rate": {"sentence": ""}, "rendition_id": None,
        }  # fmt: skip
        done = Prepared(200, {"id": "vrf_1", "state": "done", "verdict": verdict, "problem": None})
        stub.prepare("/v1/verify", self.waiting)
        stub.prepare("/v1/verify/vrf_1", Prepared(200, self.waiting.body, {"Retry-After": "0"}), done)
        assert Client(stub.url).verify(SHELF / "released.mp4").to_json() == verdict
        assert len(stub.asked) == 3

    def test_a_file_that_is_refused_later_is_a_refusal(self, stub: StubService) -> None:
        problem = {"code": "verification_lost", "title": "It was lost.", "hint": "Send it again."}
        stub.prepare("/v1/verify", self.waiting)
        stub.prepare(
            "/v1/verify/vrf_1", Prepared(200, {"id": "vrf_1", "state": "refused", "problem": problem})
        )
        with pytest.raises(ServiceRefusal) as refused:
            Client(stub.url).verify(SHELF / "released.mp4")
        assert refused.value.code == "verification_lost"

    def test_it_does_not_wait_for_ever(self, stub: StubService) -> None:
        stub.prepare("/v1/verify", Prepared(202, self.waiting.body))
        with pytest.raises(WaitTimedOut):
            Client(stub.url).verify(SHELF / "released.mp4", timeout_s=0.0)


class TestStrangeAnswers:
    """What is no answer of the service is never taken for one."""

    @pytest.mark.parametrize(
        "answer",
        [
            Prepared(200, b"<html>"),
            Prepared(200, b"[]"),
            Prepared(200, {}),
            job("queued", seed="7"),
            job("queued", progress=None),
            job("queued", created_at="yesterday"),
        ],
        ids=["page", "list", "empty", "type", "nested", "time"],
    )
    def test_an_answer_in_another_form(self, stub: StubService, answer: Prepared) -> None:
        stub.prepare("/v1/jobs/job_1", answer)
        with pytest.raises(AnswerUnreadable):
            Client(stub.url).read_job("job_1")

    @pytest.mark.parametrize("status", [302, 404, 502])
    def test_a_refusal_without_a_problem_document(self, stub: StubService, status: int) -> None:
        stub.prepare(
            "/v1/jobs/job_1", Prepared(status, b"a proxy's page", {"Location": f"{stub.url}/elsewhere"})
        )
        with pytest.raises(ServiceRefusal, match=str(status)) as refused:
            Client(stub.url, "lk_secret").read_job("job_1")
        assert refused.value.code == "service_refused"
        assert len(stub.asked) == 1  # the key goes nowhere else

    def test_no_answer(self) -> None:
        with pytest.raises(ServiceUnreachable):
            Client("http://127.0.0.1:1").verification_keys()

    def test_a_file_that_is_not_there(self) -> None:
        with pytest.raises(FileUnreadable):
            Client("http://127.0.0.1:1").verify("no.mp4")


def test_every_call_to_create_a_job_is_one_request_of_its_own_unless_it_is_said_to_be_the_same(
    stub: StubService,
) -> None:
    stub.prepare("/v1/jobs", job("queued"))
    client = Client(stub.url, "lk_1")
    for key in (None, None, "the_same"):
        client.create_job("por_1", "aud_1", idempotency_key=key)
    keys = [headers["Idempotency-Key"] for headers in stub.headers]
    assert len(set(keys)) == 3
    assert keys[2] == "the_same"
    assert {headers["Authorization"] for headers in stub.headers} == {"Bearer lk_1"}


def test_a_refused_picture_says_where_and_the_face_is_chosen_from_that(
    stub: StubService, tmp_path: Path
) -> None:
    picture = tmp_path / "pair.jpg"
    picture.write_bytes(b"two people")
    places = [{"what": "face", "box": [10.0, 20.0, 30.5, 40.0], "polygon": []}]
    problem = {"title": "Several.", "code": "several_faces", "hint": "Choose.", "details": {"places": places}}
    portrait = {
        "id": "por_1", "subject_id": "sub_1", "width": 400, "height": 400, "sha256": "", "warnings": [],
        "created_at": NOW,
    }  # fmt: skip
    stub.prepare("/v1/portraits", Prepared(422, problem), Prepared(201, portrait))
    with Client(stub.url, "key") as client:
        with pytest.raises(ServiceRefusal) as refused:
            client.upload_portrait(picture, subject_id="sub_1")
        assert refused.value.details == {"places": places}
        box = (10.0, 20.0, 30.5, 40.0)
        assert client.upload_portrait(picture, subject_id="sub_1", face_box=box).id == "por_1"
    assert b"10.0,20.0,30.5,40.0" in stub.bodies[-1]


def test_the_still_is_read_as_it_is(stub: StubService) -> None:
    stub.prepare("/v1/portraits/por_1/still", Prepared(200, b"a picture"))
    with Client(stub.url, "key") as client:
        assert client.read_still("por_1") == b"a picture"


def test_what_can_be_no_key_is_refused_without_being_repeated(stub: StubService) -> None:
    for key in ("lk_secret\nX-Other: 1", "lk_s\u00e9cret"):
        with pytest.raises(ValueError) as refused:  # noqa: PT011 - what it does not say is the point
            Client(stub.url, key)
        assert "cret" not in str(refused.value)
