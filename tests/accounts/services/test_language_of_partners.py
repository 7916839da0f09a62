"""Messages to partners' people are in the language in which they read pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts.access.actors import actor_of
from accounts.models import MemberRole, Partner, User
from accounts.notify.emails import send_on_commit
from accounts.services import members, partners
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
APPLICATION = {
    "name": "Lindenhof Film",
    "website": "https://lindenhof.example",
    "contact_name": "Liv",
    "contact_email": "liv@lindenhof.example",
    "purpose": "Welcome messages of our staff.",
}


@pytest.fixture
def sent(django_capture_on_commit_callbacks: Any) -> Any:
    def newest(action: Any) -> tuple[str, str]:
        with django_capture_on_commit_callbacks(execute=True):
            action()
        return str(mail.outbox[-1].subject), str(mail.outbox[-1].body)

    return newest


def test_who_applied_on_a_german_page_is_answered_in_german(client: Client, otto: User, sent: Any) -> None:
    client.post("/partners/apply/", APPLICATION, headers={"accept-language": "de"})
    partner = Partner.objects.get(name=APPLICATION["name"])
    subject, body = sent(
        lambda: partners.refuse(partner_id=partner.pk, actor=actor_of(otto), reason="Zu wenig erklärt.")
    )
    assert subject == "Lindenhof Film: abgelehnt"
    assert body.startswith("Guten Tag Liv,")


def test_their_invitation_is_too(client: Client, otto: User, sent: Any) -> None:
    client.post("/partners/apply/", APPLICATION, headers={"accept-language": "it"})
    partner = Partner.objects.get(name=APPLICATION["name"])
    with translation.override("fr"):  # the operator's
        sent(lambda: partners.approve(partner_id=partner.pk, actor=actor_of(otto), reason="Va bene."))
    subjects = {message.subject for message in mail.outbox}
    assert "Invito a Lindenhof Film" in subjects


def test_a_colleague_is_invited_in_the_language_of_who_invites(
    alice: User, partner_a: Partner, sent: Any
) -> None:
    with translation.override("es"):
        subject, body = sent(
            lambda: members.send_invitation(
                partner=partner_a, email="new@aurora.example", role=MemberRole.MEMBER, actor=actor_of(alice)
            )
        )
    assert subject == f"Invitación a {partner_a.name}"
    assert "su función: miembro" in body


def test_a_sign_in_says_which_language_somebody_reads(client: Client, alice: User) -> None:
    signed_in = client.post(
        "/account/login/", {"login": alice.email, "password": PASSWORD}, headers={"accept-language": "fr"}
    )
    assert signed_in.status_code == 302
    alice.refresh_from_db()
    assert alice.language == "fr"


def test_who_applied_in_german_and_signs_in_on_english_pages_is_written_to_in_english(
    client: Client, alice: User, partner_a: Partner, sent: Any
) -> None:
    client.post(
        "/account/login/", {"login": alice.email, "password": PASSWORD}, headers={"accept-language": "en"}
    )
    context: dict[str, object] = {"partner": partner_a}
    subject, _ = sent(
        lambda: send_on_commit("partner_decided", to=alice.email, context=context, language_otherwise="de")
    )
    assert subject == f"{partner_a.name}: approved"


def test_a_choice_of_language_holds_for_messages_too(
    alice_browser: Client, alice: User, partner_a: Partner, sent: Any
) -> None:
    alice_browser.get("/partner/?lang=it")
    context = {
        "partner": partner_a,
        "person": alice,
        "name": "Maggio",
        "state": "released",
        "link": "https://a",
    }
    subject, body = sent(lambda: send_on_commit("video_finished", to=alice.email, context=context))
    assert subject == "Il Suo video può essere scaricato"
    assert "il video «Maggio» può essere scaricato." in body


def test_who_never_chose_is_written_to_in_english(alice: User, partner_a: Partner, sent: Any) -> None:
    context = {
        "person": alice,
        "name": "May",
        "state": "rejected",
        "reason": "Too loud.",
        "link": "https://a",
    }
    subject, body = sent(lambda: send_on_commit("video_finished", to=alice.email, context=context))
    assert subject == "Your video was refused by a reviewer"
    assert "Too loud." in body
