"""What the tests of endpoints share: uploads, and the shape of a refusal."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Partner, Scope
from tests.factories import issue_key


def upload(name: str, data: bytes, content_type: str = "application/octet-stream") -> SimpleUploadedFile:
    """A file of a multipart request."""
    return SimpleUploadedFile(name, data, content_type)


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The problem details of a refusal, after checking status, type and code."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["title"]
    assert body["hint"]
    return body


def api_without(partner: Partner, scope: Scope) -> Client:
    """An API client whose key lacks one scope."""
    key = issue_key(partner, *(other for other in Scope if other != scope))
    return Client(headers={"Authorization": f"Bearer {key}"})
