"""Refuses text that no database column takes, and query parameters that a call does not know or has twice.

PostgreSQL stores no NUL, and no text encoding has lone surrogates; SQLite takes both. So they are refused for
every back end, wherever they stand: in the path, the query, a form or a JSON body.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from config.openapi.known_names import names_of
from config.problems import PROBLEM_TYPE
from provenance.common.errors import CodedError, InvalidInput
from provenance.common.request_text import require_text
from provenance.pages.in_language import sentence_in_language


class UnknownParameter(InvalidInput):
    """A query parameter that the call does not have."""

    code = "unknown_parameter"
    message = "The call has no such query parameter."
    hint = "Compare the address with /v1/openapi.json."


class ReadableRequestMiddleware:
    """Gives such requests their coded answer before a view sees them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The refusal, or None for the view to answer."""
        is_api = request.path.startswith("/v1/")
        try:
            require_text([request.path, {key: request.GET.getlist(key) for key in request.GET}])
            if is_api:
                _require_known(request)
            elif not getattr(view, "csrf_exempt", False):  # those read their body by themselves
                require_text({key: request.POST.getlist(key) for key in request.POST})
        except CodedError as error:
            if is_api:
                problem = error.to_problem(instance=request.path)
                return JsonResponse(problem, status=error.status, content_type=PROBLEM_TYPE)
            context = {"title": sentence_in_language(error.message), "hint": sentence_in_language(error.hint)}
            return render(request, "error.html", context, status=error.status)
        return None


def _require_known(request: HttpRequest) -> None:
    from config.api import calls  # noqa: PLC0415 - the assembled API is not there yet when this is imported

    known = names_of(request, calls()) if request.GET else None
    if known is None:
        return
    for name in request.GET:
        # C2PA's own API answers 400 and knows no 422.
        status = 400 if request.path.startswith(("/v1/matches/", "/v1/manifests/")) else None
        if name not in known.query:
            message = f"This call has no query parameter {ascii(name)[:80]}."
            raise UnknownParameter(message, status=status)
        if len(request.GET.getlist(name)) > 1:  # none takes a list, and the last one would win in silence
            message = f"The query parameter {ascii(name)[:80]} is given more than once."
            raise InvalidInput(message, status=status)
