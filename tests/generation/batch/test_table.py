"""A table of jobs is read line by line; what is wrong with a line is said with the line."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, User
from generation.batch.submission import check_lines, submit_lines
from generation.batch.table import MOST_LINES, Line, TableInvalid, read_table
from generation.choices.wanted_job import WantedJob
from generation.models import DrivingAudio, Job, Portrait

pytestmark = pytest.mark.django_db
DIRECTION = (
    '"{""version"": 1, ""keyframes"": ['
    '{""time_s"": 0, ""gaze_yaw"": 0}, {""time_s"": 0.4, ""gaze_yaw"": 9}]}"'
)


@pytest.fixture
def table(amara: Portrait, recording: DrivingAudio, grant: ConsentGrant) -> str:
    """Two lines that are right and two that are not."""
    DrivingAudio.objects.update(title="Welcome")
    name = amara.subject.display_name
    return (
        "portrait,audio,title,emotion,gaze_yaw,direction\n"
        f"{amara.pk},{recording.pk},By ids,happy,,\n"
        f"{name},welcome,By names,,5,{DIRECTION}\n"
        f"{name},nothing,,,,\n"
        f"{name},welcome,,glad,,\n"
    )


def wanted(line: Line) -> WantedJob:
    """What a line asks for that is right."""
    assert line.refusal is None
    assert line.wanted is not None
    return line.wanted


def test_lines_are_read_by_ids_and_by_names(
    table: str, partner_a: Partner, amara: Portrait, recording: DrivingAudio
) -> None:
    first, second, *_ = read_table(table, partner_a)
    for line in (first, second):
        assert wanted(line).portrait_id == amara.pk
        assert wanted(line).driving_audio_id == recording.pk
    assert wanted(first).controls == {"emotion": "happy"}
    assert wanted(second).controls == {"gaze_yaw": 5.0}
    direction = wanted(second).direction
    assert isinstance(direction, dict)
    assert direction["keyframes"][1]["gaze_yaw"] == 9


def test_each_lines_refusal_is_named(table: str, partner_a: Partner, alice: User) -> None:
    answers = check_lines(actor=actor_of(alice), lines=read_table(table, partner_a))
    assert [answer.line.number for answer in answers] == [2, 3, 4, 5]
    codes = [answer.refusal.code if answer.refusal else None for answer in answers]
    assert codes == [None, None, "line_invalid", "controls_invalid"]
    assert not Job.objects.exists()


@pytest.mark.slow
def test_what_is_right_is_submitted_and_a_second_time_is_no_second_job(
    table: str, partner_a: Partner, alice: User
) -> None:
    lines = read_table(table, partner_a)
    first = submit_lines(actor=actor_of(alice), lines=lines, key="once")
    again = submit_lines(actor=actor_of(alice), lines=lines, key="once")
    assert [bool(answer.job_id) for answer in first] == [True, True, False, False]
    assert [answer.job_id for answer in again] == [answer.job_id for answer in first]
    assert sorted(Job.objects.values_list("title", flat=True)) == ["By ids", "By names"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "portrait,audio",
        "portrait\nx",
        "portrait,audio,colour\na,b,c",
        "portrait,audio,audio\na,b,c",
        'portrait,audio\n"a,b',
        "portrait,audio\n" + "a,b\n" * (MOST_LINES + 1),
    ],
)
def test_what_is_no_table_is_refused(text: str, partner_a: Partner) -> None:
    with pytest.raises(TableInvalid):
        read_table(text, partner_a)


def test_semicolons_and_a_byte_order_mark_are_read(partner_a: Partner) -> None:
    (line,) = read_table("\ufeffportrait;audio\npor_1;aud_1\n", partner_a)
    assert wanted(line).portrait_id == "por_1"


def test_a_name_of_two_is_refused(partner_a: Partner, amara: Portrait, grant: ConsentGrant) -> None:
    line = f"portrait,audio\n{amara.pk},welcome\n"
    DrivingAudio.objects.bulk_create(
        DrivingAudio(partner=partner_a, title="Welcome", sha256=str(n) * 64, duration_s=1, sample_rate=48000)
        for n in range(2)
    )
    (read,) = read_table(line, partner_a)
    assert read.refusal is not None
    assert "More than one" in read.refusal.message


def test_another_partners_portrait_is_not_found(table: str, partner_b: Partner, charlie: User) -> None:
    answers = check_lines(actor=actor_of(charlie), lines=read_table(table, partner_b))
    assert all(answer.refusal is not None for answer in answers)


@pytest.mark.slow
def test_the_page_checks_first_and_submits_then(table: str, alice_browser: Client) -> None:
    page = alice_browser.post("/console/jobs/table/", {"text": table}).content.decode()
    assert "2 can be submitted, 2 cannot" in page
    assert "controls_invalid" in page
    assert not Job.objects.exists()
    sent = {"text": table, "confirmed": "yes", "key": "k"}
    page = alice_browser.post("/console/jobs/table/", sent).content.decode()
    assert "2 submitted, 2 refused" in page
    alice_browser.post("/console/jobs/table/", sent)
    assert Job.objects.count() == 2


def test_the_api_answers_for_each(
    api_a: Client, amara: Portrait, recording: DrivingAudio, grant: ConsentGrant
) -> None:
    right = {"portrait_id": amara.pk, "driving_audio_id": recording.pk, "title": "One"}
    body = {"jobs": [right, right | {"portrait_id": "por_unknown"}]}
    answer = api_a.post("/v1/jobs/batch", body, content_type="application/json")
    assert answer.status_code == 200
    first, second = answer.json()["items"]
    assert first["job"]["title"] == "One"
    assert (second["job"], second["refusal"]["code"]) == (None, "not_found")
    assert answer.json()["submitted"] == 1


@pytest.mark.slow
def test_keys_of_the_api_count_to_their_last_character(
    api_a: Client, amara: Portrait, recording: DrivingAudio, grant: ConsentGrant
) -> None:
    body = {"jobs": [{"portrait_id": amara.pk, "driving_audio_id": recording.pk}]}

    def submitted(key: str) -> Any:
        headers = {"Idempotency-Key": key}
        return api_a.post("/v1/jobs/batch", body, content_type="application/json", headers=headers)

    made = [submitted("spring-" * 20 + end).json()["items"][0]["job"]["id"] for end in ("1", "2", "1")]
    assert made[0] == made[2] != made[1]
    for unusable in ("", "k" * 256):
        answer = submitted(unusable)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
