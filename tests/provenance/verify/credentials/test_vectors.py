"""The shelf of vectors, each named for its defect, against what verification must say about it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from provenance.common.errors import CodedError
from provenance.services.records import release_record, seal_record
from provenance.services.verify import verify_file

pytestmark = pytest.mark.slow

SHELF = Path(__file__).parents[3] / "vectors"
EXPECTED: dict[str, Any] = json.loads((SHELF / "expected.json").read_text())


@pytest.fixture
def shelf(db: None, settings) -> None:
    """The service as it was when the shelf was made: its anchors, its watermark key, its records."""
    settings.LIKENESS_KEYS_DIR = SHELF
    settings.LIKENESS_TRUST_ANCHORS_FILE = SHELF / "trust-anchors.pem"
    settings.LIKENESS_TIMESTAMP_ANCHORS_FILE = SHELF / "timestamp-anchors.pem"
    settings.LIKENESS_WATERMARK_KEY_FILE = SHELF / "watermark-key"
    for record in EXPECTED["records"]:
        seal_record(
            rendition_id=record["rendition_id"],
            watermark_id=int(record["record_id"], 16),
            watermark_year=record["watermark_year"],
            watermark_version=record.get("watermark_version", 1),
            content_prints=base64.b64decode(record["content_prints"]),
            file_sha256=record["file_sha256"],
            size_bytes=record["size_bytes"],
            duration_s=1.0,
            manifest=record[
                "manifest_label"
            ].encode(),  # the shelf keeps no manifests, and records name theirs
            manifest_label=record["manifest_label"],
            partner_id="prt_AAAAAAAAAAAAAAAAAAAAAA",
            consent_receipt_digest="c" * 64,
            actor="system",
        )
        release_record(record["rendition_id"], actor="system")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("name", EXPECTED["files"])
def test_it_judges_the_vector(name: str) -> None:
    expected = EXPECTED["files"][name]
    if expected["error"]:
        with pytest.raises(CodedError) as caught:
            verify_file(SHELF / name)
        assert caught.value.code == expected["error"]
        return
    answer = verify_file(SHELF / name).to_json()
    credentials = answer["credentials"]
    assert credentials is not None
    assert (answer["verdict"], credentials["state"]) == (expected["verdict"], expected["manifest"])
    assert credentials["codes"] == expected["codes"]


def test_the_shelf_is_complete_and_small() -> None:
    files = {path.name: path.stat().st_size for path in SHELF.glob("*.mp4")}
    assert set(files) == set(EXPECTED["files"])
    assert max(files.values()) < 300_000
    assert sum(files.values()) < 2_500_000


@pytest.mark.usefixtures("shelf")
def test_a_splice_says_which_seconds_carry_which_video() -> None:
    one, other = (record["rendition_id"] for record in EXPECTED["records"][:2])
    answer = verify_file(SHELF / "spliced_from_two_of_ours.mp4").to_json()
    assert "they were put together afterwards" in answer["sentence"]
    assert [(part["state"], part["rendition_id"]) for part in answer["watermark"]["parts"]] == [
        ("found", one), ("found", one), ("other", other), ("other", other)
    ]  # fmt: skip


@pytest.mark.usefixtures("shelf")
def test_the_half_that_carries_no_mark_is_said_to_carry_none() -> None:
    one = EXPECTED["records"][0]["rendition_id"]
    answer = verify_file(SHELF / "half_marked_half_unmarked.mp4").to_json()
    assert "Some parts carry no mark" in answer["sentence"]
    assert [(part["state"], part["rendition_id"]) for part in answer["watermark"]["parts"]] == [
        ("found", one), ("found", one), ("not_found", None), ("not_found", None)
    ]  # fmt: skip
