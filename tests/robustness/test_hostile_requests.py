"""Whatever is sent over HTTP gets its coded answer, and the web process lives on."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image

from config.local_stack import LocalStack
from tests.robustness.conftest import ROOT
from tests.robustness.partner_program import (
    PartnerProgram,
    ask_for_consent,
    consented_inputs,
    uploaded_portrait,
    withdraw,
)
from tools.visitor import say_yes

pytestmark = pytest.mark.slow

MAYA = (ROOT / "samples/portraits/maya.jpg").read_bytes()
SPEECH = (ROOT / "samples/speech/sample1_female_calm.wav").read_bytes()
TEXT = b"This is a letter and no film.\n" * 100


def png_that_claims(width: int, height: int) -> bytes:
    """A small PNG whose header, with a right checksum, promises a picture of this size."""
    buffer = io.BytesIO()
    Image.new("RGB", (300, 300)).save(buffer, "PNG")
    png = buffer.getvalue()
    header = b"IHDR" + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def assert_refused(answer: requests.Response, status: int, code: str) -> None:
    """The answer is a problem with this status and code, and a sentence and a hint for a person."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    problem = answer.json()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["type"] == f"urn:likeness:problem:{code}"
    assert problem["title"]
    assert problem["hint"]


@pytest.fixture(autouse=True)
def _web_lives(stack: LocalStack) -> Iterator[None]:
    """After each of these requests the same web processes serve, and none met an error without a code."""
    started = stack.processes["web"]
    workers = children(started.pid)
    tracebacks = stack.log_file("web").read_text().count("Traceback")
    yield
    assert requests.get(f"{stack.base_url}/readyz", timeout=10).ok
    assert children(started.pid) == workers
    assert stack.log_file("web").read_text().count("Traceback") == tracebacks


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(child) for task in tasks for child in task.read_text().split())


@pytest.fixture(scope="session")
def subject_id(partner: PartnerProgram) -> str:
    return str(partner.call("POST", "/subjects", json={"display_name": "Somebody"})["id"])


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (("bomb.png", png_that_claims(60_000, 60_000), "image/png"), "image_too_large"),
        (("empty.png", b"", "image/png"), "file_empty"),
        (("cut.jpg", MAYA[: len(MAYA) // 2], "image/jpeg"), "image_damaged"),
        (("letter.txt", TEXT, "text/plain"), "file_type_unsupported"),
        (("letter.png", TEXT, "image/png"), "file_type_mismatch"),
        (("large.jpg", MAYA + bytes(31 * 1024 * 1024), "image/jpeg"), "image_file_too_large"),
    ],
    ids=["60000x60000", "empty", "cut_off", "text", "text_as_png", "31_mb"],
)
def test_a_bad_portrait_is_refused(partner, subject_id, file, code):
    answer = partner.send("POST", "/portraits", files={"file": file}, data={"subject_id": subject_id})
    assert_refused(answer, 422, code)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.wav", b"", "file_empty"),
        ("cut.wav", SPEECH[:40], "audio_damaged"),
        ("letter", TEXT, "file_type_unsupported"),
        ("large.wav", SPEECH + bytes(31 * 1024 * 1024), "audio_file_too_large"),
    ],
    ids=["empty", "header_only", "text", "31_mb"],
)
def test_bad_driving_audio_is_refused(partner, name, content, code):
    answer = partner.send("POST", "/driving-audio", files={"file": (name, content)})
    assert_refused(answer, 422, code)


def test_a_wrong_name_does_no_harm(partner, subject_id):
    portrait = {"file": ("maya.pdf", MAYA, "application/pdf")}
    answer = partner.send("POST", "/portraits", files=portrait, data={"subject_id": subject_id})
    assert answer.status_code == 201, answer.text
    answer = partner.send("POST", "/driving-audio", files={"file": ("speech.mp3", SPEECH)})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (TEXT, 415, "unsupported_media"),
        (b"", 415, "unsupported_media"),
        (bytes(101 * 1000 * 1000), 413, "file_too_large"),
    ],
    ids=["text", "empty", "101_mb"],
)
def test_what_cannot_be_verified_is_refused(stack, content, status, code):
    files = {"file": ("video.mp4", content, "video/mp4")}
    assert_refused(requests.post(f"{stack.base_url}/v1/verify", files=files, timeout=60), status, code)


def test_101_mb_that_claim_to_be_fewer_are_refused_too(stack):
    def pieces():
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="video.mp4"\r\n\r\n'
        for _ in range(101):
            yield bytes(1000 * 1000)
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = requests.post(f"{stack.base_url}/v1/verify", data=pieces(), headers=headers, timeout=60)
    assert answer.status_code in {411, 413, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "file",
    [
        ("damaged.mp4", struct.pack(">I4s4sI8s", 24, b"ftyp", b"isom", 512, b"isomiso2") + bytes(5000)),
        ("huge_box.mp4", struct.pack(">I4s4sI8sIQ", 24, b"ftyp", b"isom", 512, b"isomiso2", 1, 2**62)),
        ("bomb.png", png_that_claims(60_000, 60_000)),
        ("cut.jpg", MAYA[:2000]),
    ],
    ids=lambda file: file[0],
)
def test_a_broken_film_gets_a_verdict(stack, file):
    answer = requests.post(f"{stack.base_url}/v1/verify", files={"file": file}, timeout=60)
    assert answer.status_code == 200
    assert answer.json()["verdict"] in {"no_provenance", "cannot_tell"}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "key_missing"),
        ({"Authorization": "Bearer lk_000000000000_nothing"}, 401, "key_unknown"),
        ({"Authorization": "Bearer " + "x" * 4000}, 401, "key_unknown"),
        ({"Authorization": "Basic bGs6bGs="}, 401, "key_missing"),
    ],
    ids=["none", "unknown", "long", "basic"],
)
def test_a_call_without_a_usable_key_is_refused(stack, headers, status, code):
    assert_refused(requests.get(f"{stack.base_url}/v1/jobs", headers=headers, timeout=30), status, code)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"portrait_id": 3}', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut_off", "list", "null", "number", "no_text", "deep"],
)
def test_a_body_that_is_no_order_is_refused(partner, body):
    answer = partner.send("POST", "/jobs", data=body)
    assert answer.status_code in {400, 422}
    assert_refused(answer, answer.status_code, "invalid_request")


@pytest.fixture(scope="session")
def others(shared_stack: LocalStack, seed: dict[str, Any]) -> dict[str, str]:
    """A key of another partner, and one of the same partner that may only ask for consent."""
    return dict(json.loads(shared_stack.manage("shell", "--verbosity", "0", "-c", MAKE_KEYS)))


MAKE_KEYS = """
import json
from accounts.models import Partner, Scope
from tests.factories import PartnerFactory, issue_key

harbour = Partner.objects.get()
print(json.dumps({
    "only_consents": issue_key(harbour, Scope.CONSENTS),
    "other_partner": issue_key(PartnerFactory()),
}))
"""


def test_another_partners_inputs_are_not_found(stack, inputs, others):
    charlie = PartnerProgram(stack.base_url, others["other_partner"])
    assert_refused(charlie.send("POST", "/jobs", json=inputs.order), 404, "not_found")
    assert_refused(charlie.send("GET", f"/portraits/{inputs.portrait_id}"), 404, "not_found")


def test_a_key_without_the_scope_is_refused(stack, inputs, others):
    reader = PartnerProgram(stack.base_url, others["only_consents"])
    assert_refused(reader.send("POST", "/jobs", json=inputs.order), 403, "scope_missing")


def test_there_is_no_job_without_consent_in_force(partner, portrait_file, speech_file, inputs):
    portrait_id, mailbox = uploaded_portrait(partner, portrait_file)
    order = {**inputs.order, "portrait_id": portrait_id}
    assert_refused(partner.send("POST", "/jobs", json=order), 409, "consent_missing")
    ask_for_consent(partner, portrait_id, max_videos=1)
    assert_refused(partner.send("POST", "/jobs", json=order), 409, "consent_missing")
    withdraw(say_yes(mailbox, partner.reviewer))
    assert_refused(partner.send("POST", "/jobs", json=order), 409, "consent_withdrawn")


def test_one_video_of_consent_is_not_two(partner, portrait_file, speech_file):
    once = consented_inputs(partner, portrait_file, speech_file, max_videos=1)
    job = partner.call("POST", "/jobs", json=once.order)
    assert_refused(partner.send("POST", "/jobs", json=once.order), 409, "consent_used_up")
    partner.call("POST", f"/jobs/{job['id']}/cancel")
