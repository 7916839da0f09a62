"""Refuses text that no database column takes, in whatever an API call sends.

PostgreSQL stores no NUL, and no text encoding has lone surrogates; SQLite takes both.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn, cast

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from provenance.common.errors import InvalidInput

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


class TextParser(Parser):
    """Reads the bodies and forms of API calls, and refuses what is no text or no JSON number."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The JSON body. Raises ValueError, which the API answers as a request that cannot be read."""
        try:
            body = json.loads(request.body, parse_constant=_refuse_constant)
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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number.")
