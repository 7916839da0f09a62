"""Requests that are too large are refused before they fill the disk or the log."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from provenance.common.uploads import LARGEST_BODY_BYTES


@pytest.mark.parametrize(
    "address", ["/account/login/", "/partners/apply/", "/console/portraits/new/", "/verify/", "/nowhere/"]
)
def test_it_refuses_a_page_request_by_its_length_and_reads_nothing(vera, db, address, oversized):
    answer = vera.post(address, **oversized)
    assert answer.status_code == 413
    assert "100 MB" in answer.content.decode()


@pytest.mark.parametrize("address", ["/v1/portraits", "/v1/verify", "/v1/nothing"])
def test_it_refuses_an_api_request_the_same_way_as_a_problem(api_a, address, oversized):
    answer = api_a.post(address, **oversized)
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "file_too_large"


def test_it_answers_more_json_than_a_call_takes_as_a_refusal_and_not_as_a_fault(api_a):
    answer = api_a.post("/v1/subjects", {"display_name": "x" * 3_000_000}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "invalid_request")


def test_it_answers_more_files_than_a_call_takes_as_a_refusal_and_not_as_a_fault(api_a):
    files = {f"file{place}": SimpleUploadedFile(f"{place}.png", b"x") for place in range(120)}
    answer = api_a.post("/v1/portraits", {"subject_id": "sub_x", **files})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.fixture
def oversized() -> dict[str, object]:
    """A form that says it is one byte over the limit; whoever reads it finds less and fails."""
    return {
        "data": b"--x\r\n",
        "content_type": "multipart/form-data; boundary=x",
        "headers": {"Content-Length": str(LARGEST_BODY_BYTES + 1)},
    }
