"""The settings as a process of its own reads them: what is unsafe or cannot work stops the start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection

SHOW = (
    "import json; from config.settings import base;"
    "print(json.dumps({name: getattr(base, name) for name in ('DATABASES', 'LIKENESS_ON_LOOPBACK')}))"
)


def started(**environment: str) -> tuple[dict[str, Any] | None, str]:
    """The settings that a process with these variables has, or None and the last line of its complaint."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("LIKENESS_")}
    done = subprocess.run(
        [sys.executable, "-c", SHOW], env=others | environment, capture_output=True, text=True, check=False
    )
    return (json.loads(done.stdout), "") if done.returncode == 0 else (None, done.stderr.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize(
    "public",
    [
        {"LIKENESS_BASE_URL": "https://a.example"},
        {"LIKENESS_ALLOWED_HOSTS": "localhost,a.example"},
        {"LIKENESS_BEHIND_PROXY": "true"},
    ],
)
def test_it_does_not_start_beyond_loopback_with_the_secret_that_everybody_can_read(public):
    settings, complaint = started(**public)
    assert settings is None
    assert "LIKENESS_SECRET_KEY" in complaint
    settings, _ = started(**public, LIKENESS_SECRET_KEY="k" * 60)
    assert settings is not None
    assert not settings["LIKENESS_ON_LOOPBACK"]


def test_it_starts_on_loopback_without_any_variable():
    settings, _ = started()
    assert settings is not None
    assert settings["LIKENESS_ON_LOOPBACK"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "variable",
    [{"LIKENESS_VIDEO_SIZE": "513"}, {"LIKENESS_VIDEO_SIZE": "4096"}, {"LIKENESS_VIDEO_FPS": "61"}],
)
def test_it_refuses_a_video_form_that_no_job_could_be_made_in(variable):
    settings, complaint = started(**variable)
    assert settings is None
    assert next(iter(variable)) in complaint


def test_it_hands_encryption_of_the_database_connection_to_the_driver():
    url = "postgresql://likeness:s%40fe@db.example:5433/likeness?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem"
    settings, _ = started(LIKENESS_DATABASE_URL=url)
    assert settings is not None
    database = settings["DATABASES"]["default"]
    assert (database["HOST"], database["PASSWORD"]) == ("db.example", "s@fe")
    assert database["OPTIONS"].items() >= {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}.items()


def test_how_long_it_waits_for_a_database_can_be_said_in_its_address():
    settings, _ = started(LIKENESS_DATABASE_URL="postgresql://a:b@db.example/likeness")
    assert settings is not None
    assert settings["DATABASES"]["default"]["OPTIONS"]["connect_timeout"] == 5
    settings, _ = started(LIKENESS_DATABASE_URL="postgresql://a:b@db.example/likeness?connect_timeout=30")
    assert settings is not None
    assert settings["DATABASES"]["default"]["OPTIONS"]["connect_timeout"] == "30"


def test_a_power_cut_cannot_undo_what_was_committed(db):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
        else:
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (2,)
