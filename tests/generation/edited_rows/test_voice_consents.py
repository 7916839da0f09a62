"""A speaker's consent is in force as the log has it: for one recording, one purpose, at one contact."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.access.tokens import hash_token
from accounts.errors import ConsentMissing, LinkUnknown
from accounts.models import Partner
from accounts.services.contacts.addresses import contact_of
from generation import storage
from generation.models import DrivingAudio, VoiceConsent
from generation.services.voice_consent import answering
from generation.services.voice_consent.checking import require_voice
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import SubjectFactory
from tests.generation.conftest import SPEECH_S, stored_audio
from tests.generation.edited_rows.editing import LATER, edit, named
from tests.generation.voice_consent.test_ask_a_speaker import Ask, agree, link_of

pytestmark = pytest.mark.django_db

OTHER = object()
WHEN_ASKED: dict[str, Any] = {
    **dict.fromkeys(("driving_audio", "speaker", "contact"), OTHER),
    "purpose": "Anything at all.",
    "terms_salt": "0" * 32,
    "link_token_hash": hash_token("known"),
    "link_expires_at": LATER,
    "withdraw_token_hash": hash_token("known"),
}
WHEN_GRANTED: dict[str, Any] = {
    **WHEN_ASKED,
    "id": "voc_other",
    "state": "requested",
    "receipt": "{}",
    "receipt_digest": "0" * 64,
}
CASES = [(VoiceConsent, column) for column in WHEN_GRANTED]


@pytest.fixture
def others(partner_a: Partner, tmp_path: Any) -> dict[str, str]:
    """Another recording, speaker and contact, by the column that would name them."""
    another = SubjectFactory(partner=partner_a, email="another@mail.example")
    return {
        "driving_audio": stored_audio(partner_a, tmp_path, SPEECH_S + 0.4, voice=None).pk,
        "speaker": another.pk,
        "contact": contact_of(another).pk,
    }


@pytest.mark.parametrize("column", WHEN_ASKED)
def test_an_edited_request_is_named_and_takes_no_answer(
    ask: Ask,
    others: dict[str, str],
    column: str,
) -> None:
    token = link_of(ask())
    assert named() == set()
    edit(VoiceConsent.objects.get(), column, others.get(column, WHEN_ASKED[column]))

    assert ("voice consent", column) in named()
    with pytest.raises(RowContradictsLog):
        answering.open_voice("known" if column == "link_token_hash" else token)


@pytest.mark.slow
@pytest.mark.parametrize("column", WHEN_GRANTED)
def test_an_edited_yes_is_named_and_covers_nothing(
    ask: Ask,
    others: dict[str, str],
    column: str,
) -> None:
    asked = agree(ask())
    audio = asked.driving_audio
    require_voice(audio, "speaker")
    assert named() == set()
    edit(asked, column, others.get(column, WHEN_GRANTED[column]))

    assert ("voice consent", column) in named()
    if column == "driving_audio":  # of the recording that was agreed to there is no yes any more
        with pytest.raises(ConsentMissing):
            require_voice(audio, "speaker")
        audio = DrivingAudio.objects.get(pk=others["driving_audio"])
    with pytest.raises((RowContradictsLog, ConsentMissing)):
        require_voice(audio, "speaker")


def test_a_speaker_is_not_played_another_file_than_they_are_asked_for(
    ask: Ask,
    others: dict[str, str],
) -> None:
    asked = ask()
    theirs = DrivingAudio.objects.get(pk=others["driving_audio"])
    DrivingAudio.objects.filter(pk=asked.driving_audio_id).update(audio_key=theirs.audio_key)
    assert storage.is_stored(theirs.audio_key)

    assert ("voice consent", "driving_audio") in named()
    with pytest.raises(RowContradictsLog):
        answering.open_voice(link_of(asked))


def test_no_link_is_left_after_an_edit_of_it(ask: Ask) -> None:
    asked = ask()
    token = link_of(asked)
    edit(asked, "link_token_hash", hash_token("known"))

    with pytest.raises(LinkUnknown):
        answering.open_voice(token)
