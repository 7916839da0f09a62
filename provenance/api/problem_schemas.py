"""The body of every refusal of the API."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import Field


class Problem(Schema):
    """RFC 9457 problem details, the body of every refusal."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable; what a program should look at.")
    hint: str
    details: dict[str, Any] | None = Field(
        None, description="What a program can use beyond the code; with refused portraits, as in Details."
    )
    instance: str = ""
