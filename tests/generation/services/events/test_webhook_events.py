"""Partners are told of every state of a job and of a consent, once each and in order."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from accounts.access.actors import actor_of
from accounts.models import (
    ApiKey,
    ConsentState,
    Partner,
    User,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEventType,
)
from accounts.services import api_keys
from accounts.services import consent as consents
from generation.failures import FailureCode
from generation.models import Job
from generation.services.advance import claim
from generation.services.cancel import cancel_job
from generation.states import JobState
from tests.factories import issue_key


@pytest.fixture(autouse=True)
def _endpoint(partner_a: Partner) -> None:
    WebhookEndpoint.objects.create(partner=partner_a, url="https://hooks.example/", secret="-")


def told() -> list[tuple[str, dict[str, str | None]]]:
    messages = [json.loads(delivery.body) for delivery in WebhookDelivery.objects.order_by("number")]
    return [(message["type"], message["data"]) for message in messages]


def test_there_is_a_type_for_every_state() -> None:
    types = set(WebhookEventType.values)
    assert {f"job.{state}" for state in JobState} == {name for name in types if name.startswith("job.")}
    assert {f"consent.{state}" for state in ConsentState} == {n for n in types if n.startswith("consent.")}


def test_a_job_tells_of_each_of_its_states(submit: Callable[..., Job], alice: User) -> None:
    job = submit()
    claim(job_id=job.id)
    cancel_job(actor=actor_of(alice), job_id=job.id)

    of_job = [(kind, data) for kind, data in told() if kind.startswith("job.")]
    assert [(kind, data["before"], data["state"]) for kind, data in of_job] == [
        ("job.queued", None, "queued"),
        ("job.animating", "queued", "animating"),
        ("job.cancelled", "animating", "cancelled"),
    ]
    assert {data["job_id"] for _, data in of_job} == {job.id}
    assert of_job[-1][1]["reason_code"] == FailureCode.CANCELLED_BY_PARTNER


def test_a_withdrawal_tells_of_the_consent_and_of_its_jobs(job: Job, answer: consents.GrantedConsent) -> None:
    consents.withdraw(answer.withdraw_token)
    consents.withdraw(answer.withdraw_token)

    kinds = [kind for kind, _ in told()]
    assert kinds == [
        "consent.requested",
        "consent.recorded",
        "consent.granted",
        "job.queued",
        "job.cancelled",
        "consent.withdrawn",
    ]
    assert told()[-1][1] == {
        "consent_id": answer.grant.id,
        "state": "withdrawn",
        "portrait_id": job.portrait_id,
        "subject_id": answer.grant.subject_id,
    }


def test_keys_are_told_of_without_their_secret(partner_a: Partner, alice: User) -> None:
    issue_key(partner_a)
    key = ApiKey.objects.get()
    api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(alice))

    assert told() == [("api_key.revoked", {"api_key_id": key.id, "name": key.name})]
