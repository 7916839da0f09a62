"""Another file under a portrait or a recording is named, and nothing is made of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import ConsentGrant, Partner
from accounts.services.consent import require_in_force
from generation.models import DrivingAudio, Job, Portrait
from generation.services.live.starting import claim_session
from provenance.selectors.decisions import RowContradictsLog
from tests.factories import PortraitFactory
from tests.generation.conftest import SPEECH_S, run, stored_audio
from tests.generation.edited_rows.editing import named
from tests.generation.live.conftest import Open

pytestmark = pytest.mark.django_db
Submit = Callable[..., Job]


@pytest.fixture
def theirs(partner_b: Partner) -> Portrait:
    """Somebody else's picture."""
    return PortraitFactory(partner=partner_b)


@pytest.mark.slow
def test_another_picture_under_the_portraits_own_digest(
    submit: Submit, amara: Portrait, theirs: Portrait
) -> None:
    job = submit()
    assert named() == set()
    Portrait.objects.filter(pk=amara.pk).update(image_key=theirs.image_key)

    assert {("grant", "portrait"), ("job", "portrait")} <= named()
    with pytest.raises(RowContradictsLog):
        submit()
    run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "row_contradicts_log")


def test_another_picture_with_its_digest(submit: Submit, amara: Portrait, theirs: Portrait) -> None:
    submit()
    Portrait.objects.filter(pk=amara.pk).update(image_key=theirs.image_key, sha256=theirs.sha256)

    assert {("grant", "portrait"), ("job", "driving_audio")} <= named()
    with pytest.raises(RowContradictsLog):
        submit()


def test_a_portrait_that_another_partner_took_over(
    submit: Submit, amara: Portrait, grant: ConsentGrant, partner_b: Partner
) -> None:
    Portrait.objects.filter(pk=amara.pk).update(partner=partner_b)

    assert ("grant", "portrait") in named()
    with pytest.raises(RowContradictsLog):
        require_in_force(grant)


def test_another_sound_under_the_recordings_own_digest(
    submit: Submit, recording: DrivingAudio, partner_a: Partner, tmp_path
) -> None:
    submit()
    other = stored_audio(partner_a, tmp_path, SPEECH_S + 0.3)
    DrivingAudio.objects.filter(pk=recording.pk).update(audio_key=other.audio_key)

    assert ("job", "driving_audio") in named()
    with pytest.raises(RowContradictsLog):
        submit()


def test_another_picture_does_not_speak_live(
    open_live: Open,
    live_grant: ConsentGrant,
    theirs: Portrait,
) -> None:
    opened = open_live()
    Portrait.objects.filter(pk=opened.session.portrait_id).update(image_key=theirs.image_key)

    assert ("live session", "portrait") in named()
    with pytest.raises(RowContradictsLog):
        claim_session(opened.token)
    with pytest.raises(RowContradictsLog):
        open_live()
