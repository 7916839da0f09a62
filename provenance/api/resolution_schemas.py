"""Schemas of C2PA's Soft Binding Resolution API. Their names are the specification's, not ours."""

from __future__ import annotations

from ninja import Field, Schema


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
