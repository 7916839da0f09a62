"""The API's description of itself: what every call may answer beside what its own lines say.

Kept in one place because middleware and handlers give these answers, and no call does.
"""

from __future__ import annotations

import json
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from config.problems import PROBLEM_TYPE

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_ALWAYS = {
    400: "The request cannot be read: a character that is no text, or a body that is not what it says.",
    422: "A field or parameter cannot be used, or there is no such parameter.",
    503: "A part of the service is missing, or it has too much to do. Retry-After says when to ask again.",
}
_WITH_BODY = {413: "The body is larger than the call takes.", 507: "A disk of the service is full."}


class DescribedAPI(NinjaAPI):
    """NinjaAPI whose description has every answer, with the media type that refusals really have."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(self, **arguments: Any) -> OpenAPISchema:
        """The OpenAPI document. Made once: it takes as long as fifty other answers, and anybody may ask."""
        key = json.dumps(arguments, sort_keys=True)
        if key not in self._described:
            self._described[key] = self._described_schema(**arguments)
        return self._described[key]

    def _described_schema(self, **arguments: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**arguments)
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                # Bodies are read wherever one is sent with these methods.
                general = _ALWAYS | (_WITH_BODY if method == "post" else {})
                answers = operation["responses"]
                for status, description in general.items():
                    if status not in answers:
                        content = {"application/json": {"schema": _PROBLEM}}
                        answers[status] = {"description": description, "content": content}
                for answer in answers.values():
                    content = answer.get("content", {})
                    if content.get("application/json", {}).get("schema") == _PROBLEM:
                        answer["content"] = {PROBLEM_TYPE: content["application/json"]}
        return schema
