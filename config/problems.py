"""Middleware that turns errors outside the API's own handlers into problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse

from provenance.common.errors import CodedError, NotFound

PROBLEM_TYPE = "application/problem+json"


class MethodNotAllowed(CodedError):
    """The path exists, but not for this HTTP method."""

    code = "method_not_allowed"
    status = 405
    message = "This address does not take that method."
    hint = "The Allow header names the methods it takes."


class RangeNotSatisfiable(CodedError):
    """The Range header asks for bytes that the file does not have."""

    code = "range_not_satisfiable"
    status = 416
    message = "The file has no such part."
    hint = "The Content-Range header says how many bytes it has."


_KINDS: Final = {404: NotFound, 405: MethodNotAllowed, 416: RangeNotSatisfiable}
_KEPT_HEADERS: Final = ("Allow", "Content-Range", "ETag", "Accept-Ranges")


class ProblemDetailsMiddleware:
    """Give every error under /v1/ the one shape that callers rely on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        kind = _KINDS.get(response.status_code)
        if kind is None or not request.path.startswith("/v1/"):
            return response
        if response["Content-Type"].startswith(PROBLEM_TYPE):
            return response
        error = kind()
        problem = JsonResponse(
            error.to_problem(instance=request.path), status=error.status, content_type=PROBLEM_TYPE
        )
        for name in _KEPT_HEADERS:
            if name in response:
                problem[name] = response[name]
        return problem
