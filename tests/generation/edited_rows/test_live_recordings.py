"""A reviewer decides by the recording that came, the words it had to be of, and what the machine found."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.live_errors import RecordingUnchecked
from accounts.models import ConsentGrant, User
from accounts.services import consent
from generation.models import LiveRecording, Portrait
from generation.services.live_check.receiving import draw_phrase
from generation.services.live_check.sealed_files import unseal
from provenance.common.errors import NotFound
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import PortraitFactory, agree, ask_subject
from tests.generation.edited_rows.editing import edit, named
from tests.generation.live_check.test_recordings import sent

pytestmark = pytest.mark.django_db

EDITS: dict[str, Any] = {
    "id": "liv_other",
    "consent": None,  # another one's
    "sha256": "0" * 64,
    "file_key": "live-recordings/aa/bb/other.sealed",
    "content_type": "text/html",
    "language": "de",
    "words": ["one", "two"],
    "turn": "right",
    "is_live": False,
    "checked_at": None,
    "warnings": [],
    "distance": 0.01,
}
CASES = [(LiveRecording, column) for column in EDITS]


@pytest.fixture
def waiting(amara: Portrait, alice: User) -> ConsentGrant:
    """A yes that waits for a reviewer, with a recording that the machine warns of."""
    return agree(ask_subject(amara, alice)[1], warnings=["another_face"], distance=0.7)


@pytest.mark.slow
@pytest.mark.parametrize("column", EDITS)
def test_an_edited_recording_is_named_and_grants_nothing(
    waiting: ConsentGrant, alice: User, rita: User, column: str
) -> None:
    assert named() == set()
    value = EDITS[column]
    if column == "consent":
        value = ask_subject(PortraitFactory(partner=waiting.partner), alice)[0].pk
    edit(LiveRecording.objects.get(), column, value)

    assert ("live recording", column) in named()
    with pytest.raises((RowContradictsLog, RecordingUnchecked, NotFound)):
        consent.confirm_recorded(grant_id=waiting.pk, actor=actor_of(rita))


def test_a_recording_that_nobody_looked_at_does_not_become_one_without_a_warning(
    amara: Portrait, alice: User, rita: User
) -> None:
    asked = agree(ask_subject(amara, alice)[1], checked_at=None)
    LiveRecording.objects.update(checked_at=timezone.now())

    assert ("live recording", "checked_at") in named()
    with pytest.raises(RowContradictsLog):
        consent.confirm_recorded(grant_id=asked.pk, actor=actor_of(rita))


def test_another_file_under_its_own_key_is_not_shown(amara: Portrait, alice: User) -> None:
    grant, _ = ask_subject(amara, alice)
    shown = sent(grant)
    other = sent(grant, data=unseal(shown) + b"\0", ticket=draw_phrase(grant, "de").ticket)
    LiveRecording.objects.filter(pk=other.pk).update(sha256="0" * 64)

    with pytest.raises(RowContradictsLog):
        unseal(LiveRecording.objects.get(pk=other.pk))


def test_a_recording_that_was_put_in_grants_nothing(waiting: ConsentGrant, rita: User) -> None:
    copy = LiveRecording.objects.get()
    copy.pk, copy.phrase_nonce, copy.stored_at = "liv_other", "other", timezone.now()
    copy.save(force_insert=True)

    assert ("live recording", "id") in named()
    with pytest.raises(RowContradictsLog):
        consent.confirm_recorded(grant_id=waiting.pk, actor=actor_of(rita))
