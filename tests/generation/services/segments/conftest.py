"""Short segments, and what workers that share a job do to each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from generation.services.segments import helping, sharing
from tests.generation.services.segments.workers import Counting, Worker


@pytest.fixture(autouse=True)
def _segments_are_short(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    monkeypatch.setattr("generation.pipeline.segments.plan.SEGMENT_S", 0.2)
    monkeypatch.setattr(sharing, "ASK_EVERY_S", 0.01)
    monkeypatch.setattr(helping, "ASK_EVERY_S", 0.01)
    monkeypatch.setattr(sharing, "TELL_EVERY_S", 0.0)
    settings.LIKENESS_SPLIT_FROM_S = 0.4


@pytest.fixture
def helper() -> Counting:
    """Another worker."""
    return Counting()


@pytest.fixture
def worker() -> Worker:
    """The worker that holds the job."""
    return Worker()


@pytest.fixture(scope="session")
def segments() -> list[bytes]:
    """The segments as one process makes them."""
    return [Worker().make(number, lambda done: None).to_bytes() for number in range(3)]


@pytest.fixture
def when_asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str, str], Any]], list[Any]]:
    """Have something done with job and attempt at the moment at which help is asked for; what it gave."""

    def _when_asked(act: Callable[[str, str], Any]) -> list[Any]:
        gave: list[Any] = []
        monkeypatch.setattr(
            sharing, "ask_for_help", lambda job, attempt, count: gave.append(act(job.pk, attempt))
        )
        return gave

    return _when_asked
