"""The ids of issued marks: in a file that processes share, and always those of the database."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest
from django.utils import timezone

from provenance.keys.service_keys import SecretUnusable, watermark_key
from provenance.models import Record
from provenance.services import issued_ids
from provenance.services.issued_ids import FILE, IssuedIds
from provenance.watermark import WatermarkKey, WatermarkPayload
from provenance.watermark.coding import error_correction

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def file(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the shared file is written once it would have more than five new ids."""
    settings.LIKENESS_DATA_DIR = tmp_path
    monkeypatch.setattr(issued_ids, "MOST_IN_MEMORY", 5)
    return tmp_path / FILE


def issue(*numbers: int, year: int = YEAR, version: int = 2) -> None:
    Record.objects.bulk_create(
        Record(
            rendition_id=f"rnd_{number:022d}",
            watermark_id=f"{number:012x}",
            watermark_year=year,
            watermark_version=version,
            content_prints=b"",
            file_sha256=hashlib.sha256(b"%d" % number).hexdigest(),
            size_bytes=1,
            duration_s=1.0,
            manifest=b"",
            log_index=number,
            sealed_at=timezone.now(),
        )
        for number in numbers
    )


def known(ids: IssuedIds, *numbers: int, year: int = YEAR, version: int = 2) -> list[bool]:
    return [WatermarkPayload(number, version) in ids.registry(year) for number in numbers]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many ids were coded each time that ids were coded."""
    found: list[int] = []
    real = error_correction.encode_packed

    def encode(payloads):
        found.append(len(payloads))
        return real(payloads)

    monkeypatch.setattr(error_correction, "encode_packed", encode)
    return found


def test_what_one_process_has_written_no_other_loads(file: Path, counted: list[int]) -> None:
    issue(*range(1, 21))
    assert known(IssuedIds(), 1, 20, 21) == [True, True, False]
    assert file.stat().st_mode & 0o777 == 0o600
    assert counted == [20]
    issue(21, 22)
    later = IssuedIds()
    assert known(later, 1, 20, 21, 22, 23) == [True, True, True, True, False]
    assert counted == [20, 2]
    assert len(later.registry(YEAR)) == 22


def test_a_process_that_runs_for_long_moves_over_to_the_file(file: Path, counted: list[int]) -> None:
    issue(1)
    ids = IssuedIds()
    assert known(ids, 1) == [True]
    assert not file.exists()
    issue(*range(2, 10))
    assert known(ids, 1, 9) == [True, True]
    assert file.exists()
    assert known(IssuedIds(), 1, 9) == [True, True]
    assert sum(counted) <= 1 + 8 + 9


def test_each_year_and_version_has_its_own(file: Path) -> None:
    issue(*range(1, 11), version=1)
    issue(*range(11, 21), year=YEAR + 1)
    for ids in (IssuedIds(), IssuedIds()):
        assert known(ids, 1, version=1) == [True]
        assert known(ids, 1, 11) == [False, False]
        assert known(ids, 11, year=YEAR + 1) == [True]


def test_a_database_that_was_put_back_is_taken_in_anew(file: Path) -> None:
    issue(*range(1, 21))
    before = IssuedIds()
    assert known(before, 20) == [True]
    Record.objects.filter(log_index__gt=10).delete()
    issue(30)
    for ids in (before, IssuedIds()):
        assert known(ids, 10, 20, 30) == [True, False, True]


def test_a_file_of_another_key_is_not_believed(file: Path, settings, tmp_path: Path) -> None:
    issue(*range(1, 21))
    assert known(IssuedIds(), 1) == [True]
    other = tmp_path / "other-key"
    other.write_text("ab" * 32)
    running = IssuedIds()
    assert known(running, 1) == [True]
    settings.LIKENESS_WATERMARK_KEY_FILE = other
    for ids in (running, IssuedIds()):
        assert known(ids, 1, 20, 21) == [True, True, False]
        assert ids.registry(YEAR).key == watermark_key(YEAR)


@pytest.mark.parametrize("at", [0, 4096, 4096 + 8 * 20, -1], ids=["head", "ids", "codewords", "end"])
def test_an_edited_file_is_written_anew(file: Path, at: int, counted: list[int]) -> None:
    issue(*range(1, 21))
    assert known(IssuedIds(), 1) == [True]
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    for broken in (bytes(data), bytes(data[:-9]), b""):
        file.write_bytes(broken)
        assert known(IssuedIds(), *range(1, 22)) == [*[True] * 20, False]
    assert counted == [20] * 4


def test_without_a_folder_to_write_to_they_stay_in_memory(file: Path, settings) -> None:
    settings.LIKENESS_DATA_DIR = file.parent / "nowhere"
    issue(*range(1, 21))
    ids = IssuedIds()
    assert known(ids, 1, 20, 21) == [True, True, False]
    issue(21)
    assert known(ids, 21) == [True]


@pytest.mark.django_db(transaction=True)
def test_of_processes_that_start_together_one_writes(file: Path, counted: list[int]) -> None:
    issue(*range(1, 21))
    found: list[list[bool]] = []
    starting = [threading.Thread(target=lambda: found.append(known(IssuedIds(), 1, 20))) for _ in range(4)]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    assert found == [[True, True]] * 4
    assert counted == [20]


def test_ids_that_were_not_taken_in_are_not_counted_as_such(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_next_year(year: int) -> WatermarkKey:
        if year > YEAR:
            raise SecretUnusable
        return watermark_key(year)

    issue(1)
    ids = IssuedIds()
    assert known(ids, 1) == [True]
    issue(2, year=YEAR + 1)
    with monkeypatch.context() as patched:
        patched.setattr(issued_ids, "watermark_key", without_next_year)
        with pytest.raises(SecretUnusable):
            ids.registry(YEAR)
    assert known(ids, 2, year=YEAR + 1) == [True]


def start() -> None:
    """As the web server does, in a thread of its own: it closes its connections."""
    thread = threading.Thread(target=issued_ids.get_ready)
    thread.start()
    thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_starts_has_them_before_it_is_asked(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue(*range(1, 21))
    monkeypatch.setattr(issued_ids, "issued_ids", ids := IssuedIds())
    start()
    assert file.exists()
    monkeypatch.setattr(IssuedIds, "_open", None)
    assert known(ids, 1, 20) == [True, True]


@pytest.mark.django_db(transaction=True)
def test_a_server_starts_without_its_keys(
    file: Path, settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(issued_ids, "issued_ids", IssuedIds())
    settings.LIKENESS_WATERMARK_KEY_FILE = file.parent / "nothing"
    start()
    assert "could not be opened at start" in caplog.text
