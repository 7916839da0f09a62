"""The neutral still lives as long as its portrait, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from generation import storage
from generation.models import Portrait
from tests.factories import SubjectFactory
from tests.generation.erasure.conftest import stored

pytestmark = pytest.mark.django_db


def with_still(portrait: Portrait, folder: Path) -> Portrait:
    file = folder / "still.png"
    file.write_bytes(b"the still")
    portrait.still_key = storage.store("stills", file, ".png")
    portrait.warnings = [{"code": "teeth_showing", "message": "Teeth.", "details": {"places": [1]}}]
    portrait.save()
    return portrait


def test_it_is_erased_with_the_portrait(
    api_a: Client, alice_browser: Client, amara: Portrait, tmp_path: Path
) -> None:
    with_still(amara, tmp_path)
    Portrait.objects.update(head_square=[10.0, 0.0, 300.0])
    assert {amara.image_key, amara.still_key} <= stored()
    assert api_a.delete(f"/v1/portraits/{amara.id}").status_code == 204
    assert stored() == set()
    gone = api_a.get(f"/v1/portraits/{amara.id}/still")
    assert (gone.status_code, gone.json()["code"]) == (410, "media_erased")
    for address in ("", "still/", "picture/"):
        assert alice_browser.get(f"/console/portraits/{amara.id}/{address}").status_code == 410
    assert Portrait.objects.get().warnings == []  # they say where eyes and mouth are
    assert Portrait.objects.get().head_square is None


def test_it_stays_while_another_portrait_has_the_same(api_a: Client, amara: Portrait, tmp_path: Path) -> None:
    with_still(amara, tmp_path)
    other = Portrait.objects.create(
        partner=amara.partner,
        subject=SubjectFactory(partner=amara.partner),
        image_key=amara.image_key,
        still_key=amara.still_key,
        sha256=amara.sha256,
        width=1,
        height=1,
    )
    api_a.delete(f"/v1/portraits/{amara.id}")
    assert stored() == {other.image_key, other.still_key}


def test_one_that_belongs_to_nothing_is_swept(
    amara: Portrait, tmp_path: Path, sweep_after: Callable[..., int]
) -> None:
    with_still(amara, tmp_path)
    stray = tmp_path / "stray.png"
    stray.write_bytes(b"of a process that was killed")
    key = storage.store("stills", stray, ".png")
    assert key in stored()
    sweep_after(days=2)
    assert stored() == {amara.image_key, amara.still_key}
