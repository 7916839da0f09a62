"""/readyz names each part that is missing, and refuses traffic only where no request can be answered."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.cache import cache
from django.db import DatabaseError, connection, connections
from django.test import Client

from accounts.models import Membership, Partner
from config.local_broker import start_redis
from config.operations import heartbeats, readiness
from config.operations.worker_signals import _Announcer
from config.tasks import note_beat
from provenance.sandbox import requirement
from tests.factories import person

pytestmark = pytest.mark.django_db

Settings = Any


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker of its own."""
    folder = tmp_path_factory.mktemp("broker")
    process = start_redis(folder)
    yield f"redis+socket://{folder / 'redis.sock'}"
    process.terminate()
    process.wait(timeout=10)


@pytest.fixture
def whole(settings: Settings, broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A service in which nothing is missing."""
    settings.LIKENESS_REDIS_URL = broker
    monkeypatch.setattr(requirement, "_missing", tuple)
    readiness.forget()
    cache.clear()
    heartbeats.note_all(["cpu", "io", "verify"])
    note_beat()
    return settings


def said() -> tuple[int, dict[str, Any]]:
    readiness.forget()
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def missing() -> dict[str, str]:
    """The parts that /readyz says are missing, each with its sentence."""
    return {name: part["problem"] for name, part in said()[1]["parts"].items() if not part["ok"]}


def test_a_whole_service_is_ready(whole: Settings) -> None:
    whole.LIKENESS_INSTANCE = "blue-1"
    status, health = said()
    assert (status, health["ok"], health["accepts_work"], health["instance"]) == (200, True, True, "blue-1")
    assert missing() == {}


def test_a_broker_that_hangs_is_waited_for_once(whole: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(readiness, "_broker_time", lambda: asked.append("time"))
    monkeypatch.setattr(heartbeats, "age_s", asked.append)
    assert missing() == {"broker": "The broker does not answer."}
    assert asked == ["time"]


def test_without_a_database_it_takes_no_traffic_and_says_so(
    whole: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(type(connections["default"]), "connect", away)
    status, health = said()
    assert (status, health["ok"], health["accepts_work"]) == (503, False, False)
    assert health["parts"]["database"]["problem"] == "The database does not answer."


def test_with_a_migration_missing_it_takes_no_traffic(whole: Settings) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'generation' AND name = "
            "(SELECT max(name) FROM django_migrations WHERE app = 'generation')"
        )
    status, _ = said()
    assert status == 503
    assert missing() == {"migrations": "1 migrations are not applied: run manage.py migrate."}


def test_without_collected_static_files_it_takes_no_traffic(
    whole: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    monkeypatch.setattr(readiness, "staticfiles_storage", storage)
    status, _ = said()
    assert status == 503
    assert missing() == {
        "static_files": "Style sheets and scripts are not collected: run manage.py collectstatic."
    }
    (tmp_path / "staticfiles.json").write_text('{"paths": {}, "version": "1.1", "hash": ""}')
    assert missing() == {}


def _no_keys(settings: Settings, tmp_path: Path) -> None:
    settings.LIKENESS_WATERMARK_KEY_FILE = tmp_path / "none"


def _no_anchors(settings: Settings, tmp_path: Path) -> None:
    settings.LIKENESS_TRUST_ANCHORS_FILE = tmp_path / "none"


def _no_commitment_key(settings: Settings, tmp_path: Path) -> None:
    settings.LIKENESS_COMMITMENT_KEY_FILE = tmp_path / "none"


def _no_chain(settings: Settings, tmp_path: Path) -> None:
    settings.LIKENESS_SIGNING_CHAIN_FILE = tmp_path / "none"


def _no_time_stamps(settings: Settings, tmp_path: Path) -> None:
    settings.LIKENESS_ON_LOOPBACK = False
    settings.LIKENESS_TIMESTAMP_SERVERS = []


def _no_data_folder(settings: Settings, tmp_path: Path) -> None:
    settings.LIKENESS_DATA_DIR = tmp_path / "none"


@pytest.mark.parametrize(
    ("take_away", "part"),
    [
        (_no_keys, "keys"),
        (_no_anchors, "keys"),
        (_no_commitment_key, "keys"),
        (_no_chain, "signing"),
        (_no_time_stamps, "time_stamps"),
        (_no_data_folder, "disk"),
    ],
)
def test_it_names_what_is_missing_of_its_files(
    whole: Settings, tmp_path: Path, take_away: Callable[[Settings, Path], None], part: str
) -> None:
    take_away(whole, tmp_path)
    status, health = said()
    assert (status, health["ok"]) == (200, False)
    assert list(missing()) == [part]


def test_it_names_members_that_the_log_does_not_know(whole: Settings, partner_a: Partner) -> None:
    Membership.objects.create(partner=partner_a, user=person("Olga"))
    assert list(missing()) == ["members"]


def test_it_names_a_full_disk(whole: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LEAST_DISK_BYTES", 2**62)
    assert list(missing()) == ["disk"]


def test_it_names_an_incomplete_sandbox(whole: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirement, "_missing", lambda: ("Landlock",))
    monkeypatch.delenv(requirement.SETTING, raising=False)
    assert missing() == {"sandbox": "No uploaded file is read: Landlock missing."}
    monkeypatch.setenv(requirement.SETTING, requirement.REDUCED)
    assert missing() == {"sandbox": "Uploaded files are read in a reduced sandbox: Landlock missing."}


def test_it_names_kernels_that_were_not_compiled_since_their_source_changed(
    whole: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "kernels.py"
    monkeypatch.setattr(readiness, "_kernels_by_source", lambda: {source: 2})
    source.write_text("")
    said = {"kernels": "The renderer's kernels are not compiled: run python -m tools.compile_kernels."}
    assert missing() == said
    made = tmp_path / "__pycache__"
    made.mkdir()
    (made / "kernels.turn-1.py311.nbi").write_text("")
    os.utime(source, (1, 1))
    assert missing() == said  # one of two
    (made / "kernels.tilt-9.py311.nbi").write_text("")
    assert missing() == {}
    os.utime(source, (2**33, 2**33))
    assert missing() == said


def test_every_kernel_is_compiled_at_set_up() -> None:
    """Also those that no trial frame calls."""
    sources = readiness._kernels_by_source()
    assert {"rasterize.py", "bounded_least_squares.py"} <= {source.name for source in sources}
    assert readiness._kernels() == ""


@pytest.mark.slow
def test_it_names_a_bucket_that_does_not_answer(whole: Settings) -> None:
    media = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": "media",
            "endpoint_url": "http://127.0.0.1:9",
            "access_key": "a",
            "secret_key": "b",
        },
    }
    whole.STORAGES = {**whole.STORAGES, "media": media}
    assert missing() == {"storage": "The media's bucket does not answer."}


def test_it_names_a_broker_that_is_away(whole: Settings, tmp_path: Path) -> None:
    whole.LIKENESS_REDIS_URL = f"redis+socket://{tmp_path / 'nobody.sock'}"
    status, _ = said()
    assert status == 200  # files are verified without it
    assert missing() == {"broker": "The broker does not answer."}


def test_it_names_a_clock_that_is_off(whole: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    off_by = timedelta(minutes=7).total_seconds()
    monkeypatch.setattr(readiness, "_now", lambda: time.time() + off_by)
    assert missing() == {"clock": "This machine's clock and the broker's are 420 s apart."}


@pytest.mark.parametrize("queue", ["cpu", "io", "verify"])
def test_it_names_a_queue_that_nobody_takes_from(whole: Settings, queue: str) -> None:
    cache.set(f"alive:{queue}", time.time() - heartbeats.STALE_AFTER_S - 1)
    assert missing() == {f"queue_{queue}": f"No worker takes from the queue {queue}."}


def test_it_names_a_clockwork_that_stands(whole: Settings) -> None:
    cache.delete("alive:beat")
    assert list(missing()) == ["beat"]


def test_each_part_is_taken_away_by_a_test_of_this_file(whole: Settings) -> None:
    tried = set(re.findall(r'"(\w+)"', Path(__file__).read_text())) | {
        f"queue_{q}" for q in ("cpu", "io", "verify")
    }
    assert {part.name for part in readiness.parts()} <= tried


def test_a_worker_announces_the_queues_that_it_takes_from(whole: Settings) -> None:
    cache.clear()

    class Worker:
        class app:  # noqa: N801 - Celery's name
            class amqp:  # noqa: N801
                class queues:  # noqa: N801
                    consume_from = {"io": 1, "verify": 1}

    _Announcer().start(Worker)
    assert set(missing()) == {"queue_cpu", "beat"}
