"""Somebody edits one column of what a released video rests on; it is named, and opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.access.actors import actor_of
from accounts.access.by_log import REJECTION_CODES
from accounts.models import (
    ApiKey,
    ConsentGrant,
    ConsentState,
    LabelPolicy,
    Partner,
    PartnerState,
    ReviewPolicy,
    Scope,
)
from accounts.services.api_keys import create_key
from generation.models import Job, Rendition
from generation.services.review import RejectionCode
from provenance.models import Record
from tests.accounts.log_entries import newest_entry
from tests.conftest import api_of
from tests.contracts.write_openapi import served
from tests.generation.edited_rows.editing import LATER, edit, fsck_of_state, named
from tests.generation.edited_rows.setting import KINDS, Setting, make_setting, rows_of, taken_down_at_the_end

pytestmark = pytest.mark.django_db


def test_the_codes_that_give_a_video_back_are_the_reviewers():
    assert set(RejectionCode.values) == REJECTION_CODES


@pytest.mark.slow
def test_nothing_is_named_while_nobody_edits(released, api_a):
    assert fsck_of_state()["rows"] == []
    assert api_a.get(f"/v1/renditions/{released.id}/file").status_code == 200


OTHER = object()  # the same column of a row that belongs elsewhere
EDITS: dict[type[Model], dict[str, Any]] = {
    Job: {
        **dict.fromkeys(("partner", "portrait", "driving_audio", "consent"), OTHER),
        "controls": {"mood": "joy"},
        "motion": {"track": "0" * 64},
        "direction": {"version": 1, "keyframes": [{"time_s": 0, "emotion": "happy"}]},
        "video": {"aspect": "16:9"},
        "disclosure": {"preset": "none"},
        "voice": "own",
        "seed": 8,
        "renderer": "another",
        "state": "in_review",
    },
    Rendition: {
        "job": OTHER,
        "file_key": "renditions/aa/other.mp4",
        "sha256": "0" * 64,
        "released_at": None,
        "first_approved_by": "usr_other",
    },
    Record: {
        "watermark_id": "0" * 12,
        "watermark_year": 2020,
        "watermark_version": 1,
        "content_prints": b"other",
        "fingerprints": b"",
        "fingerprints_salt": b"other",
        "visible_label": "eu:en:top_right:whole:silent:500-30-970-110",
        "state": "sealed",
        "file_sha256": "0" * 64,
        "manifest": b"other",
        "manifest_label": "urn:c2pa:other",
        "partner_id": "prt_other",
        "consent_receipt_digest": "0" * 64,
        "log_index": 0,
        "released_at": None,
    },
    ConsentGrant: {
        **dict.fromkeys(("partner", "portrait", "subject", "contact"), OTHER),
        "contact_proved_at": LATER,
        "link_token_hash": "0" * 64,
        "link_expires_at": LATER,
        "withdraw_token_hash": "0" * 64,
        "basis": "own_likeness",
        "purpose": "Anything at all.",
        "valid_until": LATER,
        "max_videos": 10_000,
        "allows_live": True,
        "used_videos": 0,
        "state": ConsentState.DECLINED,
        "live_check": "none",
        "receipt": "{}",
        "receipt_digest": "0" * 64,
    },
    Partner: {
        "state": PartnerState.SUSPENDED,
        "review_policy": ReviewPolicy.RELEASE,
        "label_policy": LabelPolicy.OPTIONAL,
        "max_active_jobs": 10_000,
        "max_month_minutes": 10_000,
        "max_storage_mb": 10_000,
    },
    ApiKey: {
        "partner": OTHER,
        "prefix": "000000000000",
        "secret_sha256": "0" * 64,
        "scopes": ["jobs"],
        "expires_at": LATER,
        "revoked_at": timezone.now(),
    },
}
CASES = [(model, column) for model, edits in EDITS.items() for column in edits]


@pytest.fixture(scope="class")
def setting(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Setting]:
    with taken_down_at_the_end(django_db_blocker):
        yield make_setting(tmp_path_factory.mktemp("setting"))


class TestEdits:
    @pytest.mark.slow
    @pytest.mark.parametrize(("model", "column"), CASES, ids=lambda value: getattr(value, "__name__", value))
    def test_an_edit_is_named_and_blocks(self, model, column, setting: Setting):
        released = Rendition.objects.select_related("job").get(pk=setting.rendition_id)
        job, others = released.job, setting.others
        row = rows_of(released)[model]
        value = EDITS[model][column]
        if value is OTHER and model is Rendition:
            another = Job.objects.get(pk=job.pk)
            another.pk, another.partner_id, another.consent_id = (
                "job_other",
                others["partner"],
                others["consent"],
            )
            another.save_base(raw=True, force_insert=True)
            value = another.pk
        edit(row, column, others[column] if value is OTHER else value)

        assert (KINDS[model], column) in named()
        api = Client(headers={"Authorization": f"Bearer {setting.key_text}"})
        download = api.get(f"/v1/renditions/{released.id}/file")
        order = {"portrait_id": job.portrait_id, "driving_audio_id": job.driving_audio_id}
        submit = api.post("/v1/jobs", order, content_type="application/json")
        if model in {Job, Rendition, Record}:
            assert download.status_code in {404, 409}
            stolen = api_of(Partner.objects.get(pk=others["partner"])).get(
                f"/v1/renditions/{released.id}/file"
            )
            assert stolen.status_code in {404, 409}
        else:
            assert submit.status_code in {401, 403, 409}
        if model in {Partner, ApiKey}:
            assert download.status_code in {401, 403, 409}


@pytest.mark.slow
@pytest.mark.parametrize("column", ["motion", "direction", "video", "disclosure"])
@pytest.mark.parametrize("cell", [0, "", []], ids=repr)
def test_an_empty_object_is_no_other_empty_value(released, column, cell):
    edit(released.job, column, cell)
    assert ("job", column) in named()


@pytest.mark.slow
def test_what_is_held_back_is_answered_as_described(released, api_a, partner_a):
    paths = served()["paths"]
    edit(Record.objects.get(pk=released.id), "content_prints", b"other")
    assert Client().get(f"/v1/evidence/{released.id}").status_code == 409
    assert "409" in paths["/v1/evidence/{rendition_id}"]["get"]["responses"]

    edit(partner_a, "max_active_jobs", 10_000)
    assert api_a.get("/v1/usage").status_code == 409
    of_keys = [call for calls in paths.values() for call in calls.values() if call.get("security")]
    assert len(of_keys) > 40
    assert all("409" in call["responses"] for call in of_keys)


def test_the_log_says_what_a_key_may_do(alice, partner_a):
    expires_at = timezone.now() + timedelta(days=30)
    key, _ = create_key(
        partner=partner_a, name="new", scopes=[Scope.JOBS], expires_at=expires_at, actor=actor_of(alice)
    )
    assert set(newest_entry()["data"]) == {"partner_id", "key_id", "key_digest"}
    assert fsck_of_state()["rows"] == []
    ApiKey.objects.filter(pk=key.pk).update(scopes=["jobs", "renditions"])
    assert ("key", "scopes") in named()
