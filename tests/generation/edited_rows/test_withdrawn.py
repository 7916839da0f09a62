"""What was withdrawn, refused or used up stays so, whatever the rows say."""

from __future__ import annotations

import pytest
from django.db.models import F

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, ConsentState
from accounts.services import consent as consents
from generation.models import Job
from generation.services.review import refuse
from provenance.models import Record
from tests.generation.edited_rows.editing import edit, fsck_of_state, named

pytestmark = pytest.mark.django_db


@pytest.mark.slow
def test_a_withdrawn_video_does_not_come_back(released, answer, api_a):
    consents.withdraw(answer.withdraw_token)
    path = f"/v1/renditions/{released.id}/file"
    assert api_a.get(path).json()["code"] == "not_released"
    edit(released.job, "state", "released")
    assert api_a.get(path).json()["code"] == "row_contradicts_log"
    Record.objects.filter(pk=released.id).update(state="released", withdrawn_at=None, withdrawal_reason="")
    ConsentGrant.objects.filter(pk=answer.grant.pk).update(state=ConsentState.GRANTED)
    assert api_a.get(path).json()["code"] == "row_contradicts_log"
    assert {("job", "state"), ("record", "state"), ("grant", "state")} <= named()


def test_a_withdrawn_consent_that_was_edited_back_covers_nothing(answer, api_a, amara, recording):
    consents.withdraw(answer.withdraw_token)
    ConsentGrant.objects.filter(pk=answer.grant.pk).update(state=ConsentState.GRANTED)
    order = {"portrait_id": amara.id, "driving_audio_id": recording.id}
    refused = api_a.post("/v1/jobs", order, content_type="application/json")
    assert refused.json()["code"] == "row_contradicts_log"
    assert not Job.objects.exists()


@pytest.mark.slow
def test_a_video_that_a_reviewer_refused_gives_its_use_back_in_the_log_too(waiting, rita, api_a):
    refuse(actor=actor_of(rita), rendition_id=waiting.id, reason_code="poor_quality")
    assert ConsentGrant.objects.get().used_videos == 0
    assert fsck_of_state()["rows"] == []
    ConsentGrant.objects.update(used_videos=F("used_videos") + 1)
    assert named() == {("grant", "used_videos")}
