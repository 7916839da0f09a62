"""The readers of strangers' files: few at a time, replaced when they die, and limited as ever."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from provenance.common.strict_json import to_plain
from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader import reader_pool as module
from provenance.verify.reader.reader_pool import Readers, ReadersBusy, read_once
from provenance.watermark import WatermarkKey
from tests.provenance import clips

pytestmark = pytest.mark.slow

SHELF = Path(__file__).parents[3] / "vectors"
SEALED = SHELF / "sealed.mp4"


@pytest.fixture
def job(tmp_path: Path) -> ReadJob:
    key = WatermarkKey(bytes.fromhex((SHELF / "watermark-key").read_text())).for_year(2026)
    trust = TrustStore((SHELF / "trust-anchors.pem").read_text())
    # The key that finds the mark: without it every search is made, which takes seconds.
    return ReadJob(SEALED, "video", "video/mp4", trust, (key.secret,))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[module._Reader]:
    """The reader processes that were started."""
    all_readers: list[module._Reader] = []
    start = module._Reader.__init__

    def noted(reader: module._Reader) -> None:
        start(reader)
        all_readers.append(reader)

    monkeypatch.setattr(module._Reader, "__init__", noted)
    return all_readers


@pytest.fixture
def readers() -> Iterator[Readers]:
    pool = Readers(2)
    yield pool
    pool.close()


def test_they_say_what_a_process_for_one_file_says(readers: Readers, job: ReadJob) -> None:
    assert to_plain(readers.read(job)) == to_plain(read_once(job))


def test_many_files_share_a_few_processes(readers: Readers, started, job: ReadJob) -> None:
    with ThreadPoolExecutor(12) as crowd:
        answers = list(crowd.map(lambda _: readers.read(job), range(24)))
    assert len(answers) == 24
    assert all(to_plain(answer) == to_plain(answers[0]) for answer in answers)
    found = answers[0].watermark
    assert found is not None
    assert found.extraction is not None
    assert found.extraction.readings[0].payload
    assert len(started) == 2


def test_whoever_waits_too_long_is_told(job: ReadJob) -> None:
    pool, is_in, may_leave = Readers(1), threading.Event(), threading.Event()

    def hold() -> None:
        with pool._one(1.0):
            is_in.set()
            may_leave.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    is_in.wait()
    with pytest.raises(ReadersBusy):
        pool.read(job, queue_timeout_s=0.05)
    may_leave.set()
    holder.join()
    assert pool.read(job).manifest.label
    pool.close()


def test_where_too_many_wait_the_next_is_told_at_once(job: ReadJob, monkeypatch) -> None:
    monkeypatch.setattr(module, "MOST_AT_ONCE", 1)
    pool, is_in, may_leave = Readers(1), threading.Event(), threading.Event()
    read = module._Reader.read

    def dawdle(reader: module._Reader, order: ReadJob, *, wall_s: float) -> FileReport:
        is_in.set()
        may_leave.wait()
        return read(reader, order, wall_s=wall_s)

    monkeypatch.setattr(module._Reader, "read", dawdle)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(pool.read, job)
        is_in.wait()
        with pytest.raises(ReadersBusy):
            pool.read(job)
        may_leave.set()
        assert first.result().manifest.label
    pool.close()


def test_a_reader_that_was_killed_is_replaced(readers: Readers, started, job: ReadJob) -> None:
    first = readers.read(job)
    os.killpg(started[0]._process.pid, signal.SIGKILL)
    started[0]._process.wait()
    assert to_plain(readers.read(job)) == to_plain(first)
    assert len(started) == 2


def test_a_file_that_takes_too_long_costs_no_reader(readers, started, job, monkeypatch) -> None:
    readers.read(job)
    with monkeypatch.context() as impatient:
        impatient.setattr(module, "WALL_S", 0.005)
        with pytest.raises(IsolatedFailure) as caught:
            readers.read(job)
    assert (caught.value.kind, caught.value.is_late) == ("time", True)
    assert readers.read(job).manifest.label


def test_who_is_in_a_hurry_is_told_when_a_reader_gets_too_little_of_the_machine(readers, job) -> None:
    readers.read(job)
    with pytest.raises(ReadersBusy):
        readers.read(job, hurried_s=0.005)
    assert readers.read(job).manifest.label


def test_a_file_that_takes_too_much_memory_costs_no_reader(readers, started, job, monkeypatch) -> None:
    readers.read(job)
    monkeypatch.setattr(module, "MEMORY_BYTES", 200 * 1024**2)
    with pytest.raises(IsolatedFailure):
        readers.read(job)
    monkeypatch.undo()
    assert readers.read(job).manifest.label
    assert len(started) == 1


def test_a_path_that_is_not_there_is_a_failure_and_no_more(readers: Readers, job: ReadJob) -> None:
    with pytest.raises(IsolatedFailure):
        readers.read(replace(job, path=Path("/nowhere/file.mp4")))
    assert readers.read(job).manifest.label


def test_what_a_file_is_does_not_depend_on_the_file_before(readers, job, tmp_path: Path) -> None:
    plain = clips.write_clip(tmp_path / "plain.mp4", clips.moving_frames(10))
    job = replace(job, watermark_keys=None)
    assert readers.read(job).manifest.state != "none"
    assert readers.read(replace(job, path=plain)).manifest.state == "none"
