"""Public pages of the transparency log: the list with filters, and one entry with its inclusion proof."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import date
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from provenance.common.errors import CodedError, NotFound
from provenance.keys.service_keys import log_verify_key
from provenance.log.entries import LogEvent
from provenance.log.errors import EntryRejected
from provenance.log.quarterly import Count, Quarter
from provenance.models.log import LogEntry
from provenance.selectors import log
from provenance.selectors.signed_head import signed_head
from provenance.selectors.witnessed_head import witnesses_of

PAGE = 50
COUNTS_KEY, COUNTS_KEPT_S = "log-counts", 300  # all entries are read for it
COUNTS: dict[Count, Promise] = {
    Count.VIDEOS_SEALED: _("Videos made"),
    Count.VIDEOS_RELEASED: _("Videos released"),
    Count.VIDEOS_REFUSED: _("Videos refused in review"),
    Count.VIDEOS_STOPPED: _("Videos stopped before their release"),
    Count.VIDEOS_TAKEN_DOWN: _("Videos taken down"),
    Count.VIDEOS_ERASED: _("Videos erased"),
    Count.CONSENTS_GRANTED: _("Consents granted"),
    Count.CONSENTS_DECLINED: _("Consents declined"),
    Count.CONSENTS_WITHDRAWN: _("Consents withdrawn"),
    Count.CONSENTS_REFUSED: _("Consents refused in review"),
    Count.REPORTS_CLOSED: _("Reports of misuse dealt with"),
}


@require_safe
def log_list(request: HttpRequest) -> HttpResponse:
    """The newest entries first, filtered by `event`, `actor`, `id` and `date`; `before` turns the page."""
    filters = {name: request.GET.get(name, "").strip() for name in ("event", "actor", "id", "date")}
    day, complaint = _day(filters["date"])
    entries = log.find_entries(
        event=filters["event"], actor=filters["actor"], mentioning=filters["id"], day=day
    )
    if complaint:
        entries = entries.none()
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        entries = entries.filter(index__lt=int(before))
    rows = list(entries.order_by("-index")[: PAGE + 1])
    used = {name: value for name, value in filters.items() if value}
    older = urlencode({**used, "before": rows[PAGE - 1].index}) if rows[PAGE:] else ""
    context = {
        "entries": [_shown(row) for row in rows[:PAGE]],
        "events": list(LogEvent),
        "filters": filters,
        "is_filtered": any(filters.values()),
        "complaint": complaint,
        "older": older,
        "is_first_page": not before,
        "tree_size": log.tree_size(),
    }
    return render(request, "provenance/log_list.html", context)


@require_safe
def log_entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry with the proof that the newest checkpoint covers it."""
    try:
        row = log.entry_at(index)
    except NotFound as error:
        raise Http404(error.message) from error
    context: dict[str, object] = {
        "entry": _shown(row),
        "body": row.body,
        "previous": index - 1 if index else None,
    }
    try:
        checkpoint = signed_head(covering=index)
        proof = log.inclusion_proof(index, checkpoint.size)
    except CodedError as error:
        context["problem"] = error
        return render(request, "provenance/log_entry.html", context, status=error.status)
    context |= {
        "following": index + 1 if index + 1 < checkpoint.size else None,
        "tree_size": checkpoint.size,
        "leaf_hash": b64encode(proof.leaf_hash).decode(),
        "root_hash": b64encode(proof.root_hash).decode(),
        "hashes": [b64encode(value).decode() for value in proof.hashes],
        "note": checkpoint.note,
        "vkey": log_verify_key().vkey,
        "witnesses": witnesses_of(index),
    }
    return render(request, "provenance/log_entry.html", context)


@require_safe
def log_counts(request: HttpRequest) -> HttpResponse:
    """What the log says of each quarter, the newest first."""
    size, quarters = cache.get_or_set(COUNTS_KEY, _counts, COUNTS_KEPT_S) or (0, [])
    context = {
        "tree_size": size,
        "labels": [COUNTS[count] for count in Count],
        "quarters": [
            (one.name, [(COUNTS[count], one.counts[count]) for count in Count]) for one in reversed(quarters)
        ],
    }
    return render(request, "provenance/log_counts.html", context)


def _counts() -> tuple[int, list[Quarter]]:
    return log.tree_size(), log.quarterly_counts()


def _day(text: str) -> tuple[date | None, str | Promise]:
    """The day meant by a date field, and what is wrong with it."""
    if not text:
        return None, ""
    try:
        return date.fromisoformat(text), ""
    except ValueError:
        return None, _("The date must look like 2026-11-23.")


def _shown(row: LogEntry) -> dict[str, object]:
    """What a page shows of an entry. A row that was tampered with is shown as what it is: unreadable."""
    try:
        data = sorted(row.entry.data.items())
    except EntryRejected:
        return {
            "index": row.index,
            "time": row.time,
            "event": row.event,
            "actor": row.actor,
            "is_damaged": True,
        }
    shown = [(key, json.dumps(value) if not isinstance(value, str) else value) for key, value in data]
    return {"index": row.index, "time": row.time, "event": row.event, "actor": row.actor, "data": shown}
