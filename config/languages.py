"""The language of a page: the reader's own where the page is translated, else English.

All pages are translated; the API, what describes it and the operators' tools are in English. A page half in
one language and half in another helps nobody, so a page is in a language only when all of it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.models import User
from accounts.notify.message_text import keep_language

# What is for programs, programmers and operators' tools is in English. What is not named here is translated,
# also what comes later.
IN_ENGLISH = (
    "/.well-known/",
    "/admin/",
    "/docs/",
    "/livez",
    "/metrics",
    "/readyz",
    "/static/",
    "/v1/",
)


class PageInLanguage(NamedTuple):
    """A page in one of its languages: code, the language's own name, the address, whether it is shown now."""

    code: str
    name: str
    address: str
    is_shown: bool


class PageLanguageMiddleware:
    """Choose the language by `?lang=`, else by what was chosen before, else by what the browser asks for.

    A choice by `?lang=` that differs from what the page would be in otherwise is kept in a cookie, so that it
    holds for the pages after it, and for who is signed in also for messages to them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_translated(request.path):
            with translation.override(settings.LANGUAGE_CODE):
                response = self.get_response(request)
            response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
            return response
        usual = translation.get_language_from_request(request)
        chosen = _asked_for(request) or usual
        with translation.override(chosen):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", chosen)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        if chosen != usual and request.method == "GET":
            # Not there where a page is refused before anybody asks who reads it.
            reader = getattr(request, "user", None)
            if isinstance(reader, User):
                keep_language(reader, chosen)
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                chosen,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def is_translated(path: str) -> bool:
    """Whether the page at `path` is there in every language."""
    return not path.startswith(IN_ENGLISH)


def page_in_languages(request: HttpRequest) -> list[PageInLanguage]:
    """The same page in each language, for links that need no script; none where it is in English only."""
    if not is_translated(request.path):
        return []
    shown = translation.get_language()
    found = []
    for code, name in settings.LANGUAGES:
        query = request.GET.copy()
        query["lang"] = code
        found.append(PageInLanguage(code, name, f"{request.path}?{query.urlencode()}", code == shown))
    return found


def _asked_for(request: HttpRequest) -> str | None:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else None
