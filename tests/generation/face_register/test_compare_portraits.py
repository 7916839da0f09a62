"""A portrait that is said to show nobody and is like a living person waits for a reviewer."""

from __future__ import annotations

import pytest

from accounts.access.actors import actor_of
from accounts.errors import FourEyesRequired
from accounts.live_errors import FaceMatched, FaceUndescribed
from accounts.models import ConsentState
from accounts.services import consent
from generation.models import ErasureReason, FaceMatch, MatchDecision, Portrait
from generation.services.erasure.erase import begin, finish
from generation.services.face_register import describing
from generation.services.face_register.deciding import decide, undecided
from generation.services.face_register.sealed_faces import open_descriptor
from provenance.common.errors import NotFound
from provenance.selectors.decisions import state_findings
from tests.accounts.log_entries import newest_entry
from tests.factories import PortraitFactory, ask_consent, ask_subject, granted_consent, join
from tests.generation.face_register.conftest import ALIKE, ANOTHERS, HERS, described

BASES = ["nonexistent_person", "public_domain_artwork"]


@pytest.fixture
def attested(portrait_a, alice):
    return ask_consent(described(portrait_a), alice, basis="nonexistent_person")[0]


@pytest.mark.parametrize("basis", BASES)
def test_a_registered_face_is_confirmed_only_when_a_reviewer_finds_another(
    register, portrait_a, alice, rita, basis
):
    register()
    asked, _ = ask_consent(described(portrait_a), alice, basis=basis)
    match = FaceMatch.objects.get()
    assert match.distance == pytest.approx(0.3)
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=asked.id, actor=actor_of(rita))

    decide(match_id=match.pk, actor=actor_of(rita), decision=MatchDecision.DIFFERENT)

    assert newest_entry()["data"]["decision"] == "different"
    assert consent.confirm(grant_id=asked.id, actor=actor_of(rita)).state == ConsentState.GRANTED
    assert consent.consent_covering(portrait=portrait_a) == asked


def test_a_decision_that_is_not_in_the_log_counts_for_nothing(register, attested, rita):
    register()
    assert list(state_findings()) == []

    FaceMatch.objects.update(decision=MatchDecision.DIFFERENT)

    assert [(row.kind, row.columns) for row in state_findings()] == [("face match", ("decision",))]
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=attested.id, actor=actor_of(rita))


def test_another_face_is_not_noted(register, portrait_a, alice, rita):
    register()
    asked, _ = ask_consent(described(portrait_a, ANOTHERS), alice, basis="nonexistent_person")

    assert not FaceMatch.objects.exists()
    assert consent.confirm(grant_id=asked.id, actor=actor_of(rita))


def test_the_same_face_refuses_what_waits(register, attested, rita):
    register()

    decide(match_id=FaceMatch.objects.get().pk, actor=actor_of(rita), decision=MatchDecision.SAME)

    attested.refresh_from_db()
    assert attested.state == ConsentState.REFUSED
    assert "living person" in attested.reason


def test_who_registers_later_stops_what_was_confirmed_before(register, attested, portrait_a, rita):
    consent.confirm(grant_id=attested.id, actor=actor_of(rita))
    register()
    with pytest.raises(FaceMatched):
        consent.consent_covering(portrait=portrait_a)
    with pytest.raises(FaceMatched):
        consent.require_in_force(attested)

    decide(match_id=FaceMatch.objects.get().pk, actor=actor_of(rita), decision=MatchDecision.SAME)

    attested.refresh_from_db()
    assert attested.state == ConsentState.WITHDRAWN


def test_who_was_asked_elsewhere_is_a_living_person(attested, charlie, partner_b, rita):
    hers = described(PortraitFactory(partner=partner_b), HERS)

    ask_subject(hers, charlie)

    assert FaceMatch.objects.get().other == hers
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=attested.id, actor=actor_of(rita))


def test_a_no_is_not_got_round_by_attesting_the_same_portrait(portrait_a, alice, rita):
    _, link = ask_subject(described(portrait_a), alice)
    consent.decline(link)
    attested, _ = ask_consent(portrait_a, alice, basis="nonexistent_person")

    assert FaceMatch.objects.get().other == portrait_a
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=attested.id, actor=actor_of(rita))


def test_a_living_persons_own_yes_is_not_touched(register, portrait_a, alice):
    register()

    given = granted_consent(described(portrait_a), alice)

    assert consent.consent_covering(portrait=portrait_a) == given.grant
    assert not FaceMatch.objects.exists()


def test_what_was_not_compared_is_not_confirmed(attested, portrait_a, rita):
    Portrait.objects.filter(pk=portrait_a.pk).update(described_at=None)

    with pytest.raises(FaceUndescribed):
        consent.confirm(grant_id=attested.id, actor=actor_of(rita))


def test_a_portrait_is_described_after_the_request_and_compared_then(register, amara, alice, monkeypatch):
    register()
    Portrait.objects.filter(pk=amara.pk).update(described_at=None)
    ask_consent(amara, alice, basis="nonexistent_person")
    monkeypatch.setattr(describing, "describe_portrait_file", lambda path: ALIKE)
    assert describing.undescribed() == [amara.pk]

    assert describing.describe(amara.pk)

    assert FaceMatch.objects.get().portrait == amara
    assert not describing.describe(amara.pk)


def test_the_partners_own_reviewer_does_not_decide(register, attested, rita, partner_a):
    register()
    join(partner_a, rita)

    assert not undecided(actor_of(rita)).exists()
    with pytest.raises((NotFound, FourEyesRequired)):
        decide(match_id=FaceMatch.objects.get().pk, actor=actor_of(rita), decision=MatchDecision.SAME)


def test_an_erased_portrait_leaves_neither_descriptor_nor_match(register, attested, portrait_a):
    register()
    begin(portrait_a, reason=ErasureReason.PARTNER_REQUEST, actor_id="system")

    assert finish(portrait_a)

    portrait_a.refresh_from_db()
    assert portrait_a.sealed_descriptor == ""
    assert not FaceMatch.objects.exists()


def test_a_lost_secret_stops_no_request(register, portrait_a, alice):
    row = register()
    type(row).objects.filter(pk=row.pk).update(sealed_descriptor="gAAAA")

    asked, _ = ask_consent(described(portrait_a), alice, basis="nonexistent_person")

    assert asked.state == ConsentState.ATTESTED
    assert not FaceMatch.objects.exists()


def test_a_stored_descriptor_is_encrypted(portrait_a):
    sealed = described(portrait_a, HERS).sealed_descriptor

    assert open_descriptor(sealed) == pytest.approx(HERS)
    assert "\xcd\xcc\xcc\x3d" not in sealed  # .1 in single precision
