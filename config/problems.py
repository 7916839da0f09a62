"""Middleware that turns errors outside the API's own handlers into problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse

from provenance.common.errors import CodedError, NotFound

PROBLEM_TYPE = "application/problem+json"


class MethodNotAllowed(CodedError):
    """The path exists, but not for this HTTP method."""

    code = "method_not_allowed"
    status = 405
    message = "This address does not take that method."
    hint = "The Allow header names the methods it takes."


class ProblemDetailsMiddleware:
    """Give every error under /v1/ the one shape that callers rely on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/v1/") or response.status_code not in {404, 405}:
            return response
        if response["Content-Type"].startswith(PROBLEM_TYPE):
            return response
        error = NotFound() if response.status_code == 404 else MethodNotAllowed()
        problem = JsonResponse(
            error.to_problem(instance=request.path), status=error.status, content_type=PROBLEM_TYPE
        )
        if "Allow" in response:
            problem["Allow"] = response["Allow"]
        return problem
