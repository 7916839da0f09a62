"""System checks stop a start that would go wrong later."""

from __future__ import annotations

from config import checks


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
