"""Sends traces to a receiver that speaks OpenTelemetry's protocol, where an operator names one.

Web processes record requests, workers tasks and the stages of jobs. What is sent holds names of routes and
ids, and neither addresses nor contents.
"""

from __future__ import annotations

from typing import Any

from celery.signals import worker_process_shutdown, worker_shutdown

SERVICE = "likeness"


def send_traces(url: str, *, instance: str = "") -> None:
    """Record spans from now on and send them to `url` (OTLP over HTTP), in batches and beside the work.

    Call it once, before the first request or task. Processes forked from this one send their own. How many
    traces are kept is said by the variable OTEL_TRACES_SAMPLER of OpenTelemetry.
    """
    # Imported here: without a receiver nobody pays for them.
    from opentelemetry import trace  # noqa: PLC0415
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.instrumentation.celery import CeleryInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    resource = Resource.create({"service.name": SERVICE, "service.instance.id": instance})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    trace.set_tracer_provider(provider)
    CeleryInstrumentor().instrument()  # type: ignore[no-untyped-call]

    def send_the_rest(**kwargs: Any) -> None:
        provider.force_flush()

    # Children of a worker end without Python's own clean-up.
    worker_process_shutdown.connect(send_the_rest, weak=False)
    worker_shutdown.connect(send_the_rest, weak=False)
