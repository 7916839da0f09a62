"""My likeness: everything made with somebody's face, by whom and why, and the ways to end it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.contact_errors import AskingStopped
from accounts.models import AskingStop, ConsentGrant, ConsentState, ContactLink, Partner, User
from accounts.services import likeness
from accounts.tasks import send_likeness_link
from generation.choices.wanted_job import WantedJob
from generation.models import Job, KeptSession, Portrait, Rendition
from generation.services.submit import submit_job
from tests.accounts.reading import found
from tests.factories import PortraitFactory, ask_consent, granted_consent, newest_mail
from tests.generation.conftest import seal, stored_audio, stored_portrait
from tests.generation.kept import kept_session


@pytest.fixture
def theirs(
    partner_b: Partner, charlie: User, amara: Portrait, grant: ConsentGrant, tmp_path: Path
) -> Rendition:
    """A video that another partner made with the same person's face; it waits for review."""
    portrait = stored_portrait(partner_b, tmp_path, size=400)
    portrait.subject.email = amara.subject.email
    portrait.subject.save()
    granted_consent(portrait, charlie, purpose="An advertisement for boats.")
    audio = stored_audio(partner_b, tmp_path)
    job = submit_job(
        actor=actor_of(charlie), wanted=WantedJob(portrait_id=portrait.id, driving_audio_id=audio.id, seed=3)
    )
    return seal(job, tmp_path)


@pytest.fixture
def address(grant: ConsentGrant) -> str:
    """The page behind a fresh link to the contact of `grant`."""
    assert grant.contact is not None
    send_likeness_link(grant.contact.id)
    return found(r"/likeness/[\w-]{43}/", newest_mail(grant.subject.email))


@pytest.mark.django_db
def test_who_asks_too_often_is_told_when_to_ask_again(vera: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generation.pages.subject.my_likeness.PUBLIC_FORMS_PER_MINUTE", 0)
    answer = vera.post("/likeness/", {"address": "amara@example.org"})
    assert (answer.status_code, b"Try again in a minute." in answer.content) == (429, True)
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


@pytest.mark.slow
def test_it_shows_who_made_what_when_and_why_across_partners(
    vera: Client, address: str, released: Rendition, theirs: Rendition
) -> None:
    page = vera.get(address)
    text = page.content.decode()

    for video in (released, theirs):
        assert video.id in text
        assert video.job.partner.name in text
        assert video.job.consent.purpose in text
        assert f'src="{address}videos/{video.id}/"' in text
    assert "2 videos were made" in text
    assert "no-store" in page.headers["Cache-Control"]
    assert page.headers["X-Robots-Tag"] == "noindex"


@pytest.mark.slow
def test_what_is_being_made_is_there_too(vera: Client, address: str, job: Job, theirs: Rendition) -> None:
    text = vera.get(address).content.decode()
    assert text.count("This video is being made now.") == 1
    assert job.consent.purpose in text

    likeness.withdraw_all(likeness.open_contact(address.split("/")[2]))
    assert "This video is being made now." not in vera.get(address).content.decode()


@pytest.mark.slow
def test_every_video_plays_whatever_its_state_is(
    vera: Client, address: str, released: Rendition, theirs: Rendition
) -> None:
    for video in (released, theirs):
        answer = vera.get(f"{address}videos/{video.id}/", headers={"Range": "bytes=0-99"})
        assert answer.status_code == 206
        assert "private, no-store" in answer.headers["Cache-Control"]
    likeness.withdraw_all(likeness.open_contact(address.split("/")[2]))
    assert vera.get(f"{address}videos/{released.id}/").status_code == 200


@pytest.mark.slow
def test_live_sessions_are_there_and_what_was_kept_of_them_plays(
    vera: Client, address: str, grant: ConsentGrant, charlie: User, *, partner_b: Partner, tmp_path: Path
) -> None:
    kept = kept_session(grant, tmp_path)
    text = vera.get(address).content.decode()
    assert "spoke live in 1 session" in text
    assert f'src="{address}live/{kept.pk}/"' in text
    answer = vera.get(f"{address}live/{kept.pk}/", headers={"Range": "bytes=4-7"})
    assert (answer.status_code, b"".join(getattr(answer, "streaming_content"))) == (206, b"ftyp")  # noqa: B009

    other = kept_session(granted_consent(PortraitFactory(partner=partner_b), charlie).grant, tmp_path)
    assert other.pk not in vera.get(address).content.decode()
    assert vera.get(f"{address}live/{other.pk}/").status_code == 404

    KeptSession.objects.update(erasure_began_at=timezone.now())
    assert "Its file was erased" in vera.get(address).content.decode()
    assert vera.get(f"{address}live/{kept.pk}/").status_code == 410


def test_it_shows_the_portraits(vera: Client, address: str, grant: ConsentGrant) -> None:
    picture = vera.get(f"{address}consents/{grant.id}/portrait/")

    pieces: Iterable[bytes] = getattr(picture, "streaming_content")  # noqa: B009  unknown to the stubs
    assert b"".join(pieces).startswith(b"\x89PNG")


@pytest.mark.slow
def test_nothing_of_other_people_is_there(
    vera: Client, address: str, charlie: User, partner_b: Partner, tmp_path: Path
) -> None:
    portrait = stored_portrait(partner_b, tmp_path)
    other = granted_consent(portrait, charlie).grant
    job = submit_job(
        actor=actor_of(charlie),
        wanted=WantedJob(
            portrait_id=portrait.id, driving_audio_id=stored_audio(partner_b, tmp_path).id, seed=3
        ),
    )
    video = seal(job, tmp_path)

    assert video.id not in vera.get(address).content.decode()
    assert vera.get(f"{address}videos/{video.id}/").status_code == 404
    assert vera.get(f"{address}consents/{other.id}/portrait/").status_code == 404
    assert vera.post(f"{address}consents/{other.id}/withdraw/").status_code == 404
    other.refresh_from_db()
    assert other.state == ConsentState.GRANTED


@pytest.mark.slow
def test_one_consent_is_withdrawn_and_its_videos_with_it(
    vera: Client, address: str, grant: ConsentGrant, released: Rendition, theirs: Rendition
) -> None:
    page = f"{address}consents/{grant.id}/withdraw/"
    assert b"Yes, withdraw" in vera.get(page).content
    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED

    assert vera.post(page).headers["Location"] == address

    grant.refresh_from_db()
    assert grant.state == ConsentState.WITHDRAWN
    released.job.refresh_from_db()
    theirs.job.refresh_from_db()
    assert (released.job.state, theirs.job.state) == ("revoked", "in_review")
    assert vera.get(page).headers["Location"] == address


@pytest.mark.slow
def test_everything_is_withdrawn_at_once(
    vera: Client, address: str, released: Rendition, theirs: Rendition
) -> None:
    assert b"Yes, withdraw everything" in vera.get(f"{address}withdraw/").content

    assert vera.post(f"{address}withdraw/").headers["Location"] == address

    assert not ConsentGrant.objects.exclude(state=ConsentState.WITHDRAWN).exists()
    for video in (released, theirs):
        video.job.refresh_from_db()
        assert video.job.state in {"revoked", "rejected"}
    assert b"Withdraw everything" not in vera.get(address).content


def test_expired_consents_are_withdrawn_too(grant: ConsentGrant, released: Rendition) -> None:
    ConsentGrant.objects.filter(pk=grant.pk).update(state=ConsentState.EXPIRED)
    assert grant.contact is not None

    assert likeness.withdraw_all(grant.contact) == 1
    released.job.refresh_from_db()
    assert released.job.state == "revoked"


@pytest.mark.slow
def test_requests_are_stopped_for_one_partner_or_all_and_allowed_again(
    vera: Client, address: str, alice: User, grant: ConsentGrant, amara: Portrait
) -> None:
    page = f"{address}requests/"

    vera.post(page, {"choice": "stop", "partner": grant.partner_id})
    assert "may not ask" in vera.get(address).content.decode()
    with pytest.raises(AskingStopped):
        ask_consent(amara, alice)
    vera.post(page, {"choice": "allow", "partner": grant.partner_id})
    vera.post(page, {"choice": "stop"})
    with pytest.raises(AskingStopped):
        ask_consent(amara, alice)
    vera.post(page, {"choice": "allow"})
    assert not AskingStop.objects.exists()
    assert ask_consent(amara, alice)[0].state == ConsentState.REQUESTED

    assert vera.post(page, {"choice": "perhaps"}).status_code == 422
    assert vera.post(page, {"choice": "stop", "partner": "prt_nobody"}).status_code == 404


def test_a_link_is_sent_to_the_contact_and_the_page_does_not_say_whether(
    vera: Client, grant: ConsentGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "generation.pages.subject.my_likeness.send_likeness_link_soon",
        lambda contact: send_likeness_link(contact.id),
    )
    before = ContactLink.objects.count()

    known = vera.post("/likeness/", {"address": grant.subject.email.upper()})
    unknown = vera.post("/likeness/", {"address": "nobody@mail.example"})

    assert ContactLink.objects.count() == before + 1
    said = [
        re.sub(rf"{re.escape(typed)}|[\w]{{64}}", "", answer.content.decode())
        for answer, typed in ((known, grant.subject.email.upper()), (unknown, "nobody@mail.example"))
    ]
    assert said[0] == said[1]
    assert (known.status_code, unknown.status_code) == (200, 200)


def test_it_refuses_what_is_no_address(vera: Client, db: None) -> None:
    answer = vera.post("/likeness/", {"address": "somebody"})

    assert answer.status_code == 422
    assert b"neither an e-mail address" in answer.content


def test_who_was_never_asked_gets_no_link(db: None) -> None:
    assert likeness.contact_to_write_to("nobody@mail.example") is None


def test_five_links_an_hour_are_enough(grant: ConsentGrant) -> None:
    for _ in range(5):
        contact = likeness.contact_to_write_to(grant.subject.email)
        assert contact is not None
        likeness.send_link(contact)

    assert likeness.contact_to_write_to(grant.subject.email) is None


def test_a_link_works_for_an_hour(vera: Client, address: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1)):
        answer = vera.get(address)
    assert answer.status_code == 410
    assert b"Have a new link sent" in answer.content


@pytest.mark.parametrize("path", ["", "withdraw/", "consents/cns_x/portrait/", "videos/rnd_x/"])
def test_a_guessed_link_is_not_there(vera: Client, db: None, path: str) -> None:
    assert vera.get(f"/likeness/guess/{path}").status_code == 404


def test_the_link_is_stored_as_its_hash_only(address: str) -> None:
    assert address.split("/")[2] not in str(ContactLink.objects.values().get())


def test_a_no_and_an_open_question_are_not_among_what_was_allowed(
    vera: Client, address: str, alice: User, amara: Portrait, partner_a: Partner
) -> None:
    portrait = PortraitFactory(partner=partner_a, subject__email=amara.subject.email)
    asked, _ = ask_consent(portrait, alice)

    assert asked.id not in vera.get(address).content.decode()
    assert vera.get(f"{address}consents/{asked.id}/portrait/").status_code == 404
