"""A recording says whose voice it is, as its partner attests; job, log and manifest say it too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import c2pa
import pytest
from django.test import Client

from accounts.models import Partner, User
from generation import storage
from generation.models import DrivingAudio, Job, Rendition, Voice
from provenance.keys.service_keys import trust_store
from provenance.manifest.claim import TRAINED
from provenance.models import LogEntry
from provenance.selectors.decisions import RowContradictsLog
from tests.accounts.log_entries import newest_entry
from tests.generation.api.calls import problem, upload
from tests.generation.conftest import SPEECH_S, let_out_without_review, run, stored_audio
from tests.generation.intake.files import speech, wav

Submit = Callable[..., Job]


@pytest.fixture
def unstated(partner_a: Partner, tmp_path: Path) -> DrivingAudio:
    """As a client that knows nothing of voices uploads it."""
    return stored_audio(partner_a, tmp_path, SPEECH_S + 0.1, voice=None)


def post(client: Client, **fields: str):
    return client.post("/v1/driving-audio", {"file": upload("a.wav", wav(speech(1))), **fields})


def manifest_of(job: Job) -> dict[str, object]:
    """What the manifest says about the voice."""
    with storage.local_path(Rendition.objects.get(job=job).file_key) as path:
        context = c2pa.Context.from_dict(trust_store().settings())
        report = json.loads(c2pa.Reader(path, context=context).json())
    manifest = report["manifests"][report["active_manifest"]]
    (told,) = [one["data"] for one in manifest["assertions"] if one["label"] == "org.likeness.provenance"]
    (part,) = [one for one in manifest["ingredients"] if one["title"] == "speech"]
    return {"voice": told["voice"], "type": part.get("digital_source_type"), "said": part["description"]}


@pytest.mark.parametrize("voice", [Voice.OWN.value, Voice.SYNTHETIC.value])
def test_an_upload_states_it_and_the_log_has_it(api_a: Client, voice: str) -> None:
    answer = post(api_a, voice=voice)

    assert (answer.status_code, answer.json()["voice"]) == (201, voice)
    assert newest_entry()["event"] == "driving_audio.voice_stated"
    assert newest_entry()["data"]["voice"] == voice


def test_what_is_said_again_holds_from_then_on_and_what_is_left_out_stays(api_a: Client) -> None:
    post(api_a, voice="own")

    assert post(api_a).json()["voice"] == "own"
    assert post(api_a, voice="synthetic").json()["voice"] == "synthetic"


def test_a_client_that_does_not_say_is_served_as_before(api_a: Client) -> None:
    answer = post(api_a)

    assert (answer.status_code, answer.json()["voice"]) == (201, None)


def test_no_other_word_is_taken(api_a: Client) -> None:
    problem(post(api_a, voice="somebody"), 422, "invalid_request")


def test_the_console_asks(alice_browser: Client) -> None:
    form = {"file": upload("a.wav", wav(speech(1)), "audio/wav")}

    assert alice_browser.post("/console/driving-audio/new/", form).status_code == 422


@pytest.mark.slow
def test_manifest_and_log_say_which(job: Job) -> None:
    run(job)

    assert newest_of(job)["voice"] == "synthetic"
    assert manifest_of(job) == {
        "voice": "synthetic",
        "type": TRAINED,
        "said": "The voice is synthetic, as the requesting organisation attests",
    }


@pytest.mark.slow
def test_without_a_word_a_person_looks_whatever_the_policy(
    unstated: DrivingAudio, submit: Submit, partner_a: Partner
) -> None:
    let_out_without_review(partner_a)
    job = submit(driving_audio_id=unstated.pk)

    run(job)

    job.refresh_from_db()
    assert job.state == "in_review"
    assert newest_of(job)["voice"] == "not_stated"
    assert manifest_of(job)["voice"] == "not_stated"
    assert manifest_of(job)["type"] is None


def test_a_row_that_says_something_else_than_the_log_opens_nothing(
    submit: Submit, recording: DrivingAudio
) -> None:
    DrivingAudio.objects.filter(pk=recording.pk).update(voice="own")

    with pytest.raises(RowContradictsLog):
        submit()


@pytest.mark.slow
def test_a_new_word_about_the_recording_leaves_the_jobs_before_as_they_are(
    job: Job, recording: DrivingAudio, alice: User
) -> None:
    DrivingAudio.objects.filter(pk=recording.pk).update(voice="own")

    assert run(job)

    assert manifest_of(job)["voice"] == "synthetic"


def newest_of(job: Job) -> dict[str, object]:
    """What the log says about the job's submission."""
    body = LogEntry.objects.filter(event="job.submitted", references__value=job.pk).get().body
    data: dict[str, object] = json.loads(body)["data"]
    return data
