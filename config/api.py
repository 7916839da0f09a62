"""The HTTP API under /v1, assembled from the apps' routers. Every error is an RFC 9457 problem."""

from __future__ import annotations

import logging
import secrets
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.openapi.docs import DocsBase

from accounts.api.router import router as accounts_router
from accounts.api.webhooks import router as webhooks_router
from config.openapi.description import DescribedAPI
from config.openapi.known_names import Calls, KnownFieldsParser, calls_of
from config.operations.faults import fault_of
from generation.api.collection import router as collection_router
from generation.api.inputs_router import router as inputs_router
from generation.api.jobs_router import router as jobs_router
from generation.api.live import router as live_router
from generation.api.motion_router import router as motion_router
from generation.api.renditions_router import router as renditions_router
from generation.api.uploads_router import router as uploads_router
from provenance.api.router import router as provenance_router
from provenance.common.errors import CodedError, NotFound
from provenance.common.rate_limit import WINDOW_S, RateLimited

logger = logging.getLogger(__name__)


class NoDocs(DocsBase):
    """Ninja's own documentation page loads scripts inline; ours is a template (config/views.py)."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: object) -> HttpResponse:
        raise Http404


@lru_cache(maxsize=1)
def calls() -> Calls:
    """What each call takes, by the description."""
    return calls_of(api.get_openapi_schema())


api = DescribedAPI(
    title="Likeness",
    version="1",
    description="Consented portraits and speech in, sealed videos out, verification for everybody.",
    docs_url=None,
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=KnownFieldsParser(calls),
)
api.add_router("", accounts_router)
api.add_router("", webhooks_router)
api.add_router("", collection_router)  # before /jobs/{job_id}, which would take /jobs/batch
api.add_router("", inputs_router)
api.add_router("", jobs_router)
api.add_router("", renditions_router)
api.add_router("", motion_router)
api.add_router("", uploads_router)
api.add_router("", live_router)
api.add_router("", provenance_router)


def _problem(request: HttpRequest, error: CodedError, *, retry_after_s: int | None = None) -> HttpResponse:
    response = api.create_response(request, error.to_problem(instance=request.path), status=error.status)
    response["Content-Type"] = "application/problem+json"
    if retry_after_s is not None:
        response["Retry-After"] = str(retry_after_s)
    return response


@api.exception_handler(CodedError)
def coded_error(request: HttpRequest, error: CodedError) -> HttpResponse:
    """A refusal with its own code."""
    return _problem(request, error, retry_after_s=getattr(error, "retry_after_s", None))


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    """A route or row that is not there."""
    return _problem(request, NotFound())


@api.exception_handler(ValidationError)
def invalid_request(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The body, form or query does not have the documented shape."""
    first = error.errors[0] if error.errors else {"loc": (), "msg": "unreadable"}
    field = ".".join(
        str(part) for part in first.get("loc", ()) if part not in {"body", "payload", "query", "form"}
    )
    sentence = (
        f"The field {field} cannot be used: {first.get('msg', 'wrong value')}."
        if field
        else "The request could not be read."
    )
    # C2PA's own API answers 400 and knows no 422.
    status = 400 if request.path.startswith(("/v1/matches/", "/v1/manifests/")) else 422
    return _problem(
        request,
        CodedError(
            sentence, code="invalid_request", status=status, hint="Compare the request with /v1/openapi.json."
        ),
    )


@api.exception_handler(AuthenticationError)
def not_authenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """No credentials that this route accepts."""
    return _problem(
        request,
        CodedError(
            "This call needs an API key.",
            code="key_missing",
            status=401,
            hint="Send the header: Authorization: Bearer lk_...",
        ),
    )


@api.exception_handler(Throttled)
def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    """Too many calls in too short a time."""
    return coded_error(request, RateLimited(retry_after_s=int(error.wait or WINDOW_S)))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """An error raised by the framework itself, such as a body that is not JSON."""
    return _problem(
        request,
        CodedError(
            "The request could not be read.",
            code="invalid_request",
            status=error.status_code,
            hint="Compare the request with /v1/openapi.json.",
        ),
    )


@api.exception_handler(SuspiciousOperation)
def excessive_request(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """More text, fields or files in one request than Django takes in."""
    return _problem(
        request,
        CodedError(
            "The request holds more than this call takes.",
            code="invalid_request",
            status=413 if isinstance(error, RequestDataTooBig) else 400,
            hint="Compare the request with /v1/openapi.json.",
        ),
    )


@api.exception_handler(MultiPartParserError)
@api.exception_handler(UnreadablePostError)
def unreadable_form(request: HttpRequest, error: Exception) -> HttpResponse:
    """A form that is none, or whose sender went away in the middle of it."""
    return _problem(
        request,
        CodedError(
            "The form could not be read.",
            code="invalid_request",
            status=400,
            hint="Send it whole, as multipart/form-data with the boundary that its Content-Type names.",
        ),
    )


@api.exception_handler(Exception)
def unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    """A part of ours that is missing or full; else an incident id for the caller, the trace for the log."""
    if (fault := fault_of(error)) is not None:
        logger.error("Answered with %s: %s", fault.code, error)
        return coded_error(request, fault)
    incident = secrets.token_hex(8)
    logger.exception("Unexpected error, incident %s", incident)
    if settings.DEBUG:
        raise error
    return _problem(request, CodedError(hint=f"Report the incident id {incident}."))
