"""The verify page can be installed, and a telephone can share a video with it; each answer is explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from provenance.pages.verdict_meanings import MEANINGS
from provenance.verify.verdict.verdict import VerdictKind
from tests.provenance import clips

pytestmark = pytest.mark.django_db


def test_the_page_names_its_manifest(client: Client) -> None:
    assert 'rel="manifest" href="/verify/app.webmanifest?lang=en"' in client.get("/verify/").content.decode()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_manifest_has_what_browsers_ask_for(client: Client, language: str) -> None:
    answer = client.get(f"/verify/app.webmanifest?lang={language}")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert manifest["lang"] == language
    assert client.get(manifest["start_url"]).status_code == 200
    for icon in manifest["icons"]:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path is not None
        width, height = Image.open(str(path)).size
        assert f"{width}x{height}" == icon["sizes"]


@pytest.mark.slow
def test_what_a_telephone_shares_is_answered_on_a_whole_page(client: Client, tmp_path: Path) -> None:
    target = client.get("/verify/app.webmanifest").json()["share_target"]
    video = clips.write_clip(tmp_path / "v.mp4", clips.moving_frames(3))
    field = target["params"]["files"][0]["name"]
    sent = SimpleUploadedFile("from a messenger.mp4", video.read_bytes(), content_type="video/mp4")
    # As the browser sends it: a navigation of its own, without any token of ours.
    answer = Client(enforce_csrf_checks=True).post(target["action"], {field: sent})
    assert answer.status_code == 200
    assert 'data-verdict="no_provenance"' in answer.content.decode()
    assert "<!doctype html>" in answer.content.decode()


def test_every_answer_is_explained(client: Client) -> None:
    assert set(MEANINGS) == {kind.value for kind in VerdictKind}
    page = client.get("/verify/meaning/").content.decode()
    assert all(f'id="{kind}"' in page for kind in MEANINGS)
