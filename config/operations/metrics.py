"""Figures for Prometheus, read from the database when they are asked for.

They are the same from whichever web process they are fetched, and survive a restart, but for
`likeness_request_seconds` and `likeness_connections`, which each web process counts for itself.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.models import DeliveryState, WebhookDelivery
from config.operations.log_state import log_state
from config.operations.readiness import parts
from config.web_server.connections import connections
from generation.models import Job, Rendition
from generation.states import ACTIVE, JobState
from provenance.keys.service_keys import log_verify_key
from provenance.models.log import LogCheckpoint
from provenance.models.verification import Verification, VerificationState
from provenance.selectors.contradictions import had_contradiction_lately
from provenance.selectors.log import LogDamaged
from provenance.services.misuse import open_reports, overdue_reports
from provenance.services.published_checkpoint import read_published

PREFIX = "likeness"
# "Lately" in the help texts: long enough for a rate that means something, short enough to raise an alert.
LATELY = timedelta(hours=1)

_registry = CollectorRegistry()
_request_seconds = Histogram(
    f"{PREFIX}_request_seconds",
    "How long requests took, by the name of their route and the class of their status.",
    ("route", "status"),
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 120),
    registry=_registry,
)


def observe_request(route: str, status: int, began: float) -> None:
    """Count one request that began at `began` (`time.monotonic`)."""
    _request_seconds.labels(route or "unknown", f"{status // 100}xx").observe(time.monotonic() - began)


def exposition() -> bytes:
    """All figures in Prometheus' text format 0.0.4."""
    return generate_latest(_registry)


class _DatabaseCollector(Collector):
    """Reads the figures anew for each scrape."""

    def collect(self) -> Iterable[Metric]:
        now = timezone.now()
        found = parts()
        answers = not any(part.problem for part in found if part.answers_need_it)
        there: dict[str, float] = {part.name: 0 if part.problem else 1 for part in found}
        if answers:  # else nobody knows
            there["log"] = 0 if any(log_state()) else 1
        yield _gauge("part_ok", "1 while a part of the service is there.", "part", there)
        yield _gauge("build_info", "The version that answers.", "version", {settings.VERSION: 1})
        yield _single("disk_free_bytes", "Free bytes in the data folder.", _free_bytes())
        yield from _connection_figures()
        if not answers:
            return  # nothing can be read; `part_ok` says so
        yield from _job_figures(now)
        yield from _log_figures(can_read_media="storage" not in {part.name for part in found if part.problem})
        yield from _waiting_figures(now)


_registry.register(_DatabaseCollector())


def _job_figures(now: datetime) -> Iterable[Metric]:
    waiting = Job.objects.filter(state=JobState.QUEUED).values("queue")
    counts = waiting.annotate(jobs=Count("id"), since=Min("state_since"))
    by_queue = {row["queue"]: row for row in counts}
    yield _gauge(
        "queue_jobs",
        "Jobs that wait in a queue.",
        "queue",
        {name: row["jobs"] for name, row in by_queue.items()},
    )
    yield _gauge(
        "queue_oldest_seconds",
        "How long the job waits that has waited longest in a queue.",
        "queue",
        {name: _seconds(now - row["since"]) for name, row in by_queue.items()},
    )
    states: dict[str, float] = {str(state): 0 for state in sorted([*ACTIVE, JobState.IN_REVIEW])}
    counted = Job.objects.filter(state__in=list(states)).values("state").annotate(jobs=Count("id"))
    states |= {row["state"]: row["jobs"] for row in counted}
    yield _gauge("jobs", "Jobs that are not at their end, by state.", "state", states)
    ended = Job.objects.filter(finished_at__gte=now - LATELY)
    lately = GaugeMetricFamily(
        f"{PREFIX}_jobs_ended_lately",
        "Jobs whose rendering ended in the last hour, by state and code.",
        labels=("state", "code"),
    )
    for row in ended.values("state", "reason_code").annotate(jobs=Count("id")):
        lately.add_metric((row["state"], row["reason_code"] or "none"), row["jobs"])
    yield lately
    sealed = Rendition.objects.filter(sealed_at__gte=now - LATELY, job__started_at__isnull=False)
    total = sealed.aggregate(frames=Sum("frames"), took=Sum(F("sealed_at") - F("job__started_at")))
    took_s = _seconds(total["took"] or timedelta())
    rate = (total["frames"] or 0) / took_s if took_s else 0.0
    yield _single("frames_per_second_lately", "Frames sealed in the last hour by the time they took.", rate)


def _log_figures(*, can_read_media: bool) -> Iterable[Metric]:
    newest = LogCheckpoint.objects.order_by("-size").first()
    size = newest.size if newest else 0
    yield _single("log_size", "Entries of the public log.", size)
    yield _single(
        "log_contradicted_lately",
        "1 where a row was held back in the last hour, as it contradicts the log.",
        int(had_contradiction_lately()),
    )
    if not can_read_media:
        return
    try:
        published = read_published(log_verify_key())
        published_size = published.size if published else 0
    except LogDamaged:
        published_size = 0  # what lies there is not ours, so nothing is published
    yield _single(
        "log_unpublished", "Entries after the checkpoint that was published last.", size - published_size
    )


def _connection_figures() -> Iterable[Metric]:
    """Of this web process; 0 under a web server that is not ours."""
    open_now, most = connections() or (0, 0)
    yield _single("connections", "Connections of clients that are open.", open_now)
    yield _single("connections_most", "Connections that may be open.", most)


def _waiting_figures(now: datetime) -> Iterable[Metric]:
    verifications = Verification.objects.filter(state=VerificationState.WAITING)
    oldest = verifications.aggregate(count=Count("id"), since=Min("created_at"))
    yield _single("verifications_waiting", "Files that wait to be read.", oldest["count"])
    yield _single(
        "verifications_oldest_seconds",
        "How long the file waits that has waited longest.",
        _seconds(now - oldest["since"]) if oldest["since"] else 0,
    )
    yield _single("misuse_reports_open", "Reports of misuse that wait for an answer.", open_reports().count())
    yield _single(
        "misuse_reports_overdue",
        "Reports of misuse that nobody answered in time.",
        overdue_reports().count(),
    )
    messages = WebhookDelivery.objects.filter(state=DeliveryState.WAITING)
    yield _single("webhooks_waiting", "Webhook messages that are not delivered yet.", messages.count())


def _free_bytes() -> float:
    try:
        return shutil.disk_usage(settings.LIKENESS_DATA_DIR).free
    except OSError:
        return 0.0


def _seconds(duration: timedelta) -> float:
    return max(0.0, duration.total_seconds())


def _gauge(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    gauge = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=(label,))
    for value_of, value in values.items():
        gauge.add_metric((value_of,), value)
    return gauge


def _single(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", text, value=value)
