"""The visible label of a job: on by default, chosen by preset, left out only where the operator allows it."""

from __future__ import annotations

import json
from typing import Any

import av
import pytest
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import LabelPolicy, Partner, User
from accounts.services.partners import set_label_policy
from generation import storage
from generation.by_log import job_differences
from generation.choices.disclosures import disclosure_of, file_metadata
from generation.disclosure.choice import Disclosure
from generation.models import DrivingAudio, Job, Portrait
from provenance.log.entries import LogEvent
from provenance.models.log import LogEntry
from provenance.models.record import Record
from tests.generation.api.calls import problem
from tests.generation.conftest import SPEECH_S, run

pytestmark = pytest.mark.usefixtures("grant")
USUAL = {"preset": "eu", "language": "en", "place": "top_right", "first_seconds": None, "sound_cue": False}


@pytest.fixture
def order(amara: Portrait, recording: DrivingAudio) -> dict[str, Any]:
    return {"portrait_id": amara.id, "driving_audio_id": recording.id, "seed": 7}


def post(client: Client, order: dict[str, Any], disclosure: dict[str, Any] | None = None):
    body = order if disclosure is None else {**order, "disclosure": disclosure}
    return client.post("/v1/jobs", body, "application/json")


@pytest.mark.slow
def test_a_job_that_says_nothing_has_the_operators_label(api_a: Client, order, settings) -> None:
    assert post(api_a, order).json()["disclosure"] == USUAL
    settings.LIKENESS_LABEL_PRESET = "korea"
    assert post(api_a, order).json()["disclosure"] == {**USUAL, "preset": "korea", "language": "ko"}


def test_a_job_states_its_label_and_the_cue_makes_it_longer(api_a: Client, order) -> None:
    body = post(api_a, order, {"preset": "china", "first_seconds": 3, "place": "top_left"}).json()
    assert body["disclosure"] == {
        "preset": "china",
        "language": "zh",
        "place": "top_left",
        "first_seconds": 3,
        "sound_cue": True,
    }
    assert body["progress"]["frames_total"] == round((SPEECH_S + 0.9) * 25)


def test_what_the_rules_do_not_allow_is_refused_with_its_field(api_a: Client, order) -> None:
    response = post(api_a, order, {"preset": "eu", "first_seconds": 2})
    problem(response, 422, "disclosure_invalid")
    assert "disclosure.first_seconds" in response.json()["hint"]
    assert not Job.objects.exists()


def test_nobody_leaves_the_label_out_unless_an_operator_allows_it(
    api_a: Client, order, partner_a: Partner, otto: User
) -> None:
    problem(post(api_a, order, {"preset": "none"}), 403, "label_required")
    set_label_policy(partner_id=partner_a.id, label_policy=LabelPolicy.OPTIONAL, actor=actor_of(otto))
    assert LogEntry.objects.filter(event=LogEvent.PARTNER_LABEL_POLICY_SET).count() == 1
    assert post(api_a, order, {"preset": "none"}).json()["disclosure"]["preset"] == "none"


def test_the_log_holds_a_job_to_its_label(api_a: Client, order) -> None:
    job = Job.objects.get(pk=post(api_a, order).json()["id"])
    assert job_differences(job) == []
    Job.objects.filter(pk=job.pk).update(disclosure={**job.disclosure, "preset": "none"})
    job.refresh_from_db()
    assert "disclosure" in job_differences(job)


def test_a_job_from_before_labels_gets_the_operators(job: Job) -> None:
    job.disclosure = {}
    assert disclosure_of(job).to_json() == USUAL


@pytest.mark.slow
def test_manifest_log_and_file_say_which_label_a_video_has(api_a: Client, order, settings) -> None:
    settings.LIKENESS_AIGC_PRODUCER = "001191110102MA"
    job = Job.objects.get(pk=post(api_a, order, {"preset": "china", "language": "de"}).json()["id"])
    assert run(job)
    record = Record.objects.get()
    assert record.visible_label.startswith("china:de:top_right:")
    sealed = LogEntry.objects.get(event=LogEvent.RENDITION_SEALED).entry
    assert sealed.data["visible_label"] == record.visible_label
    assert b"c2pa.addedText" in bytes(record.manifest)
    assert record.visible_label.encode() in bytes(record.manifest)
    job.refresh_from_db()
    with storage.local_path(job.rendition.file_key) as path, av.open(str(path)) as signed:
        named = json.loads(signed.metadata["AIGC"])
    assert named["Label"] == "1"
    assert (named["ContentProducer"], named["ProduceID"]) == ("001191110102MA", job.rendition.id)


def test_no_other_label_adds_fields_to_the_file() -> None:
    assert file_metadata(Disclosure(preset="eu"), "rnd_1") == {}
