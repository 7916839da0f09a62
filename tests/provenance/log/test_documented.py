"""docs/life-of-a-log-entry.md names everything it is there to explain, and its examples are real."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from provenance.api.log_api import router
from provenance.log.entries import parse_entry
from provenance.log.keys import LogVerifyKey
from provenance.log.stored import Damage
from provenance.services.log import LogDamaged

PAGE = Path("docs/life-of-a-log-entry.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("damage", Damage)
def test_every_damage_is_explained(damage):
    assert f"`{damage.value}`" in PAGE


def test_every_endpoint_is_listed():
    listed = re.findall(r"/v1(/log/[a-z/]*)", PAGE)
    for path in router.path_operations:
        fixed = path.split("{", maxsplit=1)[0]
        assert any(entry.startswith(fixed) for entry in listed), path


def test_the_example_entry_is_canonical():
    body = next(line for line in PAGE.splitlines() if line.startswith('{"actor"'))
    assert parse_entry(body.encode()).index == 7


@pytest.mark.parametrize(
    "name", ["provenance.E001", "provenance.E002", LogDamaged.code, "log_contradicts_published"]
)
def test_every_code_an_operator_may_meet_is_explained(name):
    assert f"`{name}`" in PAGE


def test_a_public_key_line_begins_with_origin_and_key_id():
    key = LogVerifyKey("likeness.example/log", bytes(32))
    key_id = hashlib.sha256(b"likeness.example/log\n\x01" + bytes(32)).hexdigest()[:8]
    assert key.vkey.startswith(f"likeness.example/log+{key_id}+A")
