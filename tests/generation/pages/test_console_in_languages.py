"""The console's pages in another language: rows' English is translated, what scripts read stays."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import override

from generation.models import DrivingAudio, Job, Portrait, Rendition
from generation.pages.job_words import described_controls, described_disclosure
from generation.states import JobState
from provenance.common.readable_text import UnreadableText
from provenance.pages.in_language import sentence_in_language
from tests.generation.conftest import put_into_state

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _ in settings.LANGUAGES]
# A sentence with a value that is translated in every language.
SAID = "The character U+202E cannot be seen."


def page_of(client: Client, address: str, language: str) -> str:
    answer = client.get(address, {"lang": language})
    assert answer.status_code == 200, address
    text: str = answer.content.decode()
    assert f'<html lang="{language}">' in text
    return text


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_there_in_every_language(
    alice_browser: Client, amara: Portrait, recording: DrivingAudio, released: Rendition, language: str
) -> None:
    for address in (
        "/console/",
        "/console/jobs/",
        "/console/jobs/new/",
        "/console/jobs/table/",
        "/console/portraits/new/",
        "/console/driving-audio/new/",
        f"/console/portraits/{amara.pk}/",
        f"/console/portraits/{amara.pk}/delete/",
        f"/console/driving-audio/{recording.pk}/delete/",
        f"/console/driving-audio/{recording.pk}/motion/",
        f"/console/renditions/{released.pk}/delete/",
        f"/console/jobs/{released.job_id}/",
    ):
        page_of(alice_browser, address, language)


def test_numbers_that_scripts_read_have_no_comma(alice_browser: Client) -> None:
    page = page_of(alice_browser, "/console/driving-audio/new/", "de")
    assert re.search(r'data-longest="\d+\.\d"', page)


def test_numbers_that_people_read_have_one(alice_browser: Client, recording: DrivingAudio) -> None:
    DrivingAudio.objects.filter(pk=recording.pk).update(duration_s=2.5)
    assert "2,5 s" in page_of(alice_browser, "/console/", "de")
    assert "2.5 s" in page_of(alice_browser, "/console/", "en")
    with override("de"):
        assert "0,6" in [value for _, value in described_controls({})]


def test_advice_that_is_stored_in_english_is_shown_in_the_language(
    alice_browser: Client, amara: Portrait, recording: DrivingAudio
) -> None:
    advice = [{"code": "any", "message": SAID, "hint": UnreadableText.hint}]
    Portrait.objects.filter(pk=amara.pk).update(warnings=advice)
    DrivingAudio.objects.filter(pk=recording.pk).update(warnings=advice)
    for address, count in (("/console/", 2), (f"/console/portraits/{amara.pk}/", 1)):
        page = page_of(alice_browser, address, "es")
        assert page.count("El carácter U+202E no se ve.") == count
        assert "cannot be seen" not in page


def test_why_a_job_ended_is_said_in_the_language(alice_browser: Client, job: Job) -> None:
    put_into_state(
        JobState.FAILED, reason_code="internal", reason_message=SAID, reason_hint=UnreadableText.hint
    )
    page = page_of(alice_browser, f"/console/jobs/{job.pk}/", "es")
    assert "El carácter U+202E no se ve." in page
    with override("es"):
        assert sentence_in_language(UnreadableText.hint) in page


def test_facts_in_english_are_as_jobs_have_them() -> None:
    shown = dict(described_controls({"emotion": "happy", "gaze_yaw": -2.5}))
    assert (shown["Emotion"], shown["Gaze, left to right"]) == ("happy", "-2.5")
    label: dict[str, object] = {"preset": "eu", "language": "de", "place": "top_right"}
    label |= {"first_seconds": None, "sound_cue": False}
    assert described_disclosure(label) == [
        ("Text", "KI-generiert"),
        ("Rules", "European Union"),
        ("Corner", "top right"),
        ("Shown", "throughout"),
        ("Sound cue", "no"),
    ]
