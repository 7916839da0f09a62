from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from django.core.files.storage import storages
from moto import mock_aws
from pytest_django import Settings

from generation import storage


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(b"the same bytes")
    return path


@pytest.fixture(params=["disk", "s3"])
def _media(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The storage called "media", once on disk and once in S3."""
    if request.param == "disk":
        backend = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "media")},
        }
        settings.STORAGES = {**settings.STORAGES, "media": backend}
        yield
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="likeness")
        backend = {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": "likeness", "region_name": "us-east-1"},
        }
        settings.STORAGES = {**settings.STORAGES, "media": backend}
        yield


@pytest.mark.usefixtures("_media")
def test_it_gives_back_what_was_stored(file: Path) -> None:
    key = storage.store("portraits", file, ".png")
    with storage.open_file(key) as stored:
        assert stored.read() == b"the same bytes"
    assert storage.size_of(key) == 14


@pytest.mark.usefixtures("_media")
def test_the_same_content_has_one_key(file: Path, tmp_path: Path) -> None:
    again = tmp_path / "another name"
    again.write_bytes(file.read_bytes())
    assert storage.store("portraits", file, ".png") == storage.store("portraits", again, ".png")


@pytest.mark.usefixtures("_media")
def test_the_key_says_what_the_content_is(file: Path) -> None:
    key = storage.store("portraits", file, ".png")
    assert Path(key).stem == storage.sha256_of(file)
    assert key.startswith("portraits/")


@pytest.mark.usefixtures("_media")
def test_a_local_path_holds_the_content(file: Path) -> None:
    key = storage.store("portraits", file, ".png")
    with storage.local_path(key) as path:
        assert path.read_bytes() == b"the same bytes"


@pytest.mark.usefixtures("_media")
def test_a_missing_file_is_said_to_be_missing() -> None:
    with pytest.raises(FileNotFoundError), storage.local_path("portraits/aa/bb/" + "0" * 64 + ".png"):
        pass


def test_it_notices_when_the_stored_bytes_changed(file: Path) -> None:
    key = storage.store("portraits", file, ".png")
    Path(storages["media"].path(key)).write_bytes(b"other bytes")
    with pytest.raises(storage.StoredFileDamaged), storage.local_path(key):
        pass
    Path(storages["media"].path(key)).unlink()


def test_it_leaves_no_half_file_when_the_disk_fails(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generation.storage.shutil.copyfileobj", fail)
    source = file.with_name("never stored")
    source.write_bytes(b"never stored")
    with pytest.raises(OSError, match="No space"):
        storage.store("portraits", source, ".png")
    folder = Path(
        storages["media"].path(storage.key_for("portraits", storage.sha256_of(source), ".png"))
    ).parent
    assert list(folder.iterdir()) == []
