"""The entries for C2PA's list of soft-binding algorithms say what is written and read here."""

from __future__ import annotations

import json
from pathlib import Path

from provenance.fingerprints.sound.fingerprint import ALGORITHM as SOUND_ALGORITHM
from provenance.watermark.coding.payload import ALGORITHM, ALGORITHMS

ENTRIES = Path(__file__).parents[2] / "docs/_extra/soft-binding-algorithms.json"


def test_the_sound_fingerprint_has_an_entry() -> None:
    (entry,) = [one for one in json.loads(ENTRIES.read_text()) if one["type"] == "fingerprint"]
    assert entry["alg"] == SOUND_ALGORITHM
    assert set(entry["decodedMediaTypes"]) == {"video", "audio"}


def test_every_version_of_the_mark_has_an_entry_and_the_one_that_is_written_is_not_deprecated() -> None:
    entries = [one for one in json.loads(ENTRIES.read_text()) if one["type"] == "watermark"]
    assert {entry["alg"] for entry in entries} == set(ALGORITHMS.values())
    assert [entry["alg"] for entry in entries if not entry["deprecated"]] == [ALGORITHM]
    assert all(entry["entryMetadata"]["description"] for entry in entries)
