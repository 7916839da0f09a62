"""POST /v1/verify: what strangers may send, how much, how often, and what stays of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from provenance.common import uploads
from tests.provenance.clips import moving_frames, write_clip
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.django_db
URL = "/v1/verify"
FIELD_WITHOUT_FILE = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\ntext\r\n--x--\r\n'


@pytest.fixture
def plain(tmp_path: Path) -> bytes:
    # Too small to search for a mark, which takes seconds where there is none.
    return write_clip(tmp_path / "plain.mp4", moving_frames(10, size=80)).read_bytes()


@pytest.fixture
def upload_folder(tmp_path: Path, settings) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    return folder


def post(data: bytes, name: str = "v.mp4", client: Client | None = None, **extra: Any):
    return (client or Client()).post(URL, {"file": SimpleUploadedFile(name, data)}, **extra)


@pytest.mark.slow
def test_it_answers_without_a_key(plain: bytes) -> None:
    response = post(plain)
    assert response.status_code == 200
    assert response.json()["verdict"] == "cannot_tell"


def test_it_needs_no_token_against_forgery(plain: bytes) -> None:
    client = Client(enforce_csrf_checks=True)
    assert post(plain, client=client).status_code == 200
    assert client.post("/verify/", {"file": SimpleUploadedFile("v.mp4", plain)}).status_code == 200


def test_it_keeps_nothing(plain: bytes, upload_folder: Path) -> None:
    post(plain)
    post(b"text", name="v.mp4")
    assert list(upload_folder.iterdir()) == []


def test_it_keeps_nothing_when_something_goes_wrong(
    plain: bytes, upload_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, **_: Any) -> None:
        assert path.parent == upload_folder
        raise RuntimeError

    monkeypatch.setattr("provenance.services.verify_later.verify_file", fail)
    response = post(plain)
    assert response.status_code == 500
    assert list(upload_folder.iterdir()) == []


def test_it_refuses_a_text_called_mp4() -> None:
    response = post(b"once upon a time\n" * 200)
    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "unsupported_media"


@pytest.mark.parametrize("declared", [True, False])
def test_it_refuses_too_many_bytes(
    plain: bytes, upload_folder: Path, monkeypatch: pytest.MonkeyPatch, declared: bool
) -> None:
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD_BYTES", len(plain) - 1)
    if declared:
        monkeypatch.setattr(uploads, "LARGEST_BODY_BYTES", len(plain) - 1)
    response = post(plain)
    assert response.status_code == 413
    assert response.json()["code"] == "file_too_large"
    assert list(upload_folder.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=x"),
        (b"not multipart", "multipart/form-data; boundary=x"),
        (b"{}", "application/json"),
        (FIELD_WITHOUT_FILE, "multipart/form-data; boundary=x"),
        (b"anything", "multipart/form-data"),
    ],
    ids=["empty", "malformed", "json", "field_without_file", "no_boundary"],
)
def test_it_refuses_a_request_without_a_file(body: bytes, content_type: str) -> None:
    for url in (URL, "/verify/"):
        response = Client().post(url, data=body, content_type=content_type)
        assert response.status_code == 422
    assert Client().post(URL, data=body, content_type=content_type).json()["code"] == "invalid_input"


def test_it_refuses_other_methods() -> None:
    assert Client().get(URL).status_code == 405


def test_it_counts_page_and_api_together_by_address(plain: bytes, settings) -> None:
    settings.LIKENESS_VERIFY_FILES_PER_MINUTE = 2
    text = b"a text is counted too"
    assert post(text).status_code == 415
    assert Client().post("/verify/", {"file": SimpleUploadedFile("v.mp4", text)}).status_code == 415
    refused = post(plain)
    assert refused.status_code == 429
    assert refused.json()["code"] == "rate_limited"
    assert int(refused["Retry-After"]) > 0
    page = Client().post("/verify/", {"file": SimpleUploadedFile("v.mp4", plain)})
    assert page.status_code == 429
    assert "Too many calls" in page.content.decode()
    forged = post(plain, headers={"X-Forwarded-For": "198.51.100.7"})
    assert forged.status_code == 429
    assert post(plain, REMOTE_ADDR="198.51.100.8").status_code == 200


def test_behind_a_proxy_the_proxys_word_counts(settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.LIKENESS_VERIFY_FILES_PER_MINUTE = 1
    assert post(b"text", headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.7"}).status_code == 415
    assert post(b"text", headers={"X-Forwarded-For": "203.0.113.2, 198.51.100.7"}).status_code == 429
    assert post(b"text", headers={"X-Forwarded-For": "203.0.113.1, 198.51.100.9"}).status_code == 415


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::8", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("::ffff:198.51.100.7", "198.51.100.7", True),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.8", False),
    ],
)
def test_an_ipv6_network_counts_as_one_address(settings, first: str, second: str, *, are_one: bool) -> None:
    settings.LIKENESS_VERIFY_FILES_PER_MINUTE = 1
    assert post(b"text", REMOTE_ADDR=first).status_code == 415
    assert post(b"text", REMOTE_ADDR=second).status_code == (429 if are_one else 415)


@pytest.mark.slow
def test_there_is_no_evidence_of_what_was_never_released(sealed, clip: SealedClip) -> None:
    assert Client().get(f"/v1/evidence/{clip.rendition_id}").status_code == 404
    assert Client().get("/v1/evidence/rnd_unknown").status_code == 404


@pytest.mark.slow
def test_the_web_process_loads_no_parser() -> None:
    code = (
        "import django, sys; django.setup(); import provenance.api.verify_api, provenance.pages.verify_pages;"
        "print(sorted({'c2pa', 'av', 'cv2', 'torch'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": "/usr/bin:/bin"}
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=root, env=environment, text=True)
    assert loaded.strip() == "[]"


def test_a_field_that_the_call_does_not_have_is_refused(client: Client) -> None:
    sent = {"file": SimpleUploadedFile("a.txt", b"words"), "language": "de"}
    answer = client.post("/v1/verify", sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "language" in answer.json()["title"]
