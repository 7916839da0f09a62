"""A job is one trace, from the request that submits it to the last stage in a worker."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.test import Client
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider

from config.operations.traces import send_traces
from generation import tasks
from generation.models import Job
from generation.pipeline.encode import EncodingFailed
from generation.services import attempt
from tests.factories import ask_subject
from tests.generation.pipeline.moving_portrait import SwayingAnimator

THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{THEIRS}-00f067aa0ba902b7-01"


class Receiver:
    """What listens for traces, as an operator's collector does."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        outer.spans += scope.spans
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"


def present_provider() -> TracerProvider:
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    return provider


@pytest.fixture(scope="module")
def sending() -> Iterator[Receiver]:
    """Spans are recorded and sent to a receiver. A process can begin with it once only."""
    receiver = Receiver()
    send_traces(receiver.url, instance="tests")
    yield receiver
    present_provider().shutdown()
    receiver.server.shutdown()


@pytest.fixture
def receiver(sending: Receiver, settings) -> Receiver:
    settings.LIKENESS_TRACES_URL = sending.url
    sending.spans.clear()
    return sending


def received(receiver: Receiver) -> dict[str, Span]:
    """The spans by name, once all were sent."""
    assert present_provider().force_flush()
    return {span.name: span for span in receiver.spans}


def attributes(span: Span) -> dict[str, object]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def work_on(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_animator", lambda renderer: SwayingAnimator())
    tasks.run_job.apply(args=[job.id])


@pytest.mark.slow
def test_a_job_is_one_trace_from_its_request_to_its_last_stage(
    receiver: Receiver, api_a: Client, grant, recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = api_a.post(
        "/v1/jobs",
        data={"portrait_id": grant.portrait_id, "driving_audio_id": recording.id},
        content_type="application/json",
        headers={"traceparent": TRACEPARENT, "Idempotency-Key": "1"},
    )
    assert answer.status_code == 202, answer.content
    submitted = Job.objects.get(pk=answer.json()["id"])
    work_on(submitted, monkeypatch)
    spans = received(receiver)
    submitted.refresh_from_db()
    assert submitted.state == "in_review"
    stages = ["animating", "marking", "signing", "verifying"]
    request = spans["POST v1/jobs"]
    ours = [request, spans["attempt"], *(spans[stage] for stage in stages)]
    assert {span.trace_id.hex() for span in ours} == {THEIRS}
    assert all(spans[stage].parent_span_id == spans["attempt"].span_id for stage in stages)
    assert spans["attempt"].parent_span_id == request.span_id
    assert attributes(spans["attempt"])["likeness.job_id"] == submitted.id
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.response.status_code": 202,
        "http.route": "v1/jobs",
    }
    assert "run/generation.tasks.run_job" in spans


def test_a_failed_attempt_says_its_code(
    receiver: Receiver, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**kwargs: object) -> None:
        raise EncodingFailed("no")

    monkeypatch.setattr(attempt, "make_checked_video", fail)
    work_on(job, monkeypatch)
    span = received(receiver)["attempt"]
    assert attributes(span)["likeness.reason_code"] == "encoding_failed"
    assert span.status.code == span.status.STATUS_CODE_ERROR


def test_no_link_of_a_subject_is_sent(receiver: Receiver, vera: Client, portrait_a, alice) -> None:
    _, token = ask_subject(portrait_a, alice)
    assert vera.get(f"/consent/{token}/").status_code == 200
    assert "GET consent/<str:token>/" in received(receiver)
    assert not any(token.encode() in span.SerializeToString() for span in receiver.spans)
