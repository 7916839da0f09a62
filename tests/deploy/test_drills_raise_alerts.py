"""Each drill of `make drill` raises the alert that it names: its fault is made here, and /metrics judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey
from config.operations import heartbeats, readiness
from config.tasks import note_beat
from config.web_server import connections as client_connections
from generation.models import DrivingAudio, Job
from generation.states import JobState
from provenance.keys.log_mark import log_mark_file
from provenance.sandbox import requirement
from provenance.services import published_checkpoint
from provenance.tasks import publish_checkpoint
from tests.config.operations.scraping import TOKEN
from tests.deploy.alert_rules import Scrape, alerts_of, rules, scrape_of
from tests.factories import PartnerFactory, PortraitFactory, granted_consent, issue_key, person
from tools.drill import DRILLS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Patch = pytest.MonkeyPatch
# Whoever comes second is refused and everything is as it should be: nothing for an operator to do.
QUIET = {"races"}


@pytest.fixture(autouse=True)
def whole(settings: Any, monkeypatch: Patch, tmp_path: Path) -> Iterator[None]:
    """A service of which nothing is missing, with a published log."""
    settings.LIKENESS_METRICS_TOKEN = TOKEN
    media = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "media": media}
    monkeypatch.setattr(requirement, "_missing", tuple)
    monkeypatch.setattr(readiness, "_broker_time", time.time)
    cache.clear()
    heartbeats.note_all(["cpu", "io", "verify"])
    note_beat()
    PartnerFactory()
    publish_checkpoint()
    yield
    readiness.forget()
    cache.clear()


def scrape() -> Scrape:
    readiness.forget()
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return scrape_of(answer.content.decode())


def a_log_with_an_entry_that_nobody_published(monkeypatch: Patch) -> None:
    PartnerFactory()


def a_mark_that_is_lost(monkeypatch: Patch) -> None:
    log_mark_file().unlink()


def a_published_checkpoint_of_another_log(monkeypatch: Patch) -> None:
    media = storages["media"]
    media.delete(published_checkpoint.NAME)
    media.save(published_checkpoint.NAME, ContentFile(b"of another log"))


def an_edited_row(monkeypatch: Patch) -> None:
    partner = PartnerFactory()
    key = issue_key(partner)
    ApiKey.objects.update(scopes=["everything"])
    Client(headers={"Authorization": f"Bearer {key}"}).get("/v1/jobs")


def an_older_database(monkeypatch: Patch) -> None:
    earlier = transaction.savepoint()
    PartnerFactory()
    publish_checkpoint()
    transaction.savepoint_rollback(earlier)


def jobs_that_nothing_signs_for(monkeypatch: Patch) -> None:
    partner = PartnerFactory()
    portrait = PortraitFactory(partner=partner)
    Job.objects.create(
        partner=partner,
        portrait=portrait,
        driving_audio=DrivingAudio.objects.create(partner=partner, duration_s=1.0, sample_rate=16_000),
        consent=granted_consent(portrait, person("Alice", partner=partner)).grant,
        controls={},
        seed=7,
        log_position=0,
        state_since=timezone.now(),
        deadline_at=timezone.now(),
        frames_total=25,
        state=JobState.FAILED,
        reason_code="certificate_revoked",
        finished_at=timezone.now(),
    )


def a_worker_that_is_not_seen(monkeypatch: Patch) -> None:
    cache.delete("alive:cpu")


def a_broker_that_is_away(monkeypatch: Patch) -> None:
    monkeypatch.setattr(readiness, "_broker_time", lambda: None)


def a_database_that_is_away(monkeypatch: Patch) -> None:
    def away(self: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(type(connections["default"]), "connect", away)


def a_full_disk(monkeypatch: Patch) -> None:
    monkeypatch.setattr(readiness, "LEAST_DISK_BYTES", 2**62)


def a_clock_that_is_off(monkeypatch: Patch) -> None:
    monkeypatch.setattr(readiness, "_now", lambda: time.time() + 420)


def many_clients_that_wait(monkeypatch: Patch) -> None:
    monkeypatch.setattr(client_connections, "_counted", client_connections._Counted(lambda: 500, 4000))


def many_hostile_requests(monkeypatch: Patch) -> None:
    client = Client()
    for number in range(90):
        client.get(f"/{number}%00")


FAULTS: dict[str, Callable[[Patch], None]] = {
    "log": a_log_with_an_entry_that_nobody_published,
    "log-stands-still": a_mark_that_is_lost,
    "published": a_published_checkpoint_of_another_log,
    "cells": an_edited_row,
    "restore": an_older_database,
    "stolen-keys": jobs_that_nothing_signs_for,
    "workers": a_worker_that_is_not_seen,
    "broker": a_broker_that_is_away,
    "database": a_database_that_is_away,
    "disk": a_full_disk,
    "clock": a_clock_that_is_off,
    "slow-clients": many_clients_that_wait,
    "requests": many_hostile_requests,
}


def test_a_whole_service_raises_none() -> None:
    assert alerts_of(scrape(), scrape()) == {}


def test_every_drill_names_an_alert_and_has_its_fault_here() -> None:
    assert {drill.name for drill in DRILLS if not drill.alert} == QUIET
    assert {drill.name for drill in DRILLS} - QUIET == set(FAULTS)
    assert {drill.alert for drill in DRILLS} - {""} <= {rule["alert"] for rule in rules()}


@pytest.mark.parametrize("drill", [drill for drill in DRILLS if drill.alert], ids=lambda drill: drill.name)
def test_its_fault_raises_the_alert_of_a_drill(drill: Any, monkeypatch: Patch) -> None:
    before = scrape()
    FAULTS[drill.name](monkeypatch)
    assert drill.alert in alerts_of(before, scrape())


def test_an_alert_about_a_part_says_which(monkeypatch: Patch) -> None:
    a_mark_that_is_lost(monkeypatch)
    assert {"part": "log"} in alerts_of(scrape(), scrape())["LikenessPartMissing"]
