from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.test import Client
from PIL import Image

from accounts.models import Partner, Scope
from generation import storage
from generation.models import Portrait
from tests.generation.api.calls import api_without, problem
from tests.generation.intake.files import portrait, saved


@pytest.fixture
def with_still(amara: Portrait, tmp_path: Path) -> Portrait:
    """A portrait that was taken in with its still."""
    file = tmp_path / "still.png"
    file.write_bytes(saved(portrait(512), "PNG"))
    amara.still_key = storage.store("stills", file, ".png")
    amara.save()
    return amara


def test_the_partner_sees_the_still_and_nobody_keeps_it(api_a: Client, with_still: Portrait) -> None:
    address = api_a.get(f"/v1/portraits/{with_still.id}").json()["still_url"]
    response = api_a.get(address)
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "private, no-store"
    with Image.open(io.BytesIO(response.getvalue())) as still:
        assert still.size == (512, 512)


def test_nobody_else_sees_it(
    api_b: Client, vera: Client, partner_a: Partner, with_still: Portrait, charlie_browser: Client
) -> None:
    address = f"/v1/portraits/{with_still.id}/still"
    problem(api_b.get(address), 404, "not_found")
    problem(vera.get(address), 401, "key_missing")
    problem(api_without(partner_a, Scope.PORTRAITS).get(address), 403, "scope_missing")
    assert charlie_browser.get(f"/console/portraits/{with_still.id}/still/").status_code == 404
    assert charlie_browser.get(f"/console/portraits/{with_still.id}/").status_code == 404
    assert vera.get(f"/console/portraits/{with_still.id}/still/").status_code == 302


def test_a_portrait_from_before_has_none(api_a: Client, amara: Portrait) -> None:
    assert api_a.get(f"/v1/portraits/{amara.id}").json()["still_url"] is None
    problem(api_a.get(f"/v1/portraits/{amara.id}/still"), 404, "not_found")


def test_it_only_allows_get(api_a: Client, amara: Portrait) -> None:
    assert api_a.post(f"/v1/portraits/{amara.id}/still").status_code == 405
