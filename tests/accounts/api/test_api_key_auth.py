"""The key in front of every call: what is missing, wrong or over says so with its own code."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.access.auth import ApiKeyAuth
from accounts.models import ApiKey, PartnerState, Scope
from provenance.common import rate_limit
from tests.factories import issue_key

ADDRESS = "/v1/subjects"


def call(key: str | None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
    answer = Client(headers=headers).get(ADDRESS)
    return answer.status_code, answer.json().get("code", "")


def test_a_good_key_passes(partner_a):
    assert call(issue_key(partner_a))[0] == 200


def test_the_actor_is_the_key_acting_for_its_partner(partner_a, rf):
    text = issue_key(partner_a, Scope.JOBS)

    actor = ApiKeyAuth("jobs")(rf.get("/", headers={"Authorization": f"Bearer {text}"}))

    assert actor.kind == "api_key"
    assert actor.id == partner_a.api_keys.get().id
    assert actor.partner == partner_a
    assert actor.roles == frozenset()


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer  ", "lk_abc_def"])
def test_no_key_is_key_missing(db, header):
    answer = Client(headers={"Authorization": header}).get(ADDRESS)

    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")


@pytest.mark.parametrize("text", ["lk_", "lk__", "lk_unknown_secret", "x", "lk_é_é", "__", "lk_a"])
def test_a_key_nobody_made_is_key_unknown(db, text):
    assert call(text) == (401, "key_unknown")


def test_a_known_prefix_with_a_wrong_secret_is_key_unknown(partner_a):
    text = issue_key(partner_a)

    assert call(text[:-1] + ("A" if text[-1] != "A" else "B")) == (401, "key_unknown")
    assert call("xk" + text[2:]) == (401, "key_unknown")


def test_the_session_of_a_member_is_no_key(alice_browser):
    assert alice_browser.get(ADDRESS).json()["code"] == "key_missing"


def test_an_expired_key_says_so(partner_a):
    assert call(issue_key(partner_a, expires_at=timezone.now())) == (401, "key_expired")


def test_a_revoked_key_says_so(partner_a):
    assert call(issue_key(partner_a, revoked_at=timezone.now())) == (401, "key_revoked")


def test_another_scope_is_not_enough(partner_a):
    assert call(issue_key(partner_a, Scope.JOBS, Scope.RENDITIONS)) == (403, "scope_missing")


@pytest.mark.parametrize("state", [s for s in PartnerState if s != PartnerState.APPROVED])
def test_a_partner_that_is_not_approved_gets_nothing(partner_a, state):
    partner_a.state = state
    partner_a.save()

    assert call(issue_key(partner_a)) == (403, "partner_not_active")


def test_last_use_is_kept_in_steps_of_ten_minutes(partner_a):
    text = issue_key(partner_a)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        call(text)
        first = ApiKey.objects.get().last_used_at
        assert first == timezone.now()
        clock.shift(timedelta(minutes=9))
        call(text)
        assert ApiKey.objects.get().last_used_at == first
        clock.shift(timedelta(minutes=2))
        call(text)
        assert ApiKey.objects.get().last_used_at == timezone.now()


def test_too_many_calls_of_one_key_wait_for_the_next_minute(partner_a, monkeypatch):
    monkeypatch.setattr("accounts.access.auth.API_CALLS_PER_MINUTE", 2)
    with time_machine.travel("2026-05-01T12:00:15Z", tick=False) as clock:
        text, other = issue_key(partner_a), issue_key(partner_a)
        assert [call(text)[0] for _ in range(2)] == [200, 200]

        answer = Client(headers={"Authorization": f"Bearer {text}"}).get(ADDRESS)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert answer.headers["Retry-After"] == "45"
        assert call(other)[0] == 200

        clock.shift(rate_limit.WINDOW_S)
        assert call(text)[0] == 200
