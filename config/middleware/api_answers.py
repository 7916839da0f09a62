"""What every answer of the API tells a program besides its body: how many calls are left, and its ETag.

`RateLimit` and `RateLimit-Policy` are those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers). With
If-None-Match, what is as it was is answered with 304 and no body: asking again how far a job is costs little.
HEAD is answered wherever GET is (RFC 9110, 9.1).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag

from provenance.common.rate_limit import call_budget_of

_KEPT = ("Retry-After",)  # what an answer without a body says all the same


class ApiAnswersMiddleware:
    """Add these headers to answers under /v1/."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith("/v1/"):
            return response
        if request.method == "HEAD" and response.status_code == 405 and "GET" in response.get("Allow", ""):
            response = self._as_get(request)
        answer = _conditional(request, response)
        budget = call_budget_of(request)
        if budget is not None:
            answer.headers["RateLimit-Policy"] = f'"{budget.name}";q={budget.limit};w={budget.window_s}'
            answer.headers["RateLimit"] = f'"{budget.name}";r={budget.remaining};t={budget.reset_s}'
        return answer

    def _as_get(self, request: HttpRequest) -> HttpResponse:
        """What GET answers, of which servers send no body to HEAD; calls that answer it themselves do so."""
        request.method = "GET"
        try:
            return self.get_response(request)
        finally:
            request.method = "HEAD"


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    is_json = response.headers.get("Content-Type", "").partition(";")[0] == "application/json"
    if request.method not in {"GET", "HEAD"} or response.status_code != 200 or not is_json:
        return response
    if response.streaming:
        return response
    if "Authorization" in request.headers:
        # No cache on the way may give one partner's answer to another, or an old one to anybody.
        response.headers.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ("Authorization",))
    set_response_etag(response)
    answer = get_conditional_response(request, etag=response.headers["ETag"], response=response)
    assert answer is not None  # noqa: S101  (Django gives back the response that it was given)
    for name in _KEPT:
        if name in response.headers:
            answer.headers[name] = response.headers[name]
    return answer
