"""A run of retention at some later day, and what is still stored then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
import time_machine
from django.core.files.storage import storages
from django.utils import timezone
from moto import mock_aws
from pytest_django import Settings

from generation import storage
from generation.services.erasure.run import Erased, erase_what_is_due, sweep_strays

BUCKET = "likeness"


@pytest.fixture(autouse=True)
def _own_media(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Media, uploads and temporary folders of this test alone, as a run looks at everything there is."""
    folder = tmp_path_factory.mktemp("kept")
    backend = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder / "media")},
    }
    settings.STORAGES = {**settings.STORAGES, "media": backend}
    settings.FILE_UPLOAD_TEMP_DIR = folder / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    settings.LIKENESS_DATA_DIR = folder
    (folder / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder / "temporary"))
    yield
    assert storages["media"]


@pytest.fixture(autouse=True)
def _the_databases_clock_travels_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """On PostgreSQL it would stay at today while a test looks at later days."""
    for module in ("services.erasure.run", "management.commands.retention"):
        monkeypatch.setattr(f"generation.{module}.now_of_database", timezone.now)


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The media in a bucket with versioning."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        backend = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": BUCKET, "region_name": "us-east-1"},
        }
        settings.STORAGES = {**settings.STORAGES, "media": backend}
        yield client


@pytest.fixture
def run_after() -> Callable[..., Erased]:
    """What the periodic task does once so much time has passed."""

    def _run(**time: float) -> Erased:
        with time_machine.travel(timezone.now() + timedelta(**time), tick=False):
            return erase_what_is_due()

    return _run


@pytest.fixture
def sweep_after() -> Callable[..., int]:
    """What the daily sweep removes once so much time has passed."""

    def _sweep(**time: float) -> int:
        with time_machine.travel(timezone.now() + timedelta(**time), tick=False):
            return sweep_strays()

    return _sweep


def stored() -> set[str]:
    """The keys of all stored files."""
    kinds = ("portraits", "stills", "driving-audio", "renditions", "verifications")
    return {file.key for kind in kinds for file in storage.walk(kind)}
