"""What the calls of the API take, by their OpenAPI description: query parameters, and fields of forms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from provenance.common.request_text import TextParser, require_fields

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class KnownNames(NamedTuple):
    """The query parameters of a call, and the fields and files of its form."""

    query: frozenset[str]
    form: frozenset[str]


Calls = Mapping[tuple[str, str], KnownNames]  # by path and method


def calls_of(document: Mapping[str, Any]) -> Calls:
    """What each call of an OpenAPI document takes."""
    found = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            query = [each["name"] for each in operation.get("parameters", []) if each["in"] == "query"]
            content = operation.get("requestBody", {}).get("content", {})
            form = content.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
            found[path, method] = KnownNames(frozenset(query), frozenset(form))
    return found


def names_of(request: HttpRequest, calls: Calls) -> KnownNames | None:
    """What the call takes; None for a method that the address does not take, or a page of the API about
    itself."""
    if request.resolver_match is None:
        return None
    route = "/" + _PARAMETER.sub(r"{\1}", request.resolver_match.route)
    method = (request.method or "").lower()
    if method == "head" and (route, method) not in calls:
        method = "get"
    return calls.get((route, method))


class KnownFieldsParser(TextParser):
    """Refuses forms with fields or files that the call does not have or has once, as JSON bodies are refused.

    It is asked once the key was looked at, so a stranger's upload is not read for it.
    """

    def __init__(self, calls: Callable[[], Calls]) -> None:
        super().__init__()
        self._calls = calls

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The fields of a query or form. Raises UnstorableText, and CodedError for a field that is unknown
        or given twice."""
        known = None if data is request.GET else names_of(request, self._calls())
        if known is not None:
            require_fields(request, known.form)
        return super().parse_querydict(data, list_fields, request)
