"""Refuses, in whatever an API call sends, text that no database column takes and what is given twice.

PostgreSQL stores no NUL, and no text encoding has lone surrogates; SQLite takes both. Of a field or a member
of an object that is given twice the last one would count in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, NoReturn, cast

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from provenance.common.errors import CodedError, InvalidInput

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class UnstorableText(InvalidInput):
    """A NUL or a lone surrogate stands in the request."""

    code = "unstorable_text"
    status = 400
    message = "The request holds a character that is no text: NUL, or half of a surrogate pair."
    hint = "Send UTF-8 text without NUL."


def require_text(value: object) -> None:
    """Let a JSON value pass whose strings, keys included, can be stored. Raises UnstorableText."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            raise UnstorableText
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            require_text(key)
            require_text(inner)
    elif isinstance(value, list | tuple):
        for item in value:
            require_text(item)


def require_fields(
    request: HttpRequest, known: Collection[str], *, repeatable: Collection[str] = frozenset()
) -> None:
    """Let a form pass with no other fields and files than `known`, and each once unless it is `repeatable`.

    Raises CodedError.
    """
    for fields in (request.POST, request.FILES):
        for name in fields:
            is_double = len(fields.getlist(name)) > 1 or (fields is request.FILES and name in request.POST)
            if name not in known:
                reason = "there is no such field"
            elif is_double and name not in repeatable:
                reason = "it is given more than once"
            else:
                continue
            raise CodedError(
                f"The field {ascii(name)[:80]} cannot be used: {reason}.",
                code="invalid_request",
                status=422,
                hint="Compare the request with /v1/openapi.json.",
            )


class TextParser(Parser):
    """Reads the bodies and forms of API calls, and refuses what is no text or no JSON number."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The JSON body. Raises ValueError, which the API answers as a request that cannot be read."""
        try:
            body = json.loads(
                request.body, parse_constant=_refuse_constant, object_pairs_hook=_object_of_once
            )
            require_text(body)
        except (UnstorableText, RecursionError) as error:
            raise ValueError(str(error)) from error
        return cast("dict[str, Any]", body)

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The fields of a query or form. Raises UnstorableText."""
        require_text({key: data.getlist(key) for key in data})
        return super().parse_querydict(data, list_fields, request)


def _object_of_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) < len(members):
        raise ValueError("An object has a member twice.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")
