"""Approved videos are drawn by lot, and another reviewer says what they would have done."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.access.actors import actor_of
from accounts.errors import RoleRequired
from accounts.models import StaffRole, User
from generation.audit_desk.figures import figures_of
from generation.audit_desk.videos import AuditFilter
from generation.models import Rendition, SecondLook
from generation.oversight.refusals import DecidedAlready, OtherReviewerNeeded
from generation.oversight.second_looks import answer, draw, waiting_for
from provenance.models.log import LogEntry
from tests.conftest import browser_of
from tests.factories import staff_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def anouk(db: None) -> User:
    """An auditor."""
    return staff_member("Anouk", StaffRole.AUDITOR)


@pytest.fixture
def robin(db: None) -> User:
    """A second reviewer."""
    return staff_member("Robin", StaffRole.REVIEWER)


@pytest.fixture
def look(released: Rendition, anouk: User) -> SecondLook:
    """A released video that was drawn."""
    (drawn,) = draw(actor=actor_of(anouk), wanted=AuditFilter(), count=5)
    return drawn


@pytest.mark.slow
def test_what_a_reviewer_approved_is_drawn_once(look: SecondLook, released: Rendition, anouk: User) -> None:
    assert (look.rendition_id, look.first_reviewer) == (released.pk, released.decided_by)
    assert draw(actor=actor_of(anouk), wanted=AuditFilter(), count=5) == []
    assert LogEntry.objects.get(event="review.sampled").entry.data["look_id"] == look.pk


def test_auditors_alone_draw(released: Rendition, rita: User) -> None:
    with pytest.raises(RoleRequired):
        draw(actor=actor_of(rita), wanted=AuditFilter(), count=5)


def test_whoever_approved_it_does_not_look_again(look: SecondLook, rita: User, robin: User) -> None:
    assert look.first_reviewer == rita.id
    assert not waiting_for(actor_of(rita)).exists()
    assert waiting_for(actor_of(robin)).get() == look
    with pytest.raises(OtherReviewerNeeded):
        answer(actor=actor_of(rita), look_id=look.pk, agrees=True)


def test_the_answer_is_on_record_and_counted(look: SecondLook, robin: User) -> None:
    answer(actor=actor_of(robin), look_id=look.pk, agrees=False, note="The mouth is torn.")
    entry = LogEntry.objects.get(event="review.second_look").entry
    assert (entry.actor, entry.data["agrees"]) == (robin.id, False)
    figures = figures_of(AuditFilter())
    assert (figures.second_looks, figures.second_looks_disagree) == (1, 1)
    with pytest.raises(DecidedAlready):
        answer(actor=actor_of(robin), look_id=look.pk, agrees=True)


@pytest.mark.slow
def test_pages_lead_from_the_lot_to_the_answer(released: Rendition, anouk: User, robin: User) -> None:
    auditor, reviewer = browser_of(anouk), browser_of(robin)
    assert auditor.post("/audit/sample/", {"count": "3"}).status_code == 302
    assert "Second looks" in reviewer.get("/staff/").content.decode()
    assert (
        released.job.portrait.subject.display_name in reviewer.get("/review/second-looks/").content.decode()
    )
    look = SecondLook.objects.get()
    reviewer.post(f"/review/second-looks/{look.pk}/", {"agrees": "no", "note": "The mouth is torn."})
    assert "The mouth is torn." in auditor.get("/audit/").content.decode()


def test_strangers_and_partners_find_no_first_page_of_staff(vera: Client, alice_browser: Client) -> None:
    assert vera.get("/staff/").status_code == 302
    assert alice_browser.get("/staff/").status_code == 403
