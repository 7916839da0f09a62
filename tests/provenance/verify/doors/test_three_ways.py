"""Page, API and command: one verdict in one form."""

from __future__ import annotations

import html
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from provenance.models import Record
from provenance.services.records import withdraw_record
from tests.provenance import clips
from tests.provenance.sealing import SealedClip

pytestmark = pytest.mark.slow


def by_api(data: bytes) -> dict[str, Any]:
    response = Client().post("/v1/verify", {"file": SimpleUploadedFile("v.mp4", data)})
    assert response.status_code == 200
    result: dict[str, Any] = response.json()
    return result


def by_page(data: bytes, **headers: str) -> dict[str, Any]:
    response = Client().post("/verify/", {"file": SimpleUploadedFile("v.mp4", data)}, headers=headers)
    assert response.status_code == 200
    found = re.search(r'<pre id="verdict-json"[^>]*>(.*?)</pre>', response.content.decode(), re.DOTALL)
    assert found is not None
    result: dict[str, Any] = json.loads(html.unescape(found[1]))
    return result


def by_command(data: bytes, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "v.mp4").write_bytes(data)
    out = io.StringIO()
    try:
        call_command("verify_video", tmp_path / "v.mp4", "--json", stdout=out)
        code: object = 0
    except SystemExit as end:
        code = end.code
    result: dict[str, Any] = json.loads(out.getvalue())
    assert code == (0 if result["verdict"] == "ours_intact" else 3)
    return result


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (bytes, "ours_intact"),
        (clips.remuxed, "ours_changed"),
        (clips.truncated_inside_manifest, "cannot_tell"),
    ],
)
def test_all_ways_give_equal_json(released, clip, tmp_path, change, expected) -> None:
    data = change(clip.data)
    answer = by_api(data)
    assert answer["verdict"] == expected
    assert by_page(data) == answer
    assert by_page(data, **{"HX-Request": "true"}) == answer
    assert by_command(data, tmp_path) == answer


def test_the_page_says_it_in_words(released: Record, clip: SealedClip) -> None:
    withdraw_record(clip.rendition_id, reason_code="consent_withdrawn", actor="system")
    response = Client().post("/verify/", {"file": SimpleUploadedFile("v.mp4", clip.data)})
    text = response.content.decode()
    assert "<h1>" in text
    assert "Made here, but withdrawn" in text
    assert "consent_withdrawn" in text


def test_htmx_gets_the_fragment_alone(released: Record, clip: SealedClip) -> None:
    upload = {"file": SimpleUploadedFile("v.mp4", clip.data)}
    text = Client().post("/verify/", upload, headers={"HX-Request": "true"}).content.decode()
    assert 'data-verdict="ours_intact"' in text
    assert "<html" not in text


def test_the_command_prints_words(released: Record, clip: SealedClip) -> None:
    out = io.StringIO()
    call_command("verify_video", clip.path, stdout=out)
    assert out.getvalue().startswith("Made here, and unchanged\n")
    assert clip.rendition_id in out.getvalue()


@pytest.mark.django_db
def test_the_command_names_what_it_cannot_read(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("verify_video", tmp_path / "missing.mp4")
    (tmp_path / "text.mp4").write_text("text")
    with pytest.raises(CommandError, match="not a video"):
        call_command("verify_video", tmp_path / "text.mp4")
