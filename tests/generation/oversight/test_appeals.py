"""A partner objects to a reviewer's decision; another reviewer answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import StaffRole, User
from generation.models import Appeal, Job, Rendition
from generation.oversight.appeals import decide_appeal, file_appeal
from generation.oversight.refusals import DecidedAlready, NotAppealable, OtherReviewerNeeded
from generation.services.erasure import deletion
from generation.services.review import refuse
from provenance.common.errors import NotFound
from provenance.models.log import LogEntry
from tests.factories import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(db: None) -> User:
    """A second reviewer."""
    return staff_member("Robin", StaffRole.REVIEWER)


@pytest.fixture
def refused(waiting: Rendition, rita: User) -> Rendition:
    """A video that Rita refused."""
    return refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="misleading")


@pytest.fixture
def appeal(refused: Rendition, alice: User) -> Appeal:
    """The partner's objection to it."""
    return file_appeal(actor=actor_of(alice), rendition_id=refused.id, text="It is a fairy tale.")


def test_a_refusal_is_appealed_once(appeal: Appeal, refused: Rendition, alice: User) -> None:
    assert LogEntry.objects.get(event="appeal.filed").entry.data["rendition_id"] == refused.pk
    with pytest.raises(NotAppealable):
        file_appeal(actor=actor_of(alice), rendition_id=refused.id, text="Again.")


def test_what_no_reviewer_ended_is_not_appealed(released: Rendition, alice: User) -> None:
    with pytest.raises(NotAppealable):
        file_appeal(actor=actor_of(alice), rendition_id=released.id, text="Why?")


def test_after_thirty_days_it_is_too_late(refused: Rendition, alice: User) -> None:
    Job.objects.update(state_since=timezone.now() - timedelta(days=31))
    with pytest.raises(NotAppealable):
        file_appeal(actor=actor_of(alice), rendition_id=refused.id, text="Late.")


def test_another_partner_does_not_find_it(refused: Rendition, charlie: User) -> None:
    with pytest.raises(NotFound):
        file_appeal(actor=actor_of(charlie), rendition_id=refused.id, text="Mine.")


def test_whoever_decided_does_not_answer(appeal: Appeal, rita: User) -> None:
    with pytest.raises(OtherReviewerNeeded):
        decide_appeal(actor=actor_of(rita), appeal_id=appeal.pk, outcome="dismissed", answer="No.")


def test_the_answer_is_on_record_and_told(
    appeal: Appeal, robin: User, django_capture_on_commit_callbacks: Any
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        decided = decide_appeal(
            actor=actor_of(robin), appeal_id=appeal.pk, outcome="upheld", answer="You are right."
        )
    assert decided.outcome == "upheld"
    assert LogEntry.objects.get(event="appeal.decided").entry.data["outcome"] == "upheld"
    assert "You are right." in mail.outbox[-1].body
    with pytest.raises(DecidedAlready):
        decide_appeal(actor=actor_of(robin), appeal_id=appeal.pk, outcome="dismissed", answer="No.")


def test_what_was_closed_stays_closed(appeal: Appeal, robin: User, refused: Rendition) -> None:
    decide_appeal(actor=actor_of(robin), appeal_id=appeal.pk, outcome="upheld", answer="You are right.")
    refused.job.refresh_from_db()
    assert refused.job.state == "rejected"


@pytest.mark.slow
def test_pages_lead_from_the_appeal_to_the_answer(
    refused: Rendition, alice_browser: Client, rita_browser: Client
) -> None:
    page = f"/console/jobs/{refused.job_id}/"
    assert "Appeal this decision" in alice_browser.get(page).content.decode()
    alice_browser.post(f"/console/renditions/{refused.id}/appeal/", {"text": "It is a fairy tale."})
    assert "waits for another reviewer" in alice_browser.get(page).content.decode()
    queue = rita_browser.get("/review/appeals/").content.decode()
    assert "It is a fairy tale." in queue
    assert "another reviewer answers" in queue


def test_words_go_with_the_video(appeal: Appeal, alice: User) -> None:
    deletion.delete_rendition(actor=actor_of(alice), rendition_id=appeal.rendition_id)
    appeal.refresh_from_db()
    assert appeal.text == ""
