"""A job names another renderer; after the real production the video's manifest states that renderer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import c2pa
import pytest
from django.test import Client

from generation import storage, tasks
from generation.animation.identity import face_rig_identity, model_digest
from generation.models import Job, Rendition
from provenance.manifest.claim import COMPOSITE, TRAINED
from tests.generation.api.calls import problem
from tests.generation.extending.painted_renderer import PaintedRenderer


@pytest.fixture
def _offered(package: None, settings) -> None:
    settings.LIKENESS_RENDERERS = ["face_rig", "painted"]


def manifest_of(job: Job) -> dict[str, Any]:
    """What a reader of Content Credentials finds in the job's video: data by label of the assertion."""
    rendition = Rendition.objects.get(job=job)
    with storage.open_file(rendition.file_key) as file, c2pa.Reader("video/mp4", file) as reader:
        report = json.loads(reader.json())
    manifest = report["manifests"][report["active_manifest"]]
    assertions = {item["label"]: item["data"] for item in manifest["assertions"]}
    return assertions | {"models": [item["title"] for item in manifest["ingredients"][2:]]}


@pytest.mark.slow
@pytest.mark.usefixtures("_offered")
def test_it_states_the_renderers_own_name_version_digest_and_source_type(submit: Callable[..., Job]) -> None:
    job = submit(renderer="painted")
    tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("in_review", "")
    manifest, painted = manifest_of(job), PaintedRenderer().identity
    disclosure = manifest["c2pa.ai-disclosure"]
    assert disclosure["modelName"] == "Painted pattern"
    assert disclosure["modelIdentifier"] == f"sha256:{painted.digest}"
    assert manifest["models"] == [
        "model: Painted pattern 3.1",
        f"motion model: Likeness face rig {face_rig_identity().version}",
    ]
    assert manifest["c2pa.actions.v2"]["actions"][0]["digitalSourceType"] == TRAINED
    # The speech was recorded, so the video as a whole is a composite.
    assert manifest["cawg.metadata"]["Iptc4xmpExt:DigitalSourceType"] == COMPOSITE


@pytest.mark.slow
def test_the_bundled_model_states_what_it_always_did(submit: Callable[..., Job], settings) -> None:
    job = submit()
    tasks.run_job(job.id)
    manifest = manifest_of(job)
    assert job.renderer == "face_rig"
    assert manifest["c2pa.ai-disclosure"]["modelName"] == "Likeness face rig"
    assert manifest["c2pa.ai-disclosure"]["modelIdentifier"] == f"sha256:{model_digest()}"
    assert manifest["models"] == [f"model: Likeness face rig {settings.VERSION}"]
    assert manifest["c2pa.actions.v2"]["actions"][0]["digitalSourceType"] == COMPOSITE
    assert manifest["cawg.metadata"]["Iptc4xmpExt:DigitalSourceType"] == COMPOSITE


@pytest.mark.slow
@pytest.mark.usefixtures("_offered")
def test_a_job_may_name_a_renderer_that_is_offered(api_a: Client, job: Job) -> None:
    order = {"portrait_id": job.portrait_id, "driving_audio_id": job.driving_audio_id}
    for named, made_with in ({}, "face_rig"), ({"renderer": "painted"}, "painted"):
        plan = api_a.post("/v1/jobs?dry_run=true", {**order, **named}, "application/json").json()
        taken = api_a.post("/v1/jobs", {**order, **named}, "application/json").json()
        assert plan["renderer"] == taken["renderer"] == made_with
        assert Job.objects.get(pk=taken["id"]).renderer == made_with


def test_another_renderer_is_refused_with_the_ones_that_are_offered(api_a: Client, job: Job) -> None:
    order = {
        "portrait_id": job.portrait_id,
        "driving_audio_id": job.driving_audio_id,
        "renderer": "painted",
    }
    for query in ("", "?dry_run=true"):
        response = api_a.post(f"/v1/jobs{query}", order, "application/json")
        refusal = problem(response, 422, "renderer_not_offered")
        assert "it offers face_rig" in refusal["title"]


@pytest.mark.usefixtures("_offered")
def test_a_renderer_that_was_withdrawn_fails_the_job_in_words(submit: Callable[..., Job], settings) -> None:
    job = submit(renderer="painted")
    settings.LIKENESS_RENDERERS = ["face_rig"]
    tasks.run_job(job.id)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "renderer_not_offered")
    assert "it offers face_rig" in job.reason_message
