"""Compares live sessions with what the log says about them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from generation import storage
from generation.models import KeptSession, LiveSession, LiveState
from generation.models.live_session import USES_OF_KEPT
from provenance.log.entries import LogEvent
from provenance.models import Record
from provenance.selectors.decisions import (
    StateFinding,
    digest_of_facts,
    findings_of,
    newest_decision,
    require_as_logged,
)

_MADE_FROM = ["controls", "disclosure", "voice", "seed", "renderer", "size", "fps"]


def session_digest(session: LiveSession) -> str:
    """What the log's entry of a session's start fixes without saying it: what the pictures are made from."""
    return digest_of_facts(
        session.portrait.sha256,
        json.dumps(session.controls, sort_keys=True),
        json.dumps(session.disclosure, sort_keys=True),
        session.voice,
        session.seed,
        session.renderer,
        session.size,
        session.fps,
    )


def session_differences(session: LiveSession) -> list[str]:
    """The columns of a session that the log contradicts. Raises LogDamaged.

    One that never started has no entry: nothing of it was ever shown.
    """
    started, ended, hashed = (
        newest_decision(session.pk, {event})
        for event in (LogEvent.LIVE_STARTED, LogEvent.LIVE_ENDED, LogEvent.LIVE_HASHED)
    )
    if started is None:
        return [] if session.started_at is None else ["started_at"]
    said = started.data
    expected = {
        "partner": (session.partner_id, said["partner_id"]),
        "portrait": (session.portrait_id, said["portrait_id"]),
        "consent": (session.consent_id, said["consent_id"]),
        "watermark_id": (session.watermark_id, said["watermark_id"]),
        "watermark_year": (session.watermark_year, said["watermark_year"]),
        "is_kept": (USES_OF_KEPT if session.is_kept else 1, said.get("videos", 1)),
        "state": (session.state == LiveState.ENDED, ended is not None),
        "reason_code": (session.reason_code, ended.data["reason_code"] if ended else ""),
        "sealed_at": (session.sealed_at is not None, hashed is not None),
    }
    differing = [column for column, (value, logged) in expected.items() if value != logged]
    if session_digest(session) != said["inputs_digest"]:
        differing += _MADE_FROM
    if hashed is not None:
        digest = hashlib.sha256(bytes(session.segment_hashes)).hexdigest()
        differing += [] if digest == hashed.data["segments_digest"] else ["segment_hashes"]
    kept = KeptSession.objects.filter(pk=session.pk).first()
    return differing + ([] if kept is None else _kept_differences(kept))


def _kept_differences(kept: KeptSession) -> list[str]:
    """The columns of a kept file that its record, or the log of its erasure, contradicts."""
    record = Record.objects.filter(pk=kept.pk).first()
    if record is None:
        return ["kept"]
    expected = {
        "kept.sha256": (kept.sha256, record.file_sha256),
        "kept.size_bytes": (kept.size_bytes, record.size_bytes),
        "kept.file_key": (kept.file_key, storage.key_for("live-sessions", record.file_sha256, ".mp4")),
        "kept.erased_at": (
            kept.erased_at is None,
            newest_decision(kept.pk, {LogEvent.RENDITION_ERASED}) is None,
        ),
    }
    return [name for name, (column, said) in expected.items() if column != said]


def require_session_as_logged(session: LiveSession) -> None:
    """Let a session pass that the log bears out. Raises RowContradictsLog, LogDamaged."""
    require_as_logged("live session", session.pk, session_differences(session))


def live_findings() -> Iterator[StateFinding]:
    """Every live session that contradicts the log."""
    yield from findings_of(
        "live session", LiveSession.objects.select_related("portrait"), session_differences
    )
