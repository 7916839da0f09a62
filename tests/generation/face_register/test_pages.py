"""From the public page to the mail, to the recording, to My likeness; and the reviewer's page."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from accounts import tasks
from accounts.models import Contact
from accounts.services import likeness
from generation.live_check.report import LiveWarning
from generation.models import FaceMatch, FaceRegistration
from generation.pages.subject import face_register
from tests.accounts.reading import found
from tests.conftest import browser_of
from tests.factories import ask_consent, newest_mail
from tests.generation.face_register.conftest import described
from tools.visitor import empty_recording

PAGE = "/likeness/never-my-face/"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker does."""
    monkeypatch.setattr(face_register, "send_likeness_link_soon", likeness.send_link)


def link_of(contact: Contact) -> str:
    likeness.send_link(contact)
    token = found(r"/likeness/([\w-]{43})/", newest_mail(contact.address))
    return f"/likeness/{token}/"


def test_anybody_gets_a_link_at_an_address_that_was_never_known_here(vera):
    answer = vera.post(PAGE, {"address": "New.Person@mail.example"})

    assert answer.status_code == 200
    assert mail.outbox[-1].to == ["new.person@mail.example"]


def test_whom_nobody_asked_is_written_to_in_the_language_of_the_page(vera):
    vera.post(PAGE, {"address": "nouvelle@mail.example"}, headers={"Accept-Language": "fr"})

    assert mail.outbox[-1].subject == "Votre image"


def test_the_language_goes_to_the_worker_that_sends_it(vera_contact, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.send_likeness_link, "delay", lambda *arguments: sent.append(arguments))
    with override("it"):
        tasks.send_likeness_link_soon(vera_contact)
    assert sent == [(vera_contact.pk, "it")]
    tasks.send_likeness_link(*sent[0])
    assert "/likeness/" in newest_mail(vera_contact.address)
    assert mail.outbox[-1].subject == "La Sua immagine"


def test_what_is_no_address_is_said(vera):
    assert vera.post(PAGE, {"address": "nobody at all"}).status_code == 422
    assert vera.post(PAGE, {"address": "no@body@anywhere"}).status_code == 422
    assert not Contact.objects.exists()


def test_five_links_in_an_hour_are_enough(vera):
    for _ in range(7):
        vera.post(PAGE, {"address": "vera@mail.example"})

    assert len(mail.outbox) == 5


def test_a_recording_is_taken_in_behind_the_link(vera, vera_contact):
    address = f"{link_of(vera_contact)}never-my-face/"
    form = vera.get(address)
    ticket = found(r'name="ticket" value="([^"]+)"', form.content.decode())

    for _ in range(2):  # a form that is sent twice is taken for one
        file = SimpleUploadedFile("me.mp4", empty_recording())
        assert vera.post(address, {"ticket": ticket, "file": file}).status_code == 302

    assert FaceRegistration.objects.get().contact == vera_contact
    assert "looking at your recording" in vera.get(link_of(vera_contact)).content.decode()
    assert vera.post(address, {"ticket": ticket}).status_code == 422


def test_my_likeness_says_what_became_of_it_and_ends_it(vera, vera_contact, register):
    register(LiveWarning.SILENT)
    assert "Nobody was heard speaking." in vera.get(link_of(vera_contact)).content.decode()
    register()
    address = link_of(vera_contact)
    assert "Your face is registered since" in vera.get(address).content.decode()

    assert vera.get(f"{address}never-my-face/end/").status_code == 200
    vera.post(f"{address}never-my-face/end/")

    assert not FaceRegistration.objects.get(warnings=[]).is_in_force
    assert "Your face is registered since" not in vera.get(address).content.decode()


def test_who_was_never_asked_can_forbid_it_and_take_everything_along(vera, vera_contact, register):
    register()
    address = link_of(vera_contact)

    assert vera.post(f"{address}requests/", {"choice": "stop"}).status_code == 302
    archive = b"".join(vera.post(f"{address}export/").streaming_content)

    assert vera_contact.stops.exists()
    assert b"never-my-face/" in archive


@pytest.mark.slow
def test_a_reviewer_sees_both_faces_and_decides(rita_browser, register, portrait_a, alice):
    asked, _ = ask_consent(described(portrait_a), alice, basis="nonexistent_person")
    register()
    match = FaceMatch.objects.get()
    review = rita_browser.get(f"/review/consents/{asked.id}/").content.decode()
    assert 'value="confirm"' not in review
    assert "/review/faces/" in review
    assert "Distance of the faces 0.30" in rita_browser.get("/review/faces/").content.decode()
    assert rita_browser.get(f"/review/faces/{match.pk}/known/").content == b"\xff\xd8 a face"
    assert rita_browser.get(f"/review/faces/{match.pk}/portrait/").status_code == 200

    rita_browser.post(f"/review/faces/{match.pk}/decide/", {"decision": "different"})

    assert 'value="confirm"' in rita_browser.get(f"/review/consents/{asked.id}/").content.decode()
    assert rita_browser.get(f"/review/faces/{match.pk}/known/").status_code == 404


def test_nobody_else_sees_a_face(otto_browser, vera, register, portrait_a, alice):
    ask_consent(described(portrait_a), alice, basis="nonexistent_person")
    register()
    address = f"/review/faces/{FaceMatch.objects.get().pk}/known/"

    assert browser_of(alice).get(address).status_code == 403
    assert otto_browser.get(address).status_code == 403
    assert vera.get(address).status_code == 302
