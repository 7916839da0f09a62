"""Where the policy is two reviewers, one alone lets nothing out."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import Partner, ReviewPolicy, StaffRole, User
from generation.audit_desk.history import Question, history_of
from generation.by_log import rendition_differences
from generation.choices.wanted_job import WantedJob
from generation.models import Rendition
from generation.selectors import review_queue
from generation.services.planning import plan_job
from generation.services.review import SecondReviewerNeeded, approve, refuse
from tests.factories import log_policy, staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(partner_a: Partner) -> None:
    """Partner A's videos need two reviewers."""
    with transaction.atomic():
        Partner.objects.filter(pk=partner_a.pk).update(review_policy=ReviewPolicy.TWO_REVIEWERS)
        log_policy(Partner.objects.get(pk=partner_a.pk))


@pytest.fixture
def robin(db: None) -> User:
    """A second reviewer."""
    return staff_member("Robin", StaffRole.REVIEWER)


def test_the_first_approval_releases_nothing(two: None, waiting: Rendition, rita: User) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    waiting.refresh_from_db()
    waiting.job.refresh_from_db()
    assert (waiting.job.state, waiting.first_approved_by) == ("in_review", rita.id)
    assert waiting.released_at is None


def test_the_same_reviewer_cannot_be_both(two: None, waiting: Rendition, rita: User) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    with pytest.raises(SecondReviewerNeeded):
        approve(actor=actor_of(rita), rendition_id=waiting.id)
    assert not review_queue(actor_of(rita)).exists()


def test_another_reviewer_releases_it_and_both_are_on_record(
    two: None, waiting: Rendition, rita: User, robin: User
) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id, note="Fine.")
    released = approve(actor=actor_of(robin), rendition_id=waiting.id)
    assert released.released_at is not None
    assert (released.first_approved_by, released.decided_by) == (rita.id, robin.id)
    history = history_of(waiting.id)
    approved = [step.actor for step in history.steps if step.question is Question.APPROVED]
    assert approved == [rita.id, robin.id]
    assert history.is_sound


def test_either_may_refuse(two: None, waiting: Rendition, rita: User, robin: User) -> None:
    approve(actor=actor_of(rita), rendition_id=waiting.id)
    refuse(actor=actor_of(robin), rendition_id=waiting.id, reason_code="misleading")
    waiting.job.refresh_from_db()
    assert waiting.job.state == "rejected"


def test_an_approval_that_was_written_into_the_row_alone_does_not_count(
    two: None, waiting: Rendition, rita: User, robin: User
) -> None:
    Rendition.objects.update(first_approved_by=robin.id)
    assert "first_approved_by" in rendition_differences(Rendition.objects.get())
    with pytest.raises(Exception, match="not waiting"):
        approve(actor=actor_of(rita), rendition_id=waiting.id)


@pytest.mark.slow
def test_a_dry_run_says_that_it_is_reviewed(two: None, submit, alice: User, waiting: Rendition) -> None:
    job = waiting.job
    wanted = WantedJob(portrait_id=job.portrait_id, driving_audio_id=job.driving_audio_id)
    plan = plan_job(actor=actor_of(alice), wanted=wanted)
    assert plan.is_reviewed


@pytest.mark.slow
def test_the_page_says_that_one_more_is_needed(two: None, waiting: Rendition, rita_browser: Client) -> None:
    page = f"/review/renditions/{waiting.id}/"
    answer = rita_browser.post(f"{page}approve/", follow=True)
    assert "waits for a second reviewer" in answer.content.decode()
    shown = rita_browser.get(page).content.decode()
    assert "Another one has to look at it" in shown
    assert "Release the video" not in shown
