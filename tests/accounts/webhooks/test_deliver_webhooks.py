"""Messages arrive signed and in order, are sent again for three days, and never after they were taken."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.access.actors import actor_of
from accounts.models import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEventType
from accounts.services.webhooks import endpoints, sending
from accounts.services.webhooks.posting import Answer, post
from accounts.tasks import delete_old_webhooks, send_webhooks

pytestmark = pytest.mark.django_db
START = datetime.fromisoformat("2026-03-02T09:00:00+00:00")


def names(bodies: list[str]) -> list[str]:
    return [json.loads(body)["data"]["name"] for body in bodies]


def run_for(span: timedelta, clock, step: timedelta = timedelta(seconds=15)) -> None:
    """Do what beat and workers do, at every step at which something may be due."""
    end = timezone.now() + span
    while timezone.now() < end:
        for endpoint_id in sending.endpoints_with_work(timezone.now()):
            sending.send_to(endpoint_id)
        clock.shift(step)


def test_a_message_arrives_and_its_signature_holds(hook, receiver):
    hook.tell("job_1", "one")
    sending.send_to(hook.endpoint.id)

    ((headers, body),) = receiver.taken
    message = Webhook(hook.secret).verify(body, headers)
    assert message["type"] == "job.queued"
    assert message["data"] == {"name": "one"}
    assert datetime.fromisoformat(message["timestamp"]).tzinfo is not None
    assert headers["Content-Type"] == "application/json"
    assert receiver.calls == ["/hook?a=1"]
    with pytest.raises(WebhookVerificationError):
        Webhook(hook.secret).verify(body.replace("one", "two"), headers)
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == DeliveryState.DELIVERED
    assert headers["webhook-id"] == delivery.message_id

    sending.send_to(hook.endpoint.id)
    assert len(receiver.calls) == 1


@pytest.mark.slow
def test_a_receiver_that_is_down_for_a_day_loses_nothing_and_gets_each_subject_in_order(hook, receiver):
    receiver.status_for = lambda body: 503
    with time_machine.travel(START, tick=False) as clock:
        for number in range(6):
            for subject in ("job_1", "job_2", "job_3"):
                hook.tell(subject, f"{subject} {number}")
        run_for(timedelta(hours=24), clock, step=timedelta(minutes=1))
        assert len(receiver.calls) <= 40
        assert receiver.taken == []

        receiver.status_for = lambda body: 204
        run_for(timedelta(hours=3), clock, step=timedelta(minutes=1))

    arrived = names(receiver.bodies)
    assert len(arrived) == len(set(arrived)) == 18
    for subject in ("job_1", "job_2", "job_3"):
        assert [name for name in arrived if name.startswith(subject)] == [f"{subject} {n}" for n in range(6)]


def test_a_message_that_is_not_taken_holds_up_only_what_follows_about_the_same_subject(hook, receiver):
    receiver.status_for = lambda body: 400 if "bad" in body else 204
    with time_machine.travel(START, tick=False):
        hook.tell("job_1", "bad")
        hook.tell("job_1", "after it")
        hook.tell("job_2", "other")
        sending.send_to(hook.endpoint.id)

    assert names(receiver.bodies) == ["other"]


@pytest.mark.slow
def test_a_message_is_given_up_after_three_days_and_the_next_has_its_turn(hook, receiver):
    receiver.status_for = lambda body: 400 if "bad" in body else 204
    with time_machine.travel(START, tick=False) as clock:
        hook.tell("job_1", "bad")
        hook.tell("job_1", "after it")
        run_for(timedelta(hours=71), clock, step=timedelta(minutes=10))
        assert receiver.taken == []
        run_for(timedelta(hours=3), clock, step=timedelta(minutes=10))

    assert names(receiver.bodies) == ["after it"]
    bad = WebhookDelivery.objects.get(body__contains="bad")
    assert bad.state == DeliveryState.GIVEN_UP
    assert {attempt["status"] for attempt in bad.attempts} == {400}


def test_a_redirection_is_a_failure_and_is_not_followed(hook, receiver):
    receiver.status_for = lambda body: 302
    hook.tell("job_1", "one")
    sending.send_to(hook.endpoint.id)

    assert receiver.calls == ["/hook?a=1"]
    assert WebhookDelivery.objects.get().state == DeliveryState.WAITING


def test_an_answer_that_does_not_come_is_written_down(hook):
    WebhookEndpoint.objects.update(url="http://localhost:9/hook")
    hook.tell("job_1", "one")
    sending.send_to(hook.endpoint.id)

    delivery = WebhookDelivery.objects.get()
    assert [(attempt["status"], attempt["error"]) for attempt in delivery.attempts] == [(None, "not_reached")]


def test_without_encryption_nothing_is_sent_to_an_https_address(hook, receiver):
    WebhookEndpoint.objects.update(url=receiver.url.replace("http:", "https:"))
    hook.tell("job_1", "one")
    sending.send_to(hook.endpoint.id)

    assert receiver.calls == []
    assert WebhookDelivery.objects.get().attempts[0]["error"] == "tls_failed"


def test_after_a_rotation_both_secrets_hold_for_a_day(hook, receiver, alice):
    with time_machine.travel(START, tick=False) as clock:
        _, new = endpoints.rotate_secret(actor=actor_of(alice), endpoint_id=hook.endpoint.id)
        hook.tell("job_1", "one")
        sending.send_to(hook.endpoint.id)
        headers, body = receiver.taken[-1]
        for secret in (hook.secret, new):
            Webhook(secret).verify(body, headers)

        clock.shift(timedelta(hours=24, minutes=1))
        hook.tell("job_1", "two")
        sending.send_to(hook.endpoint.id)
        headers, body = receiver.taken[-1]
        Webhook(new).verify(body, headers)
        with pytest.raises(WebhookVerificationError):
            Webhook(hook.secret).verify(body, headers)


def test_one_worker_at_a_time_sends_to_an_endpoint(hook, receiver):
    hook.tell("job_1", "one")
    WebhookEndpoint.objects.update(sending_until=timezone.now() + timedelta(seconds=60))
    assert sending.endpoints_with_work(timezone.now()) == []
    assert not sending.send_to(hook.endpoint.id)
    assert receiver.calls == []

    # The worker that held it died: when its time is over another one goes on.
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert sending.endpoints_with_work(timezone.now()) == [hook.endpoint.id]
        sending.send_to(hook.endpoint.id)
    assert names(receiver.bodies) == ["one"]


def test_a_worker_that_slept_leaves_the_endpoint_to_the_one_that_took_it(hook, receiver, monkeypatch):
    theirs = timezone.now() + timedelta(minutes=10)

    def post_and_sleep(delivery: WebhookDelivery, *, at: datetime) -> Answer:
        answer = post(delivery, at=at)
        WebhookEndpoint.objects.update(sending_until=theirs)
        return answer

    monkeypatch.setattr("accounts.services.webhooks.sending.post", post_and_sleep)
    hook.tell("job_1", "one")
    hook.tell("job_2", "two")
    sending.send_to(hook.endpoint.id)

    assert names(receiver.bodies) == ["one"]
    assert WebhookEndpoint.objects.get().sending_until == theirs


def test_an_answer_that_never_ends_counts_as_none(hook, monkeypatch):
    def endless(*args: object, **kwargs: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", endless)
    hook.tell("job_1", "one")
    sending.send_to(hook.endpoint.id)

    assert WebhookDelivery.objects.get().attempts[0]["error"] == "timed_out"
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.sending_until is None
    assert endpoint.paused_until is not None


def test_it_is_sent_again_on_request_under_the_same_id(hook, receiver, alice):
    hook.tell("job_1", "one")
    sending.send_to(hook.endpoint.id)
    delivery = WebhookDelivery.objects.get()
    endpoints.send_again(actor=actor_of(alice), endpoint_id=hook.endpoint.id, delivery_id=delivery.id)
    sending.send_to(hook.endpoint.id)

    first, second = receiver.taken
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert len(WebhookDelivery.objects.get().attempts) == 2


def test_what_did_not_happen_is_told_to_nobody(hook, receiver):
    with transaction.atomic():
        hook.tell("job_1", "one")
        transaction.set_rollback(True)
    sending.send_to(hook.endpoint.id)

    assert receiver.calls == []


def test_only_the_types_that_were_asked_for_are_sent(hook, receiver):
    WebhookEndpoint.objects.update(event_types=["job.released"])
    hook.tell("job_1", "queued")
    hook.tell("job_1", "released", WebhookEventType.JOB_RELEASED)
    sending.send_to(hook.endpoint.id)

    assert names(receiver.bodies) == ["released"]


def test_the_periodic_task_finds_what_no_message_announced(hook, receiver, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr("accounts.tasks.send_on_commit", asked.append)
    hook.tell("job_1", "one")

    assert send_webhooks() == 1
    assert asked == [hook.endpoint.id]


def test_messages_are_deleted_after_a_month_unless_they_wait(hook, receiver):
    with time_machine.travel(START, tick=False) as clock:
        hook.tell("job_1", "one")
        sending.send_to(hook.endpoint.id)
        receiver.status_for = lambda body: 503
        hook.tell("job_2", "two")
        clock.shift(timedelta(days=31))
        assert delete_old_webhooks() == 1
        assert delete_old_webhooks() == 0

    assert names([delivery.body for delivery in WebhookDelivery.objects.all()]) == ["two"]
