"""Middleware that refuses request bodies larger than the largest upload, on every path."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext

from config.problems import PROBLEM_TYPE
from provenance.common.uploads import LARGEST_BODY_BYTES, FileTooLarge


class BodyLimitMiddleware:
    """Refuse by Content-Length before anything is read; Django reads no body that comes without one.

    Looking for the CSRF token reads a form whole, and Django writes files of any size to disk, also for
    somebody who is not signed in. So this stands in front of it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) <= LARGEST_BODY_BYTES:
            return self.get_response(request)
        error = FileTooLarge()
        if request.path.startswith("/v1/"):
            problem = error.to_problem(instance=request.path)
            return JsonResponse(problem, status=error.status, content_type=PROBLEM_TYPE)
        context = {"title": gettext(error.message), "hint": gettext(error.hint)}
        return render(request, "error.html", context, status=error.status)
