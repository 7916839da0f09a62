"""What is stored or handed out keeps its keys: verdicts, evidence bundles, verification keys, log entries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints, is_typeddict

import pytest
from django.db import transaction

from generation.api.job_schemas import PixelReportOut
from generation.pipeline.pixel_report.bars import Measures, findings
from generation.pipeline.pixel_report.report import PixelReport
from provenance.api.verify_schemas import EvidenceOut, VerdictOut, VerificationKeysOut
from provenance.log.entries import LogEvent
from provenance.models import Record
from provenance.selectors.evidence import evidence_bundle, pinned_keys
from provenance.services import log
from provenance.verify.evidence.bundle import EvidenceJson
from provenance.verify.verdict.verdict_json import VerdictJson
from tests.contracts.stored.stored_forms import REVIEWED, difference, key_paths
from tests.provenance.conftest import clip, released, sealed  # noqa: F401 - fixtures

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
FORMS, LOG_DATA = REVIEWED["forms"], REVIEWED["log_data"]


def typed_paths(kind: object, place: str = "", seen: frozenset[object] = frozenset()) -> Iterator[str]:
    """The key paths of a TypedDict or schema; one inside itself is followed once."""
    if get_args(kind):
        is_list = getattr(kind, "__origin__", None) is list
        for inner in get_args(kind):
            yield from typed_paths(inner, f"{place}[]" if is_list else place, seen)
    elif (is_typeddict(kind) or hasattr(kind, "model_fields")) and kind not in seen:
        fields = get_type_hints(kind)
        for name in getattr(kind, "model_fields", fields):
            path = f"{place}.{name}" if place else name
            yield path
            yield from typed_paths(fields[name], path, seen | {kind})


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("verdict", VerdictJson),
        ("verdict", VerdictOut),
        ("evidence", EvidenceJson),
        ("evidence", EvidenceOut),
        ("verification_keys", VerificationKeysOut),
        ("pixel_report", PixelReportOut),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_form_has_the_keys_that_were_reviewed(name: str, kind: object) -> None:
    assert difference(f"The {name}", FORMS[name], sorted(set(typed_paths(kind)))) == ""


@pytest.mark.slow
def test_an_evidence_bundle_has_the_keys_that_were_reviewed(released: Record) -> None:  # noqa: F811
    found = sorted(set(key_paths(evidence_bundle(released.rendition_id))))
    assert difference("An evidence bundle", FORMS["evidence"], found) == ""


def test_verification_keys_have_the_keys_that_were_reviewed() -> None:
    assert difference("The file", FORMS["verification_keys"], sorted(pinned_keys().to_json())) == ""


def test_a_stored_pixel_report_has_the_keys_that_were_reviewed() -> None:
    measures = Measures(16, 16, 5, 5, 5, 5, 0.02, 0.0, 0.1, 0.006, 0.06, 0.0)
    stored = PixelReport(measures, findings(measures)).to_json()
    assert difference("A pixel report", FORMS["pixel_report"], sorted(stored)) == ""


@pytest.mark.parametrize("bundle", sorted(GOLDEN.glob("*/*.bundle.json")), ids=lambda path: path.name)
def test_bundles_still_say_all_that_those_of_earlier_versions_said(bundle: Path) -> None:
    assert set(key_paths(json.loads(bundle.read_text()))) <= set(FORMS["evidence"])


def test_every_event_has_its_keys_reviewed() -> None:
    assert set(LOG_DATA) == {event.value for event in LogEvent}


@pytest.mark.django_db
def test_an_entry_with_another_key_fails_whatever_test_writes_it() -> None:
    # The check itself is in tests/conftest.py, around every test.
    with transaction.atomic(), pytest.raises(AssertionError, match=r"job.failed has no job_id any more"):
        log.append(LogEvent.JOB_FAILED, actor="system", data={"reason_code": "a"})


def test_it_says_what_is_gone_and_what_is_new() -> None:
    assert "The verdict has no sentence any more." in difference("The verdict", ["sentence"], ["text"])
    assert "The verdict holds text: add it" in difference("The verdict", ["sentence"], ["text"])
    assert difference("The verdict", ["a"], ["a"]) == ""
