"""Middleware that picks the language of a page: the reader's own where it is translated, else English.

A page half in one language and half in another helps nobody, so a page is in a language only when all of it
is.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

TRANSLATED = ("/verify/",)


class PageLanguageMiddleware:
    """Choose the language by `?lang=`, else by what the browser asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_translated = request.path.startswith(TRANSLATED)
        language = self._chosen(request) if is_translated else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if is_translated:
            patch_vary_headers(response, ["Accept-Language"])
        return response

    def _chosen(self, request: HttpRequest) -> str:
        wanted = request.GET.get("lang", "")
        known = {code for code, _ in settings.LANGUAGES}
        return wanted if wanted in known else translation.get_language_from_request(request)
