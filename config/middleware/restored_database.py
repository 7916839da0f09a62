"""Middleware: nothing is answered from a database that has forgotten a withdrawal or an erasure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from config.problems import PROBLEM_TYPE
from provenance.services.journal import JournalUnread, require_caught_up

# Health has to be told whatever else is wrong, and the log's entries hold nothing that could be erased.
ALWAYS = ("/livez", "/readyz", "/metrics", "/log/", "/v1/log/")


class RestoredDatabaseMiddleware:
    """Apply again what the erasure journal has and the database lacks, before any view is called."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """The refusal, or None for the view to answer."""
        if request.path.startswith(ALWAYS):
            return None
        try:
            require_caught_up()
        except JournalUnread as error:
            if request.path.startswith("/v1/"):
                problem = error.to_problem(instance=request.path)
                return JsonResponse(problem, status=error.status, content_type=PROBLEM_TYPE)
            context = {"title": error.message, "hint": error.hint}
            return render(request, "error.html", context, status=error.status)
        return None
