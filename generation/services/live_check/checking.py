"""Has recordings looked at by the machine. What it finds decides nothing: a reviewer does.

Rows and log have what was found; a row that says something else is not decided upon.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access.actors import SYSTEM
from accounts.access.recordings_by_log import found_digest
from accounts.models import OPEN_CONSENT_STATES
from generation import storage
from generation.live_check.examine import examine_recording
from generation.live_check.phrases import Phrase, Turn
from generation.live_check.report import RecordingReport
from generation.models import FaceRegistration, LiveRecording
from generation.services.live_check.sealed_files import unseal
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.watermark_registry import IssuedWatermarks


def check_recording(recording_id: str) -> bool:
    """Look at a recording once, and write down what speaks against it; whether that was done now.

    A recording whose consent was answered meanwhile is not looked at. Raises `SandboxIncomplete`.
    """
    row = (
        LiveRecording.objects.select_related("consent__portrait")
        .filter(pk=recording_id, checked_at=None, erasure_began_at=None)
        .first()
    )
    if row is None or row.consent.state not in OPEN_CONSENT_STATES:
        return False
    with storage.local_path(row.consent.portrait.image_key) as portrait:
        report = looked_at(row, portrait)
    return note_report(row, report)


@transaction.atomic
def note_report(row: LiveRecording, report: RecordingReport) -> bool:
    """Write down, in row and log, what was found in a recording; False if that was done before."""
    row.warnings, row.distance = [str(code) for code in report.warnings], report.distance
    noted = LiveRecording.objects.filter(pk=row.pk, checked_at=None).update(
        checked_at=timezone.now(), warnings=row.warnings, distance=row.distance
    )
    if noted:
        log.append(
            LogEvent.LIVE_RECORDING_CHECKED,
            actor=SYSTEM.id,
            data={
                "live_recording_id": row.pk,
                "consent_id": row.consent_id,
                "partner_id": row.partner_id,
                "warnings": len(report.warnings),
                "report_digest": found_digest(row, row.consent),
            },
        )
    return bool(noted)


def unchecked() -> list[str]:
    """Recordings that nobody has looked at and whose consent is open, the oldest first."""
    waiting = LiveRecording.objects.filter(
        checked_at=None, erasure_began_at=None, consent__state__in=OPEN_CONSENT_STATES
    )
    return list(waiting.order_by("stored_at").values_list("pk", flat=True))


def looked_at(row: LiveRecording | FaceRegistration, portrait: Path | None) -> RecordingReport:
    """What the machine finds in a recording, beside a portrait if there is one.

    Raises `SandboxIncomplete`.
    """
    with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
        source = Path(folder, "recording")
        source.write_bytes(unseal(row))
        return examine_recording(
            source,
            portrait,
            Phrase(row.language, tuple(row.words), cast("Turn", row.turn)),
            IssuedWatermarks(),
            was_seen_before=_was_seen_before(row),
        )


def _was_seen_before(row: LiveRecording | FaceRegistration) -> bool:
    """Whether the same bytes came before, for a request or a registration."""
    same: list[QuerySet[Any]] = [
        model._default_manager.filter(sha256=row.sha256) for model in (LiveRecording, FaceRegistration)
    ]
    return any(rows.exclude(pk=row.pk).exists() for rows in same)
