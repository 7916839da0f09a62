from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, Scope, User
from accounts.services import consent as consents
from accounts.services import partners
from generation.animation.motion.controls import EMOTIONS, MotionControls
from generation.api.choice_schemas import ControlsIn
from generation.models import DrivingAudio, IdempotencyKey, Job, Portrait
from generation.services.idempotency import ApiResponse, KeyInFlight, respond_once
from tests.factories import PartnerFactory
from tests.generation.api.calls import api_without, problem


@pytest.fixture
def order(amara: Portrait, recording: DrivingAudio) -> dict[str, Any]:
    return {"portrait_id": amara.id, "driving_audio_id": recording.id, "seed": 7}


def post(client: Client, order: dict[str, Any], query: str = "", **headers: str):
    return client.post(f"/v1/jobs{query}", order, "application/json", headers=headers)


@pytest.mark.usefixtures("grant")
def test_it_takes_a_job(api_a: Client, order: dict[str, Any]) -> None:
    response = post(api_a, {**order, "controls": {"gaze_yaw": -5, "emotion": "happy", "listening": 1}})
    assert response.status_code == 202
    body = response.json()
    job = Job.objects.get()
    assert (body["id"], body["state"], body["seed"]) == (job.id, "queued", 7)
    assert body["progress"] == {"frames_done": 0, "frames_total": 15}
    assert body["controls"]["gaze_yaw"] == -5
    assert body["controls"]["listening"] == 1
    assert body["failure"] is None
    assert body["rendition_id"] is None
    assert response.headers["Location"] == f"/v1/jobs/{job.id}"
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_the_process_log_joins_request_partner_and_job(
    api_a: Client, order: dict[str, Any], partner_a: Partner, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = post(api_a, order).json()["id"]
    (finished,) = [line for line in caplog.messages if "request_finished" in line]
    assert f"job_id='{job_id}'" in finished
    assert f"partner_id='{partner_a.id}'" in finished
    assert "request_id=" in finished


def test_it_refuses_without_consent(api_a: Client, order: dict[str, Any]) -> None:
    problem(post(api_a, order), 409, "consent_missing")
    problem(post(api_a, order, "?dry_run=true"), 409, "consent_missing")


@pytest.mark.slow
def test_it_refuses_withdrawn_consent(
    api_a: Client, order: dict[str, Any], answer: consents.GrantedConsent
) -> None:
    consents.withdraw(answer.withdraw_token)
    problem(post(api_a, order), 409, "consent_withdrawn")


@pytest.mark.slow
def test_another_partners_portrait_does_not_exist(
    api_b: Client, order: dict[str, Any], grant: ConsentGrant
) -> None:
    problem(post(api_b, order), 404, "not_found")


def test_it_refuses_a_suspended_partner(
    api_a: Client, order: dict[str, Any], grant: ConsentGrant, partner_a: Partner, otto: User
) -> None:
    partners.suspend(partner_id=partner_a.id, actor=actor_of(otto), reason="Misuse.")
    problem(post(api_a, order), 403, "partner_not_active")


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_it_refuses_too_many_jobs_at_once(api_a: Client, order: dict[str, Any], monkeypatch) -> None:
    monkeypatch.setattr("generation.admission.quotas.ACTIVE_JOBS", 1)
    post(api_a, order)
    response = post(api_a, order)
    problem(response, 429, "too_many_jobs")
    assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"controls": {"gaze_yaw": 31}},
        {"controls": {"emotion": "smug"}},
        {"controls": {"listening": "perhaps"}},
        {"controls": {"volume": 3}},
        {"seed": -1},
        {"seed": 2**32},
        {"seed": True},
        {"seed": "7"},
        {"controls": {"gaze_yaw": True}},
        {"controls": {"gaze_yaw": "5"}},
        {"video": {"fps": "25"}},
        {"disclosure": {"sound_cue": 1}},
        {"speed": 2},
        {"portrait_id": 3},
    ],
)
def test_it_refuses_wrong_values(api_a: Client, order: dict[str, Any], wrong: dict[str, Any]) -> None:
    problem(post(api_a, {**order, **wrong}), 422, "invalid_request")


@pytest.mark.slow
def test_it_takes_null_for_what_is_left_out_and_a_whole_number_as_it_is_written(
    api_a: Client, order: dict[str, Any], grant: ConsentGrant
) -> None:
    written = {
        "seed": 7.0,
        "video": {"fps": 25.0},
        "disclosure": {"sound_cue": None},
        "controls": {"gaze_yaw": 5},
    }
    assert post(api_a, {**order, **written}, "?dry_run=true").status_code == 200


def test_the_schema_offers_every_control(order: dict[str, Any]) -> None:
    assert set(ControlsIn.model_fields) == set(MotionControls().to_json())
    for emotion in EMOTIONS:
        assert ControlsIn.model_validate({"emotion": emotion}).emotion == emotion


@pytest.mark.usefixtures("grant")
def test_a_dry_run_answers_and_queues_nothing(api_a: Client, order: dict[str, Any]) -> None:
    video = {"aspect": "9:16", "size": 300, "fps": 50}
    response = post(api_a, {**order, "video": video}, "?dry_run=true")
    assert response.status_code == 200
    body = response.json()
    assert (body["dry_run"], body["frames_total"], body["is_reviewed"]) == (True, 30, True)
    assert (body["width"], body["height"], body["video"]) == (300, 534, video | {"fill": "blur"})
    assert body["videos_left"] == 3
    assert not Job.objects.exists()


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_a_repeated_request_gets_the_first_answer(api_a: Client, order: dict[str, Any]) -> None:
    first = post(api_a, order, **{"Idempotency-Key": "order 66"})
    second = post(api_a, order, **{"Idempotency-Key": "order 66"})
    assert (second.status_code, second.json()) == (first.status_code, first.json())
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Job.objects.count() == 1


@pytest.mark.usefixtures("grant")
def test_a_key_is_good_for_one_body(api_a: Client, order: dict[str, Any]) -> None:
    post(api_a, order, **{"Idempotency-Key": "a"})
    changed = post(api_a, {**order, "seed": 8}, **{"Idempotency-Key": "a"})
    problem(changed, 422, "idempotency_key_reused")
    assert Job.objects.count() == 1


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_a_request_in_flight_is_not_answered_twice(
    api_a: Client, order: dict[str, Any], partner_a: Partner
) -> None:
    post(api_a, order, **{"Idempotency-Key": "a"})
    IdempotencyKey.objects.update(status=None)
    response = post(api_a, order, **{"Idempotency-Key": "a"})
    problem(response, 409, "idempotency_key_in_flight")
    assert int(response.headers["Retry-After"]) > 0
    # A request that died without an answer does not block its key for ever.
    IdempotencyKey.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    assert post(api_a, order, **{"Idempotency-Key": "a"}).status_code == 202


def test_a_slow_request_whose_key_was_taken_over_does_its_work_for_nothing(partner_a: Partner) -> None:
    def act() -> ApiResponse:
        PartnerFactory(name="Done twice")
        IdempotencyKey.objects.update(started_at=timezone.now() + timedelta(minutes=5))  # by the repetition
        return ApiResponse(202, {})

    with pytest.raises(KeyInFlight):
        respond_once(partner=partner_a, route="POST /v1/jobs", key="a", body=b"{}", act=act)
    assert not Partner.objects.filter(name="Done twice").exists()


def test_a_refused_request_may_be_repeated(
    api_a: Client, order: dict[str, Any], amara: Portrait, alice: User
) -> None:
    from tests.factories import granted_consent

    problem(post(api_a, order, **{"Idempotency-Key": "a"}), 409, "consent_missing")
    granted_consent(amara, alice)
    assert post(api_a, order, **{"Idempotency-Key": "a"}).status_code == 202


@pytest.mark.slow
@pytest.mark.usefixtures("grant")
def test_partners_do_not_share_keys(api_a: Client, api_b: Client, order: dict[str, Any]) -> None:
    post(api_a, order, **{"Idempotency-Key": "a"})
    problem(post(api_b, order, **{"Idempotency-Key": "a"}), 404, "not_found")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_it_refuses_an_unusable_key(api_a: Client, order: dict[str, Any], key: str) -> None:
    problem(post(api_a, order, **{"Idempotency-Key": key}), 422, "invalid_input")


def test_it_needs_a_key_with_the_scope(vera: Client, partner_a: Partner, order: dict[str, Any]) -> None:
    problem(post(vera, order), 401, "key_missing")
    problem(post(api_without(partner_a, Scope.JOBS), order), 403, "scope_missing")
