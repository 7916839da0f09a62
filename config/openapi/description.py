"""The OpenAPI description, completed: every refusal that a call can answer with, headers, and examples.

Examples lie in examples.json by the name of the schema; tests hold that each fits its schema.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from config.problems import PROBLEM_TYPE
from provenance.common.errors import CodedError

EXAMPLES: Final = Path(__file__).with_name("examples.json")
_PROBLEM: Final = "#/components/schemas/Problem"
_RESOLUTION: Final = ("/v1/matches/", "/v1/manifests/")  # C2PA's own API answers 400 and knows no 422
# A refusal for each status, which stands as the example, and when any call may answer with it.
_REFUSALS: Final = {
    400: ("unstorable_text", "The request cannot be read."),
    401: ("key_missing", "No API key, or one that is unknown, expired or revoked."),
    403: ("scope_missing", "The key lacks the scope, or the organisation cannot use the service now."),
    404: ("not_found", "There is nothing under that id, or it is not yours."),
    409: ("consent_missing", "The state of things does not allow it."),
    410: ("media_erased", "It was erased."),
    412: ("tus_version_unknown", "The request is of no known version of the protocol."),
    413: ("file_too_large", "The body is larger than the call takes."),
    414: ("query_too_long", "The address is too long."),
    415: ("unsupported_media", "The content type is none that the call takes."),
    416: ("range_not_satisfiable", "The video has no such part."),
    422: ("invalid_input", "A field or parameter cannot be used."),
    429: ("rate_limited", "Too many calls, or more than you may have."),
    500: ("internal", "A fault of the service."),
    503: ("busy", "The service cannot do it now."),
    507: ("out_of_space", "The service has no disk space left."),
}
_ALWAYS: Final = (400, 422, 429, 500, 503)
_WITH_KEY: Final = (401, 403, 409)  # key or organisation may contradict the log (`row_contradicts_log`)
_WITH_BODY: Final = (413,)
_UPLOADS: Final = (507,)
_RETRY_AFTER: Final = {"description": "Seconds to wait before asking again.", "schema": {"type": "integer"}}
_HEADERS: Final = {
    "ETag": "Send it as If-None-Match: what is as it was is answered with 304 and no body.",
    "RateLimit": 'Calls that are left, and seconds until there are more: `"key";r=598;t=34`.',
    "RateLimit-Policy": 'How many calls there are in how many seconds: `"key";q=600;w=60`.',
}


class DescribedAPI(NinjaAPI):
    """A NinjaAPI whose calls are named by their functions and described to the last refusal."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """What generated clients call it."""
        return operation.view_func.__name__

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._described: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """The completed description. Made once: it takes as long as fifty answers, and anybody may ask."""
        asked = json.dumps(kwargs, sort_keys=True)
        if asked not in self._described:
            self._described[asked] = self._completed_schema(**kwargs)
        return self._described[asked]

    def _completed_schema(self, **kwargs: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**kwargs)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        for name, example in examples().items():
            if name in document["components"]["schemas"]:
                document["components"]["schemas"][name]["examples"] = [example]
        return document


@lru_cache(maxsize=1)
def examples() -> dict[str, Any]:
    """An example of each named schema; lists hold one of their items."""
    found: dict[str, Any] = json.loads(EXAMPLES.read_text())
    lists = {
        name.removesuffix("Out") + "List": {"items": [item], "count": 1, "next_cursor": None}
        for name, item in found.items()
        if name in {"SubjectOut", "ConsentOut", "PortraitOut", "DrivingAudioOut", "JobOut"}
    }
    lists["WebhookList"] = {"items": [found["WebhookOut"]]}
    lists["DeliveryList"] = {"items": [found["DeliveryOut"]]}
    return found | lists | {"Problem": _problem(404)}


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses: dict[Any, Any] = operation["responses"]
    for status in _statuses(path, operation):
        responses.setdefault(status, {"description": _REFUSALS[status][1]})
    if method == "get" and any("application/json" in each.get("content", {}) for each in responses.values()):
        responses.setdefault(304, {"description": "It is as it was when it had the ETag of If-None-Match."})
    for status, response in responses.items():
        if int(status) >= 400 and int(status) in _REFUSALS:
            _describe_refusal(int(status), response)
        elif int(status) < 300:
            response["headers"] = _headers(method, response)
    # Numbers and text as keys would not sort, and only text is JSON.
    operation["responses"] = {str(status): responses[status] for status in sorted(responses, key=int)}


def _statuses(path: str, operation: dict[str, Any]) -> Iterator[int]:
    is_resolution = path.startswith(_RESOLUTION)
    yield from (status for status in _ALWAYS if not (is_resolution and status == 422))
    if operation.get("security"):
        yield from _WITH_KEY
    if "{" in path:
        yield 404
    content = operation.get("requestBody", {}).get("content", {})
    if content:
        yield from _WITH_BODY
    if content and "application/json" not in content:
        yield from _UPLOADS
    if path == "/v1/matches/byContent":
        yield 415
    if path == "/v1/matches/byBinding":
        yield 414


def _describe_refusal(status: int, response: dict[str, Any]) -> None:
    response["content"] = {PROBLEM_TYPE: {"schema": {"$ref": _PROBLEM}, "example": _problem(status)}}
    response["description"] = _REFUSALS[status][1]
    if status in {429, 503}:
        response["headers"] = {"Retry-After": _RETRY_AFTER}


def _headers(method: str, response: dict[str, Any]) -> dict[str, Any]:
    names = ["RateLimit", "RateLimit-Policy"]
    if method == "get" and "application/json" in response.get("content", {}):
        names.append("ETag")
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}


def _problem(status: int) -> dict[str, object]:
    code = _REFUSALS[status][0]
    kind = CodedError.registry.get(code, CodedError)
    return CodedError(kind.message, code=code, status=status, hint=kind.hint).to_problem()
