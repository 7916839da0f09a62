"""What tests are told again of a file: of the same bytes, asked in the same way, and of nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provenance.manifest.trust import TrustStore
from provenance.sandbox.isolation import IsolatedFailure
from provenance.verify.evidence.reader_report import FileReport, ReadJob
from provenance.verify.reader import reader_pool
from tests.provenance.read_once import once
from tests.provenance.verify.verdict.given_signals import NONE


@pytest.fixture
def job(tmp_path: Path) -> ReadJob:
    path = tmp_path / "file.mp4"
    path.write_bytes(secrets.token_bytes(100))
    return ReadJob(path, "video", "video/mp4", TrustStore("anchors"), (b"a key",))


@pytest.fixture
def asked() -> list[ReadJob]:
    """What the reader was asked for."""
    return []


@pytest.fixture
def read(asked: list[ReadJob]) -> Callable[[ReadJob], FileReport]:
    def reader(job: ReadJob, **patience: Any) -> FileReport:
        asked.append(job)
        return FileReport(NONE, has_hidden_data=False, watermark=None)

    return once(reader)


def test_a_file_that_has_moved_is_not_read_again(read, asked, job: ReadJob, tmp_path: Path) -> None:
    moved = job.path.rename(tmp_path / "elsewhere.mp4")
    first, again = read(replace(job, path=moved)), read(replace(job, path=moved))
    assert first == again
    assert first is not again  # nobody who changes one changes the other
    assert len(asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"watermark_keys": (b"another",)},
        {"watermark_keys": None},
        {"reads_sound": True},
        {"trust": TrustStore("others")},
        {"media_type": "video/quicktime"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_question_is_asked(read, asked, job: ReadJob, other: dict[str, Any]) -> None:
    read(job)
    read(replace(job, **other))
    assert len(asked) == 2


def test_another_file_and_other_limits_are_read(read, asked, job: ReadJob, monkeypatch) -> None:
    read(job)
    job.path.write_bytes(job.path.read_bytes()[:-1])
    read(job)
    monkeypatch.setattr(reader_pool, "CPU_S", 1)
    read(job)
    assert len(asked) == 3


def test_a_failure_is_not_kept(job: ReadJob) -> None:
    def fails(job: ReadJob) -> FileReport:
        raise IsolatedFailure("crashed")

    for _ in range(2):
        with pytest.raises(IsolatedFailure):
            once(fails)(job)
    said = FileReport(NONE, has_hidden_data=True, watermark=None)
    assert once(lambda job: said)(job) == said
