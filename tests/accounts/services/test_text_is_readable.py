"""What subjects, partners and reviewers read is what is stored: on every path that text takes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.models import Basis, ConsentGrant, Partner, Scope, Subject
from accounts.services import consent, partners
from accounts.services.api_keys import create_key
from accounts.services.subjects import name_subject
from generation.services import review
from provenance.common.readable_text import UnreadableText
from tests.factories import ask_consent

REVERSED = "A greeting \u202egnitteb rof\u202c"


def application(**changes: str) -> dict[str, Any]:
    return {
        "name": "Northern Lights",
        "website": "https://lights.example",
        "contact_name": "Signe",
        "contact_email": "signe@lights.example",
        "purpose": "Lessons.",
        **changes,
    }


@pytest.mark.parametrize("field", ["purpose", "statement"])
def test_a_request_for_consent(alice, portrait_a, field):
    with pytest.raises(UnreadableText):
        ask_consent(portrait_a, alice, basis=Basis.NONEXISTENT_PERSON, **{field: REVERSED})
    assert not ConsentGrant.objects.exists()


def test_a_subjects_name(alice):
    with pytest.raises(UnreadableText):
        name_subject(actor=actor_of(alice), display_name=REVERSED)
    assert not Subject.objects.exists()


@pytest.mark.parametrize("field", ["name", "contact_name", "purpose", "website"])
def test_an_application(db, field):
    with pytest.raises(UnreadableText):
        partners.apply(**application(**{field: REVERSED}))
    assert not Partner.objects.exists()


@pytest.mark.parametrize("field", ["name", "contact_name", "purpose"])
def test_the_application_page_says_which_field(vera, db, field):
    answer = vera.post("/partners/apply/", application(**{field: REVERSED}))

    assert answer.status_code == 422
    assert b"U+202E cannot be seen" in answer.content


def test_a_reviewers_reason(alice, portrait_a, rita):
    asked, _ = ask_consent(portrait_a, alice, basis=Basis.NONEXISTENT_PERSON)

    with pytest.raises(UnreadableText):
        consent.refuse(grant_id=asked.id, actor=actor_of(rita), reason=REVERSED)


def test_the_pages_of_the_console_say_which_field(alice_browser, portrait_a):
    answer = alice_browser.post(
        f"/partner/portraits/{portrait_a.id}/consent/",
        {"basis": "other_person", "purpose": REVERSED, "valid_until": "2099-01-01", "max_videos": "1"},
    )

    assert answer.status_code == 422
    assert b"U+202E cannot be seen" in answer.content


@pytest.mark.parametrize(("path", "payload"), [("/v1/subjects", {"display_name": REVERSED})])
def test_the_api_has_a_code_for_it(api_a, path, payload):
    answer = api_a.post(path, payload, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_text")


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (review.approve, {}),
        (review.refuse, {"reason_code": "misleading"}),
        (review.revoke_as_staff, {"reason_code": "misuse"}),
    ],
)
def test_a_reviewers_note_on_a_video(act, reason, rita, monkeypatch):
    monkeypatch.setattr(review, "_for_review", lambda *args: SimpleNamespace(job=None))

    with pytest.raises(UnreadableText):
        act(actor=actor_of(rita), rendition_id="rnd_1", note=REVERSED, **reason)


def test_the_name_of_a_key(alice, partner_a):
    with pytest.raises(UnreadableText):
        create_key(
            partner=partner_a,
            name=REVERSED,
            scopes=[Scope.JOBS],
            expires_at=timezone.now() + timedelta(days=1),
            actor=actor_of(alice),
        )


def test_a_purpose_is_one_line(alice, portrait_a):
    asked, _ = ask_consent(portrait_a, alice, purpose="A greeting.\r\n\r\nHow many:    one")

    assert asked.purpose == "A greeting. How many: one"
