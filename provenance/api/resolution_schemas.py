"""Schemas of C2PA's Soft Binding Resolution API. Their names are the specification's, not ours."""

from __future__ import annotations

from typing import Literal

from ninja import Field, Schema

# The version of C2PA whose discovery this is.
SPECIFICATION_VERSION = "2.4.0"


class SoftBindingQuery(Schema):
    alg: str = Field(description="Name of the soft binding algorithm.")
    value: str = Field(description="The soft binding's value in Base64.")


class Match(Schema):
    manifestId: str = Field(description="Label of the matching manifest.")  # noqa: N815
    similarityScore: int | None = Field(None, ge=0, le=100, description="100: exactly this value.")  # noqa: N815


class QueryResult(Schema):
    matches: list[Match]


class Algorithm(Schema):
    alg: str


class AlgorithmList(Schema):
    watermarks: list[Algorithm]
    fingerprints: list[Algorithm]


class Capabilities(Schema):
    c2paSpecificationVersion: str  # noqa: N815
    supportedCapabilities: list[str] = Field(description="The calls beyond those that everybody has.")  # noqa: N815


class ServiceStatus(Schema):
    status: Literal["ok", "degraded", "down"] = Field(description="Degraded: the log stands still.")
    timestamp: str
