"""Middleware that lets pages of other origins use what is public: verification, resolution, the log.

Nothing of it needs a key or a cookie, and no cookie is ever allowed: a stranger's page can do with it what
anybody can do with a command line.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PUBLIC = (
    "/v1/verify",
    "/v1/verification-keys",
    "/v1/evidence/",
    "/v1/matches/",
    "/v1/manifests/",
    "/v1/services/",
    "/v1/log/",
    "/.well-known/c2pa-soft-binding-resolution",
)
ALLOWED = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match, Prefer",
    "Access-Control-Max-Age": "86400",
}
EXPOSED = "ETag, Location, RateLimit, RateLimit-Policy, Retry-After"


class CrossOriginMiddleware:
    """Answer a browser's question beforehand, and mark each public answer as readable by every origin."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PUBLIC):
            return self.get_response(request)
        is_question = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        response = HttpResponse(status=204, headers=ALLOWED) if is_question else self.get_response(request)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
