"""A database that is away, hangs or is full: a coded answer within seconds, and /readyz says it."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError
from django.test import Client
from psycopg import errors as postgresql_errors

from config.operations.faults import fault_of
from tests.postgresql_server import postgresql_server

ROOT = Path(__file__).parents[2]
ASK = """
import json, sys, django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, SERVER_NAME="localhost")
key = {"HTTP_AUTHORIZATION": "Bearer lk_000000000000_x"}
answers = {}
for path in ("/readyz", "/livez", "/v1/jobs", "/log/"):
    answer = client.get(path, **key)
    answers[path] = [answer.status_code, answer.headers.get("Retry-After"), answer.content.decode()]
print(json.dumps(answers))
"""


@pytest.fixture(params=["hangs", "is gone"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port of this machine behind which no database answers: one takes calls and stays silent."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        number = int(server.getsockname()[1])
        if request.param == "is gone":
            server.close()
        yield number


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_every_door_answers_within_seconds(port: int, tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "LIKENESS_DATA_DIR": str(tmp_path),
        "LIKENESS_DATABASE_URL": f"postgresql://a:b@127.0.0.1:{port}/likeness?connect_timeout=2",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    status, _, body = answers["/readyz"]
    health = json.loads(body)
    assert (status, health["ok"], health["accepts_work"]) == (503, False, False)
    assert health["parts"]["database"]["problem"] == "The database does not answer."
    assert answers["/livez"][0] == 200
    status, retry_after, body = answers["/v1/jobs"]
    assert (status, retry_after, json.loads(body)["code"]) == (503, "5", "database_unavailable")
    assert answers["/log/"][0] == 503
    assert "The database does not answer at the moment." in answers["/log/"][2]


FROZEN = """
import json, sys, time, django
django.setup()
from django.db import connection
from django.test import Client
from config.operations.faults import fault_of
from config.postgresql import base, patience
base.HEALTH_IN_S, patience.ANSWERS_IN_S = 1.0, 2.0
import config.wsgi

def select(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]

print(select("SELECT pg_backend_pid()"), flush=True)
sys.stdin.readline()
begun = time.monotonic()
try:
    found = [select("SELECT 1")]
except Exception as error:
    found = [fault_of(error).code]
found.append(time.monotonic() - begun)
answer = Client(raise_request_exception=False, SERVER_NAME="localhost").get("/v1/log/entries")
print(json.dumps([*found, answer.status_code, answer.json()["code"]]), flush=True)
sys.stdin.readline()
connection.close_if_unusable_or_obsolete()
print(select("SELECT 2"))
"""


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_a_server_that_freezes_is_given_up_and_found_again(tmp_path: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "LIKENESS_DATA_DIR": str(tmp_path),
        "LIKENESS_LOG_MARK_CALLBACK": "tests.provenance.log.append.shared_mark.on_this_machine",
    }
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with postgresql_server() as url:
        environment["LIKENESS_DATABASE_URL"] = f"{url}&connect_timeout=2"
        with subprocess.Popen([sys.executable, "-c", FROZEN], env=environment, cwd=ROOT, **pipes) as asking:
            assert asking.stdin is not None
            assert asking.stdout is not None
            backend = int(asking.stdout.readline())
            postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
            for process in (postmaster, backend):
                os.kill(process, signal.SIGSTOP)
            try:
                asking.stdin.write("\n")
                asking.stdin.flush()
                told_in_the_middle, seconds, status, code = json.loads(asking.stdout.readline())
            finally:
                for process in (postmaster, backend):
                    os.kill(process, signal.SIGCONT)
            assert asking.communicate("\n")[0] == "2\n"
    assert told_in_the_middle == code == "database_unavailable"
    assert status == 503
    assert seconds < 20  # nothing else would ever end it


def told(error: Exception, cause: Exception | None = None) -> str | None:
    error.__cause__ = cause
    fault = fault_of(error)
    return fault.code if fault else None


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (postgresql_errors.OperationalError(), "database_unavailable"),
        (postgresql_errors.AdminShutdown(), "database_unavailable"),
        (postgresql_errors.DeadlockDetected(), "database_unavailable"),
        (postgresql_errors.TooManyConnections(), "database_unavailable"),
        (postgresql_errors.DiskFull(), "out_of_space"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_postgresql_says_is_told_apart(cause: Exception, code: str) -> None:
    assert told(OperationalError(), cause) == code


def test_what_nobody_foresaw_stays_that() -> None:
    assert told(IntegrityError()) is None
    assert told(ProgrammingError(), postgresql_errors.UndefinedTable()) is None
    assert told(ValueError()) is None
    assert told(OSError(errno.ENOSPC, "no space left")) == "out_of_space"


@pytest.mark.slow
def test_a_full_disk_under_sqlite_is_told(tmp_path: Path) -> None:
    script = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "from config.operations.faults import fault_of\n"
        "try:\n"
        "    with connection.cursor() as cursor:\n"
        "        cursor.execute('PRAGMA max_page_count = 3')\n"
        "        cursor.execute('CREATE TABLE t (a)')\n"
        "        cursor.execute('INSERT INTO t VALUES (zeroblob(100000))')\n"
        "except Exception as error:\n"
        "    print(fault_of(error).code)\n"
        "with connection.cursor() as cursor:\n"
        "    try:\n"
        "        cursor.execute('SELECT * FROM nothing_of_the_kind')\n"
        "    except Exception as error:\n"
        "        print(fault_of(error))\n"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")},
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "LIKENESS_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["out_of_space", "None"]


@pytest.mark.django_db
def test_a_full_disk_while_a_page_is_made_has_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr("provenance.selectors.log.find_entries", full)
    client = Client(raise_request_exception=False)
    answer = client.get("/v1/log/entries")
    assert (answer.status_code, answer.json()["code"]) == (507, "out_of_space")
    answer = client.get("/log/")
    assert answer.status_code == 507
    assert "There is no disk space left" in answer.content.decode()
