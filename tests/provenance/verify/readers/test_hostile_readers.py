"""Readers that a file has taken over: they answer for nobody but themselves."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader import reader_pool as module
from provenance.verify.reader.reader_pool import Readers
from tests.provenance.verify.readers.lying_reader import FORGED

SHELF = Path(__file__).parents[3] / "vectors"
# Without keys: the credentials alone are read.
JOB = ReadJob(
    SHELF / "sealed.mp4", "video", "video/mp4", TrustStore((SHELF / "trust-anchors.pem").read_text())
)
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="processes are told apart by Linux's /proc")


@pytest.fixture(scope="module")
def taken_over() -> Iterator[Readers]:
    """A reader whose children do what the path of their file says."""
    pool = Readers(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "SERVER", "tests.provenance.verify.readers.hostile_reader")
        yield pool
    pool.close()


def read(pool: Readers, path: str = "") -> FileReport:
    return pool.read(replace(JOB, path=Path(path)) if path else JOB)


def outcome(pool: Readers, path: str = "") -> str:
    """`read` for an honest answer, `forged`, or the kind of failure."""
    try:
        report = read(pool, path)
    except IsolatedFailure as failure:
        return failure.kind
    return "read" if report.manifest.label else "forged"


def test_a_child_holds_nothing_but_the_pipe_for_its_answer(taken_over: Readers) -> None:
    found = json.loads(read(taken_over, "say what is open").manifest.title or "")
    assert found.pop("0") == "/dev/null"
    assert found.pop("1") == found.pop("2")
    assert len(found) == 1
    assert next(iter(found.values())).startswith("pipe:")


def test_no_other_process_may_look_into_a_reader(taken_over: Readers) -> None:
    assert read(taken_over, "say whether it can be looked into").manifest.title == '{"dumpable": 0}'


def who_reads(pool: Readers) -> int:
    return int(json.loads(read(pool, "say who reads").manifest.title or ""))


def children_of(pool: Readers) -> list[int]:
    """The processes of its reader that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pool._idle[0]._process.pid and state != "Z":
                found.append(int(path.parent.name))
    return found


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(500):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("It never is.")


def waits_for(pool: Readers, before: int = 0) -> int:
    """The process that stands ready for the next file, which is another than the one before."""
    seen: list[int] = []

    def is_ready() -> bool:
        seen[:] = children_of(pool)
        return len(seen) == 1 and seen != [before]

    wait_until(is_ready)
    return seen[0]


@needs_proc
def test_each_file_has_a_process_of_its_own_that_stood_ready_for_it(taken_over: Readers) -> None:
    before = who_reads(taken_over)
    ready = waits_for(taken_over, before)
    assert who_reads(taken_over) == ready
    assert waits_for(taken_over, ready) not in {before, ready}


@needs_proc
def test_a_process_that_ended_while_it_waited_costs_no_file(taken_over: Readers) -> None:
    ready = waits_for(taken_over, who_reads(taken_over))
    server = taken_over._idle[0]
    os.kill(ready, signal.SIGKILL)
    wait_until(lambda: not children_of(taken_over))
    assert outcome(taken_over) == "read"
    assert taken_over._idle == [server]


@pytest.mark.slow
@needs_proc
def test_what_waits_ends_with_its_reader() -> None:
    pool = Readers(1)
    read(pool)
    ready = waits_for(pool)
    pool.close()
    wait_until(lambda: not Path(f"/proc/{ready}").exists())


@pytest.mark.parametrize("attack", ["write to all that is open", "write to all that the parent has open"])
def test_a_child_answers_for_nobody_else(taken_over: Readers, attack: str) -> None:
    outcome(taken_over, path=attack)  # its own answer is its own affair
    assert outcome(taken_over) in {"read", "garbled"}
    assert outcome(taken_over) == "read"


def test_a_child_that_answers_with_no_object_is_garbled(taken_over: Readers) -> None:
    assert outcome(taken_over, path="answer with a list") == "garbled"
    assert outcome(taken_over) == "read"


@pytest.mark.parametrize(
    "what",
    [
        "two lines",
        "no object",
        "no text",
        "of an earlier order",
        "without a nonce",
        "no result",
        "result and failure",
        "unknown state",
        "one key more",
        "text for a truth value",
        "unknown failure",
    ],
)
def test_a_reader_whose_answer_is_not_to_the_order_is_replaced(what: str, monkeypatch) -> None:
    monkeypatch.setattr(module, "SERVER", "tests.provenance.verify.readers.lying_reader")
    pool = Readers(1)
    assert outcome(pool, path=what) == "garbled"
    assert pool._idle == []
    pool.close()


def test_a_report_on_something_that_was_not_asked_for_is_garbled(monkeypatch) -> None:
    monkeypatch.setattr(module, "SERVER", "tests.provenance.verify.readers.lying_reader")
    pool = Readers(1)
    assert outcome(pool, path="a watermark that nobody asked for") == "garbled"
    pool.close()


@pytest.mark.slow
def test_a_reader_that_keeps_to_the_rules_is_kept(monkeypatch) -> None:
    monkeypatch.setattr(module, "SERVER", "tests.provenance.verify.readers.lying_reader")
    pool = Readers(1)
    assert read(pool, "one line") == FORGED
    assert len(pool._idle) == 1
    pool.close()
