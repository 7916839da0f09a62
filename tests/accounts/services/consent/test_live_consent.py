"""A yes counts once the recording is found to show the person in the portrait, and who may find so."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.errors import FourEyesRequired, ReasonRequired, RoleRequired
from accounts.live_errors import AgreedTermsUnknown, RecordingMissing, RecordingUnchecked
from accounts.models import (
    Basis,
    ConsentGrant,
    ConsentState,
    Contact,
    LiveCheck,
    Partner,
)
from accounts.services import consent
from accounts.services.consent.restoring import withdraw_again
from accounts.states import StateConflict
from provenance.common.errors import NotFound
from provenance.log.entries import Entry, LogEvent
from provenance.models.journal import JournalEntry
from provenance.selectors.decisions import RowContradictsLog, newest_decisions
from tests.accounts.log_entries import newest_entry
from tests.accounts.reading import found
from tests.factories import (
    LiveRecordingFactory,
    PortraitFactory,
    agree,
    ask_consent,
    ask_subject,
    granted_consent,
    join,
    newest_mail,
)


@pytest.fixture
def link(alice, portrait_a) -> str:
    return ask_subject(portrait_a, alice)[1]


def test_a_mailbox_that_was_exchanged_gets_no_code(link):
    asked = ConsentGrant.objects.get()

    Contact.objects.filter(pk=asked.contact_id).update(address="eve@mail.example")

    with pytest.raises(RowContradictsLog):
        consent.send_code(link)


def test_a_contact_that_is_said_to_be_erased_gets_no_code(link):
    Contact.objects.update(erased_at=timezone.now(), address="eve@mail.example")

    with pytest.raises(RowContradictsLog):
        consent.send_code(link)


def test_a_code_without_a_recording_says_nothing(link):
    asked = consent.send_code(link)

    with pytest.raises(RecordingMissing):
        consent.agree(link, code=found(r"Your code: (\d{6})", newest_mail(asked.subject.email)))


def test_a_yes_waits_for_a_reviewer_and_counts_then(link, rita, django_capture_on_commit_callbacks):
    agreed = agree(link, warnings=["flat"])
    assert agreed.state == ConsentState.RECORDED
    assert newest_entry()["event"] == "consent.recorded"

    with django_capture_on_commit_callbacks(execute=True):
        given = consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))

    assert given.grant.state == ConsentState.GRANTED
    assert given.grant.live_check == LiveCheck.REVIEWER
    recording = agreed.recordings.get()
    assert json.loads(given.grant.receipt)["live_check"] == {
        "by": "reviewer",
        "recording_sha256": recording.sha256,
        "is_live": True,
        "warnings": ["flat"],
    }
    logged = newest_entry()["data"]
    assert (logged["live_check"], logged["reviewer"], logged["warnings"]) == ("reviewer", rita.id, 1)
    assert recording.sha256 not in json.dumps(logged)
    assert given.withdraw_token in newest_mail(agreed.subject.email)


def test_a_yes_that_waits_can_be_taken_back(link, rita):
    agreed = agree(link)

    assert consent.decline(link).state == ConsentState.DECLINED
    with pytest.raises(StateConflict):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))


def test_the_partner_cannot_confirm_it(link, alice, rita, partner_a):
    agreed = agree(link)
    with pytest.raises(RoleRequired):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(alice))
    join(partner_a, rita)

    with pytest.raises(FourEyesRequired):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))


def test_an_edited_row_is_no_yes(link, rita):
    asked = consent.send_code(link)
    LiveRecordingFactory(consent=asked)
    ConsentGrant.objects.filter(pk=asked.pk).update(
        state=ConsentState.RECORDED, contact_proved_at=timezone.now()
    )

    with pytest.raises(RowContradictsLog):
        consent.confirm_recorded(grant_id=asked.id, actor=actor_of(rita))


def test_a_yes_to_one_portrait_grants_no_other(link, rita, partner_a):
    agreed = agree(link)
    ConsentGrant.objects.filter(pk=agreed.pk).update(portrait=PortraitFactory(partner=partner_a))

    with pytest.raises(RowContradictsLog):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))


@pytest.mark.parametrize(
    "edited",
    [
        {"purpose": "An advertisement."},
        {"max_videos": 9_000},
        {"valid_until": timezone.now() + timedelta(days=900)},
        {"terms_salt": ""},
    ],
)
def test_a_yes_grants_what_was_agreed_to_and_nothing_else(link, rita, edited):
    agreed = agree(link)
    ConsentGrant.objects.filter(pk=agreed.pk).update(**edited)

    with pytest.raises(RowContradictsLog):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))


def test_terms_that_were_edited_after_the_request_are_not_shown_and_no_yes_is_taken(link, vera):
    asked = consent.send_code(link)
    LiveRecordingFactory(consent=asked)
    code = found(r"Your code: (\d{6})", newest_mail(asked.subject.email))
    ConsentGrant.objects.filter(pk=asked.pk).update(purpose="An advertisement.")

    assert b"An advertisement" not in vera.get(f"/consent/{link}/").content
    with pytest.raises(RowContradictsLog):
        consent.agree(link, code=code)
    assert consent.decline(link).state == ConsentState.DECLINED


def test_another_partners_name_is_another_request(link, partner_a):
    Partner.objects.filter(pk=partner_a.pk).update(name="A Known Charity")

    with pytest.raises(RowContradictsLog):
        consent.send_code(link)


def test_another_recording_than_the_one_of_the_yes_is_not_confirmed(link, rita):
    agreed = agree(link)
    LiveRecordingFactory(consent=agreed)

    with pytest.raises(RowContradictsLog):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))


def test_a_yes_of_an_earlier_version_is_refused_as_nobody_knows_to_what_it_was(link, rita, monkeypatch):
    asked = consent.send_code(link)
    monkeypatch.setattr("accounts.access.by_log.newest_decisions", DecisionsWithoutDigests)
    agreed = agree(link)

    with pytest.raises(AgreedTermsUnknown):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))
    assert consent.refuse_recorded(grant_id=asked.id, actor=actor_of(rita), reason="Older.").reason


class DecisionsWithoutDigests:
    """What the log of an earlier version says."""

    def __init__(self, public_id: str, events: Collection[LogEvent]) -> None:
        self._decisions = newest_decisions(public_id, events)

    def newest(self, events: Collection[LogEvent]) -> Entry | None:
        entry = self._decisions.newest(events)
        if entry is None:
            return None
        old = {name: value for name, value in entry.data.items() if not name.endswith("_digest")}
        return replace(entry, data=old)


def test_a_refusal_outlasts_a_restored_backup(link, rita):
    agreed = agree(link)

    consent.refuse_recorded(grant_id=agreed.id, actor=actor_of(rita), reason="Somebody else.")

    noted = JournalEntry.objects.get(about=agreed.id)
    ConsentGrant.objects.filter(pk=agreed.pk).update(state=ConsentState.RECORDED)  # as the backup has it
    withdraw_again(noted)
    agreed.refresh_from_db()
    assert agreed.state == ConsentState.EXPIRED


def test_a_request_that_was_edited_to_an_attestation_is_not_confirmed(link, rita):
    asked = consent.open_link(link)
    ConsentGrant.objects.filter(pk=asked.pk).update(
        state=ConsentState.ATTESTED, basis=Basis.NONEXISTENT_PERSON
    )

    with pytest.raises(RowContradictsLog):
        consent.confirm(grant_id=asked.id, actor=actor_of(rita))


@pytest.mark.parametrize("recorded", [{"checked_at": None}, {"warnings": ["unreadable"]}])
def test_nobody_confirms_what_was_not_looked_at(link, rita, recorded):
    agreed = agree(link, **recorded)

    with pytest.raises(RecordingUnchecked):
        consent.confirm_recorded(grant_id=agreed.id, actor=actor_of(rita))


def test_a_reviewer_refuses_with_a_reason(link, rita):
    agreed = agree(link)
    with pytest.raises(ReasonRequired):
        consent.refuse_recorded(grant_id=agreed.id, actor=actor_of(rita), reason=" ")

    refused = consent.refuse_recorded(grant_id=agreed.id, actor=actor_of(rita), reason="Somebody else.")

    assert (refused.state, refused.receipt_digest) == (ConsentState.REFUSED, "")
    assert newest_entry()["event"] == "consent.refused"


def test_an_attestation_has_no_recording_to_confirm(alice, portrait_a, rita):
    attested, _ = ask_consent(portrait_a, alice, basis="nonexistent_person")

    with pytest.raises(NotFound):
        consent.confirm_recorded(grant_id=attested.id, actor=actor_of(rita))


def test_while_a_yes_waits_nobody_is_asked_again(link, alice, portrait_a):
    from accounts.contact_errors import RequestOpen

    agree(link)

    with pytest.raises(RequestOpen):
        granted_consent(portrait_a, alice)
