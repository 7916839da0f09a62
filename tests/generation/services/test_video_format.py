"""The format of a job's video: stated by the job, its default by the operator, refused at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from generation.by_log import job_differences
from generation.choices.video_formats import format_of
from generation.models import DrivingAudio, Job, Portrait
from generation.pipeline.decode import probe
from generation.storage import local_path
from tests.generation.api.calls import problem
from tests.generation.conftest import SPEECH_S, run

pytestmark = pytest.mark.usefixtures("grant")


@pytest.fixture
def order(amara: Portrait, recording: DrivingAudio) -> dict[str, Any]:
    return {"portrait_id": amara.id, "driving_audio_id": recording.id, "seed": 7}


def post(client: Client, order: dict[str, Any], video: dict[str, Any] | None = None, query: str = ""):
    body = order if video is None else {**order, "video": video}
    return client.post(f"/v1/jobs{query}", body, "application/json")


def test_a_job_states_its_format_and_the_rest_is_the_operators(api_a: Client, order, settings) -> None:
    settings.LIKENESS_VIDEO_FPS = 30
    body = post(api_a, order, {"aspect": "16:9", "size": 360}).json()
    assert body["video"] == {"aspect": "16:9", "size": 360, "fps": 30, "fill": "blur"}
    assert body["progress"]["frames_total"] == round(SPEECH_S * 30)


def test_a_job_that_says_nothing_is_the_operators_square(api_a: Client, order, settings) -> None:
    body = post(api_a, order).json()
    size = settings.LIKENESS_VIDEO_SIZE
    assert body["video"] == {"aspect": "1:1", "size": size, "fps": 25, "fill": "blur"}


@pytest.mark.parametrize(
    "video", [{"aspect": "4:3"}, {"size": 511}, {"size": 2160}, {"fps": 12}, {"fill": "red"}, {"lines": 720}]
)
def test_a_format_out_of_range_is_refused(api_a: Client, order, video) -> None:
    problem(post(api_a, order, video), 422, "invalid_request")
    assert not Job.objects.exists()


def test_a_picture_too_small_for_the_size_is_refused_with_one_that_would_do(
    api_a: Client, order, amara: Portrait
) -> None:
    Portrait.objects.filter(pk=amara.pk).update(head_square=[40.0, 0.0, 300.0])
    response = post(api_a, order, {"aspect": "picture", "size": 1080})
    problem(response, 422, "picture_too_small_for_size")
    assert "766" in response.json()["hint"]
    assert post(api_a, order, {"aspect": "picture", "size": 766}).status_code == 202


def test_a_dry_run_finds_the_head_of_a_portrait_from_before_its_place_was_kept(api_a: Client, order) -> None:
    response = post(api_a, order, {"aspect": "16:9", "size": 1080}, "?dry_run=true")
    problem(response, 422, "picture_too_small_for_size")


def test_the_log_holds_a_job_to_its_format(api_a: Client, order) -> None:
    job = Job.objects.get(pk=post(api_a, order, {"size": 300}).json()["id"])
    assert job_differences(job) == []
    Job.objects.filter(pk=job.pk).update(video={**job.video, "size": 512})
    job.refresh_from_db()
    assert "video" in job_differences(job)


def test_a_job_from_before_formats_is_as_the_operator_set_it(job: Job, settings) -> None:
    job.video = {}
    settings.LIKENESS_VIDEO_FPS = 50
    found = format_of(job)
    assert (found.aspect, found.size, found.fps) == ("1:1", settings.LIKENESS_VIDEO_SIZE, 50)


@pytest.mark.slow
def test_the_video_has_the_size_and_rate_of_its_job(api_a: Client, order) -> None:
    job = Job.objects.get(pk=post(api_a, order, {"size": 300, "fps": 30}).json()["id"])
    assert run(job)
    job.refresh_from_db()
    assert (job.rendition.width, job.rendition.height, job.rendition.fps) == (300, 300, 30)
    with local_path(job.rendition.file_key) as path:
        facts = probe(path)
    assert (facts.width, facts.fps, facts.frames) == (300, 30, job.rendition.frames)


@pytest.mark.slow
def test_a_renderer_of_squares_refuses_another_shape(api_a: Client, order) -> None:
    job = Job.objects.get(pk=post(api_a, order, {"aspect": "16:9", "size": 300}).json()["id"])
    assert run(job)
    job.refresh_from_db()
    assert (job.state, job.reason_code) == ("failed", "aspect_not_offered")
