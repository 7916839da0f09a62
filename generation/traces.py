"""Spans of the work on a job: the trace that its request began goes on in whichever process works on it.

Without a receiver of traces (LIKENESS_TRACES_URL) nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACER = trace.get_tracer("likeness")
_FORM = TraceContextTextMapPropagator()


def present_trace() -> str:
    """The trace of the present work as a W3C `traceparent`; empty when none is recorded."""
    carrier: dict[str, str] = {}
    _FORM.inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def attempt_span(*, job_id: str, partner_id: str, traceparent: str) -> Iterator[None]:
    """The span of one attempt at a job, in the trace of the request that submitted it.

    The message that woke the worker may have been another job's: partners take turns.
    """
    context = _FORM.extract({"traceparent": traceparent})
    attributes = {"likeness.job_id": job_id, "likeness.partner_id": partner_id}
    with _TRACER.start_as_current_span("attempt", context=context, attributes=attributes):
        yield


def note_end(code: str) -> None:
    """Note on the span of the present attempt that it failed with a code."""
    span = trace.get_current_span()
    span.set_attribute("likeness.reason_code", code)
    span.set_status(StatusCode.ERROR)


class StageSpans:
    """The stages of an attempt as spans, one after the other."""

    def __init__(self) -> None:
        self._present: Span | None = None

    def enter(self, stage: str) -> None:
        """End the span of the stage before, if there was one, and begin that of `stage`."""
        self.end()
        self._present = _TRACER.start_span(stage)

    def end(self) -> None:
        """End the span of the last stage."""
        if self._present is not None:
            self._present.end()
            self._present = None
