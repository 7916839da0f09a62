"""Who has very many jobs sees sums that a worker renews; gates add up anew."""

from __future__ import annotations

import time
from typing import Any

import pytest
from celery import current_app
from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisAway

from accounts.models import Partner
from generation import tasks
from generation.admission import usage
from generation.admission.quotas import month_minutes
from generation.admission.usage import usage_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What workers were asked to do; two jobs are very many here."""
    monkeypatch.setattr(usage, "MANY", 1)
    sent: list[Any] = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args: sent.append((name, args)))
    cache.clear()
    return sent


@pytest.mark.slow
def test_sums_of_very_many_jobs_are_renewed_by_a_worker_and_not_for_the_page(
    submit, partner_a: Partner, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        submit()
    asked.clear()
    before = usage_of(partner_a).month_minutes
    submit()
    assert usage_of(partner_a).month_minutes == before < month_minutes(partner_a)
    assert usage_of(partner_a).active_jobs == 3
    assert asked == []
    later = time.time() + usage.FRESH_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    for _ in range(2):
        assert usage_of(partner_a).month_minutes == before
    assert asked == [(usage.ADD_UP, (partner_a.id,))]
    tasks.add_up_usage(partner_a.id)
    assert usage_of(partner_a).month_minutes == month_minutes(partner_a)


@pytest.mark.slow
def test_without_the_cache_they_are_added_up(
    submit, partner_a: Partner, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: object, **options: object) -> None:
        raise RedisAway

    for _ in range(2):
        submit()
    monkeypatch.setattr(usage, "cache", type("Away", (), {"get": away, "set": away, "add": away})())
    assert usage_of(partner_a).month_minutes == month_minutes(partner_a)
