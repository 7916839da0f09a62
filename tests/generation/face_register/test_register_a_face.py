"""A face is registered by a recording that passed; the recording goes, and at a word the face goes too."""

from __future__ import annotations

import json

import pytest

from accounts.models import Contact
from accounts.services.erasure import erase_contact
from generation import storage
from generation.live_check.report import LiveWarning
from generation.models import FaceMatch, FaceRegistration
from generation.pages.subject.face_register import REASONS
from generation.services.erasure.check import find_left
from generation.services.erasure.due import Retention
from generation.services.face_register.registering import newest_registration, withdraw_registrations
from generation.services.face_register.sealed_faces import open_descriptor, open_picture, seal_descriptor
from generation.services.likeness.erasing import erase_everything
from generation.services.live_check import checking
from provenance.common.clock import now_of_database
from provenance.models import LogEntry
from provenance.models.journal import JournalEntry
from provenance.services import journal
from tests.factories import ask_consent
from tests.generation.face_register.conftest import HERS, described


def events() -> list[str]:
    return [
        json.loads(body)["event"]
        for body in LogEntry.objects.order_by("index").values_list("body", flat=True)
    ]


def test_without_a_warning_the_face_is_registered_and_the_recording_is_erased(register):
    row = register()

    assert row.is_in_force
    assert open_descriptor(row.sealed_descriptor) == pytest.approx(HERS)
    assert open_picture(row.sealed_picture) == b"\xff\xd8 a face"
    assert (row.sealed_key, storage.is_stored(row.file_key)) == ("", False)
    assert events() == ["face.registered", "face.recording_erased"]


@pytest.mark.parametrize("warning", REASONS)
def test_with_any_warning_nothing_of_the_face_is_kept(register, warning):
    row = register(warning)

    assert not row.is_in_force
    assert (row.sealed_descriptor, row.sealed_picture, row.sealed_key) == ("", "", "")
    assert events() == ["face.recording_erased"]


def test_a_person_is_told_of_every_warning_that_there_is():
    assert set(REASONS) == set(LiveWarning) - {LiveWarning.ANOTHER_FACE}


@pytest.mark.parametrize("values", [(), (0.1,) * 127, (float("nan"),) * 128])
def test_what_is_no_descriptor_registers_nothing(register, values):
    assert not register(values=values).is_in_force


def test_the_newer_of_two_is_in_force(register, vera_contact):
    first, second = register(), register()

    first.refresh_from_db()
    assert (first.is_in_force, first.sealed_descriptor) == (False, "")
    assert newest_registration(vera_contact) == second


def test_withdrawing_erases_the_face_and_what_nobody_decided(register, vera_contact, portrait_a, alice):
    ask_consent(described(portrait_a), alice, basis="nonexistent_person")
    row = register()
    assert FaceMatch.objects.count() == 1

    assert withdraw_registrations(vera_contact) == 1

    row.refresh_from_db()
    assert (row.is_in_force, row.sealed_descriptor, row.sealed_picture) == (False, "", "")
    assert not FaceMatch.objects.exists()
    assert events()[-1] == "face.unregistered"
    assert withdraw_registrations(vera_contact) == 0


def test_a_restored_database_gets_the_face_back_for_no_one(
    register, vera_contact, django_capture_on_commit_callbacks
):
    row = register()
    with django_capture_on_commit_callbacks(execute=True):
        withdraw_registrations(vera_contact)
    FaceRegistration.objects.filter(pk=row.pk).update(
        withdrawn_at=None, sealed_descriptor=seal_descriptor(HERS), sealed_picture="x"
    )
    JournalEntry.objects.all().delete()

    journal.forget()
    journal.require_caught_up()

    row.refresh_from_db()
    assert (row.is_in_force, row.sealed_descriptor, row.sealed_picture) == (False, "", "")


def test_erasing_everything_ends_it_too(register, vera_contact):
    row = register()

    erase_everything(vera_contact)

    row.refresh_from_db()
    assert not row.is_in_force
    assert Contact.objects.get(pk=vera_contact.pk).erased_at is not None


def test_the_contact_stays_while_a_face_is_registered_at_it(register, vera_contact, settings):
    settings.LIKENESS_KEEP_SOURCES_DAYS = 0
    Contact.objects.filter(pk=vera_contact.pk).update(created_at="2020-01-01T00:00:00Z")
    assert vera_contact in Retention(now_of_database()).contacts()

    register()

    assert vera_contact not in Retention(now_of_database()).contacts()


def test_the_address_goes_in_time_where_no_face_was_registered(register, vera_contact, settings):
    settings.LIKENESS_KEEP_SOURCES_DAYS = 0
    Contact.objects.filter(pk=vera_contact.pk).update(created_at="2020-01-01T00:00:00Z")

    assert not register(LiveWarning.NO_FACE).is_in_force

    assert vera_contact in Retention(now_of_database()).contacts()


def test_the_proof_names_a_face_that_should_be_gone(register, vera_contact):
    row = register()
    withdraw_registrations(vera_contact)
    assert not [left for left in find_left(now_of_database()) if left.name == row.pk]

    FaceRegistration.objects.filter(pk=row.pk).update(sealed_descriptor="x")

    assert [left.kind for left in find_left(now_of_database()) if left.name == row.pk] == [
        "face registration"
    ]


def test_a_recording_that_was_registered_with_is_known_again(register, vera_contact):
    row = register()
    other = FaceRegistration(sha256=row.sha256)

    assert checking._was_seen_before(other)


def test_an_erased_contact_has_no_registration_left(register, vera_contact):
    register()
    withdraw_registrations(vera_contact)

    assert erase_contact(vera_contact)
