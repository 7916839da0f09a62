"""Middleware: how long requests take, by route, for `/metrics`."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.operations.metrics import observe_request


class RequestTimesMiddleware:
    """Count each request under the name of its route: addresses hold ids, and some are secrets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = self.get_response(request)
        match = request.resolver_match
        observe_request(match.view_name if match else "", response.status_code, began)
        return response
