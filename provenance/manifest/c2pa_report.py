"""The shape of the report that the C2PA library gives of a file, as far as it is read here.

Keys are the library's (c2pa-python's `Reader.json()`); all but the codes of findings may be missing. Every
text in it comes out of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """How a manifest uses something; `active_manifest` names its manifest, if it carried one."""

    title: str
    relationship: str
    format: str
    label: str
    active_manifest: str
    validation_results: ValidationResults


class ReportedManifest(TypedDict, total=False):
    label: str
    title: str
    format: str
    claim_generator: str
    claim_generator_info: list[ReportedGenerator]
    signature_info: ReportedSignature
    assertions: list[ReportedAssertion]
    ingredients: list[ReportedIngredient]


class C2paReport(TypedDict, total=False):
    active_manifest: str
    manifests: Mapping[str | None, ReportedManifest]
    validation_state: str
    validation_results: ValidationResults
