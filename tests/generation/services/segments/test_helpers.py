"""What a worker does that helps another one: when it begins, what it waits for and when it leaves."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from generation import tasks
from generation.animation.identity import ModelIdentity, PixelOrigin
from generation.animation.portrait.portrait_check import PortraitRejected
from generation.models import Job, RenderSegment
from generation.pipeline.segments.segment import MadeSegment
from generation.services.advance import advance, claim
from generation.services.segments import helping, sharing
from generation.services.segments.helping import Help, help_with
from generation.services.segments.sharing import SharedSegments
from generation.states import RUNNING, JobState
from tests.generation.pipeline.segments.sways import SwayingStretches
from tests.generation.services.segments.workers import (
    CUTS,
    PLAN,
    Counting,
    assert_nothing_is_left,
    helping_by,
    motion,
    offer,
)

pytestmark = pytest.mark.slow


def test_a_helper_with_another_renderer_makes_nothing(job: Job, worker, when_asked) -> None:
    class Newer(Counting):
        @property
        def identity(self) -> ModelIdentity:
            return ModelIdentity("Swaying portrait", "2", "5" * 64, PixelOrigin.PORTRAIT)

    newer = Newer()
    when_asked(helping_by(newer))
    worker.make_video(job)
    assert newer.rendered == []


def test_a_helper_leaves_the_rest_while_a_job_waits(submit: Callable[..., Job], worker, helper, when_asked):
    job, waiting = submit(), submit(seed=8)
    ended = when_asked(helping_by(helper))
    worker.make_video(job)
    assert ended == [Help.JOBS_WAIT]
    assert helper.rendered == []
    waiting.refresh_from_db()
    assert waiting.state == "queued"


@pytest.fixture
def when_waiting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[float]]:
    """Have something done whenever a helper waits for a segment; how often it did."""

    def _when_waiting(act: Callable[[], Any], clock: Callable[[], float] = time.monotonic) -> list[float]:
        waited: list[float] = []

        def wait(seconds: float) -> None:
            waited.append(seconds)
            act()

        monkeypatch.setattr(helping, "time", SimpleNamespace(monotonic=clock, sleep=wait))
        return waited

    return _when_waiting


def test_a_helper_that_comes_early_has_fitted_the_face_when_segments_come(
    job: Job, helper: Counting, when_waiting
) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()

    def begin() -> None:
        assert (helper.fitted, helper.rendered) == (1, [])
        offer(job)

    waited = when_waiting(begin)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert (len(waited), helper.fitted, helper.rendered) == (1, 1, CUTS[1:])


@pytest.fixture
def _two_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_ask", lambda *_: 2)


@pytest.mark.usefixtures("_two_are_asked")
def test_a_helper_renders_before_the_strength_is_chosen_and_marks_with_it(
    job: Job, worker, helper: Counting, when_waiting, segments
) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()
    shared = SharedSegments(job, watermark_year=2026, on_frame=lambda *done: None)
    shared.announce(replace(PLAN, strength=None, label_place="top_left"), motion())
    making = shared.segments(PLAN, motion(), worker.make)
    found: list[MadeSegment] = []

    def choose() -> None:
        assert helper.rendered == [CUTS[1]]
        assert RenderSegment.objects.get(number=1).made_key == ""
        found.append(next(making))

    waited = when_waiting(choose)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert len(waited) == 1
    assert [segment.to_bytes() for segment in (*found, *making)] == segments
    assert (worker.rendered, helper.rendered) == (CUTS[:1], CUTS[1:])
    assert_nothing_is_left()


def test_a_helper_waits_for_no_attempt_that_signs(job: Job, helper: Counting, when_waiting) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()

    def sign() -> None:
        advance(job_id=job.id, before=JobState.ANIMATING, after=JobState.MARKING)
        advance(job_id=job.id, before=JobState.MARKING, after=JobState.SIGNING)

    waited = when_waiting(sign)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert len(waited) == 1


def test_a_helper_waits_no_longer_than_it_may(job: Job, helper: Counting, when_waiting) -> None:
    assert claim(job_id=job.id)
    job.refresh_from_db()
    waited = when_waiting(lambda: None, clock=itertools.count(step=helping.MOST_WAIT_S / 3).__next__)
    assert helping_by(helper)(job.id, job.lease_owner) is Help.NOTHING_LEFT
    assert len(waited) == 2


def test_a_job_that_comes_while_a_helper_waits_goes_first(
    submit: Callable[..., Job], helper: Counting, when_waiting
) -> None:
    job = submit()
    assert claim(job_id=job.id)
    job.refresh_from_db()
    waited = when_waiting(lambda: submit(seed=8))
    assert helping_by(helper)(job.id, job.lease_owner) is Help.JOBS_WAIT
    assert len(waited) == 1


def test_a_helper_whose_portrait_cannot_be_fitted_leaves_the_reason_to_the_attempt(job: Job) -> None:
    class Refusing(SwayingStretches):
        def fit(self, image: np.ndarray) -> np.ndarray:
            raise PortraitRejected("no_face", "No face.", "Another picture.")

    assert claim(job_id=job.id)
    job.refresh_from_db()
    assert helping_by(Refusing())(job.id, job.lease_owner) is Help.NOTHING_LEFT


def test_a_helper_keeps_no_face_of_an_attempt_that_has_ended(job: Job, worker, helper, when_asked) -> None:
    when_asked(helping_by(helper))
    worker.make_video(job)
    assert len(helping._last) == 1
    advance(job_id=job.id, before=RUNNING, after=JobState.QUEUED)
    help_with(job_id=job.id, attempt="another", load_animator=lambda name: helper)
    assert helping._last == []


@pytest.mark.parametrize(("ended", "sent"), [(Help.JOBS_WAIT, 1), (Help.NOTHING_LEFT, 0)])
def test_an_offer_of_help_that_jobs_kept_waiting_goes_to_the_end_of_the_queue(
    job: Job, monkeypatch: pytest.MonkeyPatch, ended: Help, sent: int
) -> None:
    again: list[tuple[tuple[str, str], dict[str, Any]]] = []
    monkeypatch.setattr(helping, "help_with", lambda **offer: ended)
    monkeypatch.setattr(
        tasks.help_with_segments, "apply_async", lambda what, **how: again.append((what, how))
    )
    tasks.help_with_segments(job.id, "an attempt")
    assert again == sent * [((job.id, "an attempt"), {"queue": "cpu", "countdown": tasks.HELP_AGAIN_S})]


def test_an_offer_of_help_for_an_attempt_that_has_ended_does_nothing(job: Job) -> None:
    tasks.help_with_segments(job.id, "an attempt that ended")
    job.refresh_from_db()
    assert job.state == "queued"
