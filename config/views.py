"""Pages about the service itself: the front page, API documentation, health."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from provenance.checks.key_health import key_file_ages, signing_certificate_health
from provenance.models.log_triggers import missing_triggers
from provenance.sandbox.requirement import sandbox_state
from provenance.selectors.log import LogDamaged
from provenance.selectors.signed_head import require_log_goes_on


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page: what this is, and the way to verification, sign-in and the log."""
    return render(request, "home.html")


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """The API's documentation, rendered from its OpenAPI description."""
    from config.api import api  # noqa: PLC0415 - importing the assembled API at import time would be circular

    schema: dict[str, Any] = api.get_openapi_schema()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(path.split("/")[2], []).append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": operation.get("summary", ""),
                    "description": operation.get("description", ""),
                    "needs_key": bool(operation.get("security")),
                    "parameters": operation.get("parameters", []),
                    "answers": [
                        {"status": status, "description": answer.get("description", "")}
                        for status, answer in operation.get("responses", {}).items()
                    ],
                }
            )
    return render(request, "api_docs.html", {"groups": sorted(groups.items()), "info": schema["info"]})


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers and its log is still append-only, so requests can be served.

    `accepts_work` is false while the log stands still: verification goes on, so the status does not change,
    but nothing new is accepted; `log` says why. `sandbox` says what is missing of what strangers' files are
    read in; without a whole one no file is read, unless an operator allowed less. The age of keys and signing
    certificate is told too, and whether the certificate has its key; verification goes on without them, so
    they decide nothing here.
    """
    missing = missing_triggers()
    try:
        require_log_goes_on()
        problem = ""
    except LogDamaged as error:
        problem = error.message
    except ImproperlyConfigured:
        problem = "The log's key cannot be read."
    sandbox = sandbox_state()
    health = {
        "ok": not missing and not problem and sandbox.reads_files,
        "accepts_work": not problem,
        "log": {"code": LogDamaged.code, "problem": problem} if problem else {"problem": ""},
        "sandbox": {
            "reads_files": sandbox.reads_files,
            "is_whole": not sandbox.missing,
            "missing": list(sandbox.missing),
        },
        "missing_triggers": missing,
        "signing_certificate": signing_certificate_health().to_json(),
        "keys": key_file_ages(),
    }
    return JsonResponse(health, status=503 if missing else 200)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page."""
    return render(
        request,
        "error.html",
        {"title": "Nothing here", "hint": "Check the address, or start again."},
        status=404,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page. Rendered without the request: asking who is signed in may be what fails."""
    context = {
        "title": "Something went wrong on our side",
        "hint": "Try again in a moment.",
        "provider_name": settings.LIKENESS_PROVIDER_NAME,
        "version": settings.VERSION,
    }
    return HttpResponse(render_to_string("error.html", context), status=500)
