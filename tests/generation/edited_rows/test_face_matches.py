"""A match of faces blocks until the log has that it is another face, whatever became of its row."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access.actors import actor_of
from accounts.live_errors import FaceMatched
from accounts.models import ConsentGrant, Partner, User
from accounts.services import consent
from generation.models import ErasureReason, FaceMatch, FaceRegistration, MatchDecision, Portrait
from generation.services.erasure.erase import begin, finish
from generation.services.face_register.deciding import decide
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import PortraitFactory, ask_consent, ask_subject
from tests.generation.edited_rows.editing import edit, named
from tests.generation.face_register.conftest import HERS, Register, described

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "portrait", "registration", "other", "decision")
CASES = [(FaceMatch, column) for column in COLUMNS]


@pytest.fixture
def attested(portrait_a: Portrait, alice: User, register: Register) -> ConsentGrant:
    """An attestation of a portrait that is like Vera's face."""
    register()
    return ask_consent(described(portrait_a), alice, basis="nonexistent_person")[0]


@pytest.mark.parametrize("column", COLUMNS)
def test_an_edited_match_is_named_and_goes_on_blocking(
    attested: ConsentGrant, partner_b: Partner, rita: User, column: str
) -> None:
    match = FaceMatch.objects.get()
    assert named() == set()
    values: dict[str, Any] = {
        "id": "mat_other",
        "portrait": PortraitFactory(partner=partner_b).pk,
        "registration": None,
        "other": PortraitFactory(partner=partner_b).pk,
        "decision": "different",
    }
    edit(match, column, values[column])

    assert ("face match", column) in named()
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=attested.pk, actor=actor_of(rita))


def test_a_match_that_was_taken_out_goes_on_blocking(attested: ConsentGrant, rita: User) -> None:
    FaceMatch.objects.all().delete()

    assert ("face match", "id") in named()
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=attested.pk, actor=actor_of(rita))


def test_a_reviewer_does_not_decide_about_another_pair(attested: ConsentGrant, rita: User) -> None:
    match = FaceMatch.objects.get()
    other = FaceRegistration.objects.get()
    other.pk, other.phrase_nonce, other.sha256 = "reg_other", "other", "0" * 64
    other.save(force_insert=True)
    edit(match, "registration", other.pk)

    assert ("face match", "registration") in named()
    with pytest.raises(RowContradictsLog):
        decide(match_id=match.pk, actor=actor_of(rita), decision=MatchDecision.DIFFERENT)


def test_what_a_reviewer_found_goes_on_counting(attested: ConsentGrant, rita: User) -> None:
    decide(match_id=FaceMatch.objects.get().pk, actor=actor_of(rita), decision=MatchDecision.DIFFERENT)
    assert named() == set()

    assert consent.confirm(grant_id=attested.pk, actor=actor_of(rita)).is_attested


def test_a_picture_that_was_erased_blocks_no_longer(
    portrait_a: Portrait, alice: User, rita: User, partner_b: Partner, charlie: User
) -> None:
    hers = described(PortraitFactory(partner=partner_b), HERS)
    ask_subject(hers, charlie)
    attested, _ = ask_consent(described(portrait_a), alice, basis="nonexistent_person")
    with pytest.raises(FaceMatched):
        consent.confirm(grant_id=attested.pk, actor=actor_of(rita))

    begin(hers, reason=ErasureReason.SUBJECT_REQUEST, actor_id="system")
    assert finish(hers)

    assert named() == set()
    assert consent.confirm(grant_id=attested.pk, actor=actor_of(rita)).is_attested
