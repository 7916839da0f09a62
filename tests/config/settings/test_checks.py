"""System checks stop a start that would go wrong later."""

from __future__ import annotations

from pathlib import Path

import pytest
import redis

from config import checks
from config.local_broker import start_redis


def test_it_refuses_the_development_secret_in_a_deployment(settings):
    settings.SECRET_KEY = "development-only-key-that-the-deployment-check-refuses"
    assert [message.id for message in checks.secret_key_is_our_own(None)] == ["likeness.E001"]
    settings.SECRET_KEY = "k" * 60
    assert checks.secret_key_is_our_own(None) == []


def test_it_refuses_a_broker_that_redelivers_running_tasks(settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": settings.CELERY_TASK_TIME_LIMIT}
    assert [message.id for message in checks.broker_waits_longer_than_tasks_run(None)] == ["likeness.E002"]


def test_it_accepts_the_settings_as_shipped():
    assert checks.broker_waits_longer_than_tasks_run(None) == []


@pytest.mark.parametrize(
    ("version", "ids"),
    [("6.2.14", ["likeness.W001"]), ("7.0.15", ["likeness.W001"]), ("7.2.0", []), ("8.2.1", [])],
)
def test_it_warns_of_a_broker_that_is_too_old(version: str, ids: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis.Redis, "info", lambda self, section: {"redis_version": version})
    messages = checks.broker_is_not_too_old(None)
    assert [message.id for message in messages] == ids
    assert all(version in message.msg for message in messages)


def test_it_takes_the_embedded_server(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    process = start_redis(tmp_path)
    settings.LIKENESS_REDIS_URL = f"redis+socket://{tmp_path / 'redis.sock'}"
    try:
        assert checks.broker_is_not_too_old(None) == []
    finally:
        process.terminate()
        process.wait(timeout=10)


def test_it_says_that_it_could_not_ask_the_broker(tmp_path: Path, settings):
    settings.LIKENESS_REDIS_URL = f"redis+socket://{tmp_path / 'nobody.sock'}"
    assert [message.id for message in checks.broker_is_not_too_old(None)] == ["likeness.I001"]
