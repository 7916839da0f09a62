"""The shape of a manifest definition, as the C2PA library's builder takes it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from provenance.manifest.findings.c2pa_report import AssertionData


class SystemInfo(TypedDict):
    """A program by name and version."""

    name: str
    version: NotRequired[str]


class AssertionDefinition(TypedDict):
    """One assertion. `created`: the signer knows it; without, it is gathered from others."""

    label: str
    data: AssertionData
    created: NotRequired[bool]
    kind: NotRequired[str]


class IngredientDefinition(TypedDict):
    """One input, bound by its `instance_id`."""

    label: str
    title: str
    format: str
    relationship: str
    instance_id: str
    data_types: NotRequired[list[dict[str, str]]]
    digital_source_type: NotRequired[str]
    description: NotRequired[str]


class ManifestDefinition(TypedDict):
    """Everything that a manifest of ours states."""

    claim_version: int
    claim_generator_info: list[SystemInfo]
    format: str
    assertions: list[AssertionDefinition]
    title: NotRequired[str]
    ingredients: NotRequired[list[IngredientDefinition]]
