"""My likeness: have everything erased, once it is said what survives."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.files.storage import storages
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.access.actors import actor_of
from accounts.contact_errors import AskedTooSoon, AskingStopped
from accounts.models import Basis, ConsentGrant, ConsentState, Contact, Partner, Subject, User
from accounts.services import consent as consents
from accounts.services import likeness
from generation.models import DrivingAudio, FaceRegistration, Portrait, Rendition
from generation.services.erasure.check import find_left
from provenance.models import JournalEntry, LogEntry, Record
from provenance.selectors.decisions import state_findings
from tests.factories import LiveRecordingFactory, SubjectFactory, ask_consent, ask_subject
from tests.generation.conftest import stored_portrait
from tests.generation.pages.test_my_likeness import address, theirs  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def erase(vera: Client, address: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks):  # noqa: F811
    """Tick the box and press the button."""

    def _erase() -> str:
        with django_capture_on_commit_callbacks(execute=True):
            answer = vera.post(f"{address}erase/", {"sure": "yes"})
        assert answer.status_code == 200
        return answer.content.decode()

    return _erase


@pytest.mark.slow
def test_everything_is_gone_at_once_across_partners(
    erase,
    released: Rendition,
    theirs: Rendition,  # noqa: F811
    grant: ConsentGrant,
) -> None:
    email, names = grant.subject.email, [subject.display_name for subject in Subject.objects.all()]
    keys = [row.image_key for row in Portrait.objects.all()] + [released.file_key, theirs.file_key]
    keys += [row.audio_key for row in DrivingAudio.objects.all()]

    text = erase()

    assert "2 portraits, 2 videos, 2 recordings. Your name" in text
    assert not any(storages["media"].exists(key) for key in keys)
    assert set(ConsentGrant.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert set(Record.objects.values_list("state", flat=True)) == {"withdrawn"}
    models = (Subject, Contact, ConsentGrant, JournalEntry, LogEntry)
    rows: list[object] = [row for model in models for row in model._default_manager.values()]
    for secret in (email, *names):
        assert secret not in str(rows)
    assert list(state_findings()) == []
    JournalEntry.objects.update(written_at=timezone.now())
    left = [item for item in find_left(timezone.now()) if item.kind in {"subject", "contact", "portrait"}]
    assert left == []


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it"])
def test_all_that_the_export_held_is_counted_on_the_page_and_in_the_last_message(
    erase,
    vera: Client,
    address: str,  # noqa: F811 - the fixture
    grant: ConsentGrant,
    language: str,
) -> None:
    assert grant.contact is not None
    Subject.objects.update(language=language)
    LiveRecordingFactory(consent=grant)
    LiveRecordingFactory(consent=grant)
    state = {"phrase_nonce": "a", "is_live": True, "size_bytes": 1, "sealed_picture": "kept"}
    now = timezone.now()
    FaceRegistration.objects.create(
        contact=grant.contact, registered_at=now, erasure_began_at=now, erased_at=now, **state
    )
    FaceRegistration.objects.create(contact=grant.contact, **{**state, "phrase_nonce": "b"})
    mail.outbox.clear()

    text = erase()

    [message] = mail.outbox
    assert "0 recordings, 3 recordings of your face, 1 registered face. Your name" in text
    numbers = re.findall(r"\d+", str(message.body).partition("UTC")[2].partition(".")[0])
    assert numbers == ["1", "0", "0", "3", "1"]


def test_it_says_in_one_sentence_what_survives_and_asks_once_more(
    vera: Client,
    address: str,  # noqa: F811
    grant: ConsentGrant,
) -> None:
    page = vera.get(f"{address}erase/").content.decode()
    assert "What survives:" in page
    assert "coarse prints" in page
    assert f"{address}erase/" in vera.get(address).content.decode()

    unsure = vera.post(f"{address}erase/")
    assert unsure.status_code == 422
    assert "Tick the box" in unsure.content.decode()
    grant.refresh_from_db()
    assert grant.state == ConsentState.GRANTED


def test_the_link_is_void_and_the_last_message_says_so(
    erase,
    vera: Client,
    address: str,  # noqa: F811
    grant: ConsentGrant,
) -> None:
    email = grant.subject.email
    mail.outbox.clear()
    erase()
    [message] = mail.outbox
    assert message.to == [email]
    assert "What survives" in str(message.body)
    assert vera.get(address).status_code == 404
    assert likeness.contact_to_write_to(email) is None


def test_open_requests_get_a_no_and_nobody_may_ask_again_soon(
    erase, alice: User, amara: Portrait, grant: ConsentGrant
) -> None:
    email, partner = amara.subject.email, amara.partner
    erase()
    again = SubjectFactory(partner=partner, email=email)
    portrait = Portrait.objects.get(pk=amara.pk)
    Portrait.objects.filter(pk=portrait.pk).update(subject=again, erasure_began_at=None)
    with pytest.raises(AskedTooSoon):
        ask_consent(Portrait.objects.get(pk=amara.pk), alice)


@pytest.mark.slow
def test_stops_outlive_the_address(erase, amara: Portrait, grant: ConsentGrant, alice: User) -> None:
    assert grant.contact is not None
    email = amara.subject.email
    likeness.set_asking(grant.contact, partner_id="", may_ask=False)
    erase()
    again = SubjectFactory(partner=amara.partner, email=email)
    Portrait.objects.filter(pk=amara.pk).update(subject=again, erasure_began_at=None)
    with pytest.raises(AskingStopped):
        ask_consent(Portrait.objects.get(pk=amara.pk), alice)


@pytest.mark.slow
def test_a_portrait_that_somebody_else_decides_about_stays(
    erase, amara: Portrait, alice: User, rita: User, grant: ConsentGrant
) -> None:
    other, _ = ask_consent(amara, alice, basis=Basis.PUBLIC_DOMAIN_ARTWORK)
    consents.confirm(grant_id=other.pk, actor=actor_of(rita))

    text = erase()

    assert "1 portrait stays" in text
    amara.refresh_from_db()
    assert amara.erased_at is None
    other.refresh_from_db()
    assert other.state == ConsentState.GRANTED


@pytest.mark.slow
def test_other_people_keep_what_is_theirs(
    erase, partner_a: Partner, alice: User, grant: ConsentGrant, tmp_path
) -> None:
    other = stored_portrait(partner_a, tmp_path, size=400)
    asked, _ = ask_subject(other, alice)
    erase()
    other.refresh_from_db()
    asked.refresh_from_db()
    assert (other.erased_at, asked.state) == (None, ConsentState.REQUESTED)
