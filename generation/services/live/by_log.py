"""Compares live sessions with what the log says about them.

Opening fixes who may speak with what, until when and for how long; the start fixes the mark; the end and the
hashes close it. A session that an earlier version opened has no entry of its opening: it opens nothing any
more unless it had started.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import transaction

from generation import storage
from generation.models import KeptSession, LiveSession, LiveState
from generation.models.live_session import USES_OF_KEPT
from provenance.log.entries import DataValue, Entry, LogEvent
from provenance.models import Record
from provenance.selectors.decisions import (
    StateFinding,
    digest_of_facts,
    findings_of,
    names_content,
    newest_decision,
    require_as_logged,
)

_MADE_FROM = ["controls", "disclosure", "voice", "seed", "renderer", "size", "fps"]
_OPENED_WITH = ["token_hash", "token_expires_at", "opened_at", "max_s", "is_kept", "opened_by"]


def session_digest(session: LiveSession) -> str:
    """What the entries of a session's opening and start fix without saying it: what the pictures are made
    from.
    """
    return digest_of_facts(
        session.portrait.sha256,
        json.dumps(session.controls, sort_keys=True),
        json.dumps(session.disclosure, sort_keys=True),
        str(session.voice),  # a choice before it was stored
        session.seed,
        session.renderer,
        session.size,
        session.fps,
    )


def opening_digest(session: LiveSession) -> str:
    """What the entry of a session's opening fixes without saying it: whose token opens it and until when, how
    long it may last, whether its file is kept, and who asked.

    The hash of the token stands in for a salt: it is of 32 random bytes, and is nowhere else.
    """
    return digest_of_facts(
        session.token_hash,
        session.token_expires_at.isoformat(),
        session.opened_at.isoformat(),
        session.max_s,
        session.is_kept,
        session.opened_by,
    )


def opening_data(session: LiveSession) -> dict[str, DataValue]:
    """The data of the entry `live.opened`."""
    return {
        "rendition_id": session.pk,
        "partner_id": session.partner_id,
        "portrait_id": session.portrait_id,
        "consent_id": session.consent_id,
        "inputs_digest": session_digest(session),
        "opening_digest": opening_digest(session),
    }


def milliseconds(moment: datetime) -> int:
    """A moment as the entries have it, in milliseconds since 1970: minutes are counted between two."""
    return int(moment.timestamp() * 1000)


def session_differences(session: LiveSession) -> list[str]:
    """The columns of a session that the log contradicts. Raises LogDamaged."""
    opened, started, ended, hashed = (
        newest_decision(session.pk, {event})
        for event in (
            LogEvent.LIVE_OPENED,
            LogEvent.LIVE_STARTED,
            LogEvent.LIVE_ENDED,
            LogEvent.LIVE_HASHED,
        )
    )
    never_started = session.state == LiveState.ENDED and session.started_at is None
    if opened is None and started is None and not never_started:
        return ["id"]
    differing = [] if opened is None else _unlike_opening(session, opened)
    differing += _unlike_start(session, started)
    expected: dict[str, tuple[object, object]] = {
        "state": (session.state in _states(started, ended), True),
        "reason_code": (session.reason_code, ended.data["reason_code"] if ended else ""),
        "ended_at": _moment(session.ended_at, ended),
        "sealed_at": (session.sealed_at is not None, hashed is not None),
    }
    if opened is None and started is None:  # of an earlier version, and ended without an entry
        expected = {"sealed_at": (session.sealed_at, None)}
    differing += [column for column, (value, logged) in expected.items() if value != logged]
    if hashed is not None:
        digest = hashlib.sha256(bytes(session.segment_hashes)).hexdigest()
        differing += [] if digest == hashed.data["segments_digest"] else ["segment_hashes"]
        differing += [] if session.frames == hashed.data["frames"] else ["frames"]
    kept = KeptSession.objects.filter(pk=session.pk).first()
    differing += [] if kept is None else _kept_differences(kept, session)
    return list(dict.fromkeys(differing))


def _unlike_opening(session: LiveSession, opened: Entry) -> list[str]:
    said = opened.data
    differing = [
        column
        for column in ("partner", "portrait", "consent")
        if getattr(session, f"{column}_id") != said[f"{column}_id"]
    ]
    differing += [] if opening_digest(session) == said["opening_digest"] else _OPENED_WITH
    return differing + ([] if session_digest(session) == said["inputs_digest"] else _MADE_FROM)


def _unlike_start(session: LiveSession, started: Entry | None) -> list[str]:
    said: Mapping[str, DataValue] = {} if started is None else started.data
    expected: dict[str, tuple[object, object]] = {
        "watermark_id": (session.watermark_id, said.get("watermark_id")),
        "watermark_year": (session.watermark_year, said.get("watermark_year")),
        "started_at": _moment(session.started_at, started),
    }
    if started is not None:
        expected |= {
            "partner": (session.partner_id, said["partner_id"]),
            "portrait": (session.portrait_id, said["portrait_id"]),
            "consent": (session.consent_id, said["consent_id"]),
            "is_kept": (USES_OF_KEPT if session.is_kept else 1, said.get("videos", 1)),
        }
    differing = [column for column, (value, logged) in expected.items() if value != logged]
    differing += [] if names_content(session.portrait.image_key, session.portrait.sha256) else ["portrait"]
    is_other = started is not None and session_digest(session) != said["inputs_digest"]
    return differing + (_MADE_FROM if is_other else [])


def _states(started: Entry | None, ended: Entry | None) -> set[str]:
    if ended is not None:
        return {LiveState.ENDED}
    return {LiveState.OPENED, LiveState.STARTING} if started is None else {LiveState.LIVE}


def _moment(column: datetime | None, entry: Entry | None) -> tuple[DataValue, DataValue]:
    """A moment of the row beside the one that an entry tells; entries of 0.9.0 and before tell none."""
    if column is None or entry is None or "at_ms" not in entry.data:
        return column is None, entry is None
    return milliseconds(column), entry.data["at_ms"]


def _kept_differences(kept: KeptSession, session: LiveSession) -> list[str]:
    """The columns of a kept file that its record, or the log of its erasure, contradicts."""
    record = Record.objects.filter(pk=kept.pk).first()
    if record is None or not session.is_kept:
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
    """Let a session pass that the log bears out. Raises RowContradictsLog, LogDamaged.

    Its end is written beside its entry: hold the row's lock where it may end meanwhile (`session_as_logged`).
    """
    require_as_logged("live session", session.pk, session_differences(session))


def session_as_logged(session_id: str) -> LiveSession:
    """A session with partner, consent and portrait, as the log bears out. Raises RowContradictsLog."""
    with transaction.atomic():
        rows = LiveSession.objects.select_for_update(of=("self",))
        session = rows.select_related("partner", "consent", "portrait").get(pk=session_id)
        require_session_as_logged(session)
    return session


def live_findings() -> Iterator[StateFinding]:
    """Every live session that contradicts the log."""
    yield from findings_of(
        "live session", LiveSession.objects.select_related("portrait"), session_differences
    )
