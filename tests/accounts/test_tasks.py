"""Periodic work, run twice: the second time finds nothing to do."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import delete_expired_sessions
from config.celery import app


def test_sessions_that_ran_out_are_forgotten_and_others_kept(alice_browser, bob_browser):
    over = alice_browser.session.session_key
    Session.objects.filter(pk=over).update(expire_date=timezone.now() - timedelta(minutes=1))

    delete_expired_sessions()
    delete_expired_sessions()

    assert list(Session.objects.values_list("pk", flat=True)) == [bob_browser.session.session_key]


def test_everything_that_is_scheduled_exists():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
