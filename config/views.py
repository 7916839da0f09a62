"""Pages about the service itself: the front page, API documentation, health."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from config.openapi.reference import reference
from config.operations.faults import fault_of
from config.operations.log_state import log_state
from config.operations.metrics import exposition
from config.operations.readiness import parts
from config.problems import PROBLEM_TYPE
from provenance.checks.key_health import key_file_ages, signing_certificate_health
from provenance.common.errors import CodedError
from provenance.sandbox.requirement import sandbox_state
from provenance.selectors.log import LogDamaged


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page: what this is, and the way to verification, sign-in and the log."""
    return render(request, "home.html")


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """The API's documentation, rendered from its OpenAPI description."""
    from config.api import api  # noqa: PLC0415 - importing the assembled API at import time would be circular

    document = api.get_openapi_schema()
    groups = reference(document, settings.LIKENESS_BASE_URL.rstrip("/"))
    return render(request, "api_docs.html", {"groups": groups, "info": document["info"]})


@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"ok": True})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Which parts of the service are there. The status is 503 only while requests cannot be answered.

    `ok` is false when anything is wrong at all; `parts` says of each part what. `accepts_work` is false while
    the log stands still: verification goes on, so the status does not change, but nothing new is accepted;
    `log` says why. `sandbox` says what is missing of what strangers' files are read in. The age of keys and
    signing certificate is told too, and whether the certificate has its key. `instance` is what the operator
    calls this installation.
    """
    found = parts()
    answers = not any(part.problem for part in found if part.answers_need_it)
    log_problem, missing = log_state() if answers else ("The database cannot be read.", [])
    sandbox = sandbox_state()
    health = {
        "ok": not missing and not log_problem and not any(part.problem for part in found),
        "accepts_work": not log_problem and sandbox.reads_files,
        "version": settings.VERSION,
        "instance": settings.LIKENESS_INSTANCE,
        "parts": {part.name: {"ok": not part.problem, "problem": part.problem} for part in found},
        "log": {"code": LogDamaged.code, "problem": log_problem} if log_problem else {"problem": ""},
        "sandbox": {
            "reads_files": sandbox.reads_files,
            "is_whole": not sandbox.missing,
            "missing": list(sandbox.missing),
        },
        "missing_triggers": missing,
        "signing_certificate": signing_certificate_health().to_json(),
        "keys": key_file_ages(),
    }
    return JsonResponse(health, status=200 if answers and not missing else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, to whoever sends the token of the settings; to others there is no such page."""
    given = request.headers.get("Authorization", "")
    expected = f"Bearer {settings.LIKENESS_METRICS_TOKEN}"
    if not settings.LIKENESS_METRICS_TOKEN or not constant_time_compare(given, expected):
        raise Http404
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The 404 page."""
    return render(
        request,
        "error.html",
        {"title": gettext("Nothing here"), "hint": gettext("Check the address, or start again.")},
        status=404,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to an error that nobody caught. A full disk or a missing database has its own words.

    The page is rendered without the request: asking who is signed in may be what fails.
    """
    fault = fault_of(sys.exc_info()[1]) or CodedError()
    retry_after_s = getattr(fault, "retry_after_s", None)
    response: HttpResponse
    if request.path.startswith("/v1/"):
        problem = fault.to_problem(instance=request.path)
        response = JsonResponse(problem, status=fault.status, content_type=PROBLEM_TYPE)
    else:
        is_known = fault.code != CodedError.code
        context = {
            "title": gettext(fault.message) if is_known else gettext("Something went wrong on our side"),
            "hint": gettext(fault.hint) if is_known else gettext("Try again in a moment."),
            "provider_name": settings.LIKENESS_PROVIDER_NAME,
            "version": settings.VERSION,
        }
        response = HttpResponse(render_to_string("error.html", context), status=fault.status)
    if retry_after_s is not None:
        response["Retry-After"] = str(retry_after_s)
    return response
