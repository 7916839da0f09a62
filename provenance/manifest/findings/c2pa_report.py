"""The shape of the report that the C2PA library gives of a file, as far as it is read here.

Keys are the library's (c2pa-python's `Reader.json()`); all but the codes of findings may be missing. Every
text in it comes out of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NotRequired, Required, TypedDict

# What stands in an assertion: each label has a form of its own, and a file may hold any form under any label.
AssertionData = dict[str, Any]


class ReportedFinding(TypedDict, total=False):
    """One finding of the validation: a code of the specification, and what it is about."""

    code: Required[str]
    url: str
    explanation: str


class FindingsBySeverity(TypedDict, total=False):
    success: list[ReportedFinding]
    failure: list[ReportedFinding]


class IngredientDelta(TypedDict):
    """What is found about an ingredient now that was not when it was used."""

    validationDeltas: FindingsBySeverity
    ingredientAssertionURI: NotRequired[str]


class ValidationResults(TypedDict, total=False):
    activeManifest: FindingsBySeverity
    ingredientDeltas: list[IngredientDelta]


class ReportedSignature(TypedDict, total=False):
    issuer: str
    common_name: str
    cert_serial_number: str
    time: str


class ReportedGenerator(TypedDict, total=False):
    name: str


class ReportedAssertion(TypedDict, total=False):
    label: str
    data: AssertionData


class ReportedIngredient(TypedDict, total=False):
    """How a manifest uses something; `active_manifest` names its manifest, if it carried one.

    What the tool that used it found wrong stands in `validation_results`, or in claims of version 1 in
    `validation_status`.
    """

    title: str
    relationship: str
    format: str
    label: str
    active_manifest: str
    validation_results: ValidationResults
    validation_status: list[ReportedFinding]


class ReportedManifest(TypedDict, total=False):
    label: str
    title: str
    format: str
    claim_generator: str
    claim_generator_info: list[ReportedGenerator]
    signature_info: ReportedSignature
    assertions: list[ReportedAssertion]
    ingredients: list[ReportedIngredient]
    # Added from the library's detailed report: what the content binding of an MP4 leaves out, and whether it
    # holds hashes of parts.
    excluded_boxes: list[str]
    has_parts: bool


class C2paReport(TypedDict, total=False):
    active_manifest: str
    manifests: Mapping[str | None, ReportedManifest]
    validation_state: str
    validation_results: ValidationResults


LONGEST_TEXT = 300  # that is taken out of a file, and fits a page
# The assertion in which our own manifests say which video they are about.
PROVENANCE_LABEL = "org.likeness.provenance"


def is_signed_by_us(successes: Iterable[ReportedFinding]) -> bool:
    """Whether a manifest's signature is good and its certificate leads to our own anchors."""
    # The library names the list in which it found the root; ours and the others' must never be mixed up.
    found = list(successes)
    return any(item["code"] == "claimSignature.validated" for item in found) and any(
        item["code"] == "signingCredential.trusted" and "user_anchors" in item.get("explanation", "")
        for item in found
    )


def matched(successes: Iterable[ReportedFinding]) -> set[str]:
    """The addresses of the assertions that are as the claim says."""
    return {str(item.get("url")) for item in successes if item["code"] == "assertion.hashedURI.match"}


def assertions_of(
    manifest: ReportedManifest, successes: Iterable[ReportedFinding]
) -> dict[str, AssertionData]:
    """The assertions that are still as the claim's signature covers them; an altered one is as good as
    absent.
    """
    labels = {url.rpartition("/")[2] for url in matched(successes)}
    return {
        str(item.get("label")): item["data"]
        for item in manifest.get("assertions", [])
        if item.get("label") in labels and isinstance(item.get("data"), dict)
    }


def rendition_id_of(assertions: Mapping[str, AssertionData]) -> str | None:
    """Which of our videos a manifest of ours is about."""
    return text_of(assertions.get(PROVENANCE_LABEL, {}).get("renditionId"))


def source_type_of(assertions: Mapping[str, AssertionData]) -> str | None:
    """How the content came about, as the first action with a digital source type says."""
    for label in ("c2pa.actions.v2", "c2pa.actions"):
        for action in assertions.get(label, {}).get("actions", []):
            if isinstance(action, dict) and action.get("digitalSourceType"):
                return text_of(action["digitalSourceType"])
    return None


def text_of(value: object) -> str | None:
    """A string out of a file, cut to a length that fits a page."""
    return value[:LONGEST_TEXT] if isinstance(value, str) and value else None
