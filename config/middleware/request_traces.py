"""Middleware: a span for each request, under the name of its route."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACER = trace.get_tracer("likeness")
_FORM = TraceContextTextMapPropagator()


class RequestTracesMiddleware:
    """Record method, route and status; addresses hold ids, and some are secrets.

    A request that comes with a `traceparent` goes on with that trace (W3C Trace Context).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.LIKENESS_TRACES_URL:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        context = _FORM.extract({name.lower(): value for name, value in request.headers.items()})
        method = request.method or ""
        with _TRACER.start_as_current_span(method, context=context, kind=SpanKind.SERVER) as span:
            response = self.get_response(request)
            span.set_attributes(
                {"http.request.method": method, "http.response.status_code": response.status_code}
            )
            if match := request.resolver_match:
                span.update_name(f"{method} {match.route}")
                span.set_attribute("http.route", match.route)
            if response.status_code >= 500:
                span.set_status(StatusCode.ERROR)
        return response
