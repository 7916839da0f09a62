"""Writes the record of a rendition: sealed once, then released, then perhaps withdrawn.

Each step is a log entry.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from provenance.common.errors import CodedError, NotFound
from provenance.fingerprints.record_fingerprints import SALT_BYTES
from provenance.manifest.jumbf import NotAStore, has_time_stamp
from provenance.models.journal import JournalEntry
from provenance.models.record import Record, RecordState, sealing_data
from provenance.selectors.decisions import (
    RENDITION_STEPS,
    newest_decision,
    record_differences,
    require_as_logged,
)
from provenance.selectors.evidence import RENDITION_WITHDRAWN
from provenance.services import journal, log
from provenance.services.log import LogEvent
from provenance.watermark.coding.payload import WATERMARK_ID_BITS, format_watermark_id


class RecordConflict(CodedError):
    """The rendition is already sealed, with another file, or the step does not follow from its state."""

    code = "record_conflict"
    status = 409
    message = "The record of this video is already in another state."
    hint = "A video is sealed once, released once and withdrawn once, in this order."


class NotTimeStamped(CodedError):
    """A video that was sealed without a time-stamp, on localhost, was to be released in production."""

    code = "not_time_stamped"
    status = 409
    message = "This video carries no time-stamp, so it is not released."
    hint = "It was made while the service ran on localhost. Refuse it, and have it made again."


def new_watermark_id() -> int:
    """A random 48-bit id that no record uses yet, for the watermark of a rendition about to be made."""
    while True:
        watermark_id = secrets.randbits(WATERMARK_ID_BITS)
        if not Record.objects.filter(watermark_id=format_watermark_id(watermark_id)).exists():
            return watermark_id


def seal_record(
    *,
    rendition_id: str,
    watermark_id: int,
    watermark_year: int,
    watermark_version: int,
    content_prints: bytes,
    fingerprints: bytes = b"",
    visible_label: str = "",
    file_sha256: str,
    size_bytes: int,
    duration_s: float,
    manifest: bytes,
    manifest_label: str,
    partner_id: str,
    consent_receipt_digest: str,
    actor: str,
) -> Record:
    """Write the record of a signed rendition and its log entry `rendition.sealed`, in one transaction.

    `watermark_year` says which year's key marked it, `watermark_version` which version of the payload carries
    the id, `content_prints` what its frames show (one fingerprint
    after the other, see `provenance.watermark.content.fingerprint`), `fingerprints` what it sounds like
    (`provenance.fingerprints.record_fingerprints`; none for a video without sound of ours), `visible_label`
    what was burned into its frames (`provenance.common.visible_label`; empty for nothing).

    Sealing the same file again returns the record that is there and writes nothing. Raises `RecordConflict`
    if the rendition was sealed with another file.
    """
    watermark_text = format_watermark_id(watermark_id)
    with transaction.atomic():
        existing = Record.objects.filter(rendition_id=rendition_id).first()
        if existing is not None:
            if (existing.file_sha256, existing.watermark_id) == (file_sha256, watermark_text):
                return existing
            raise RecordConflict("This video is already sealed with another file.")
        record = Record(
            rendition_id=rendition_id,
            watermark_id=watermark_text,
            watermark_year=watermark_year,
            watermark_version=watermark_version,
            content_prints=content_prints,
            fingerprints=fingerprints,
            visible_label=visible_label,
            fingerprints_salt=secrets.token_bytes(SALT_BYTES) if fingerprints else b"",
            file_sha256=file_sha256,
            size_bytes=size_bytes,
            duration_s=duration_s,
            manifest=manifest,
            manifest_label=manifest_label,
            partner_id=partner_id,
            consent_receipt_digest=consent_receipt_digest,
        )
        entry = log.append(LogEvent.RENDITION_SEALED, actor=actor, data=sealing_data(record))
        record.log_index, record.sealed_at = entry.index, entry.time
        record.save(force_insert=True)
        return record


def release_record(rendition_id: str, *, actor: str) -> Record:
    """Say that a sealed video may circulate; writes `rendition.released`.

    Doing it again changes nothing. Raises `NotFound`, `RecordConflict` for a withdrawn video, or in
    production `NotTimeStamped`.
    """
    with transaction.atomic():
        _require_time_stamp(rendition_id)
        sealed = Record.objects.filter(rendition_id=rendition_id, state=RecordState.SEALED).first()
        if sealed is not None:
            require_as_logged("record", rendition_id, record_differences(sealed))
        released = Record.objects.filter(rendition_id=rendition_id, state=RecordState.SEALED).update(
            state=RecordState.RELEASED, released_at=timezone.now()
        )
        record = _get(rendition_id)
        if released:
            log.append(LogEvent.RENDITION_RELEASED, actor=actor, data={"rendition_id": rendition_id})
        elif record.state != RecordState.RELEASED:
            raise RecordConflict("A withdrawn video cannot be released again.")
        return record


def withdraw_record(rendition_id: str, *, reason_code: str, actor: str) -> Record:
    """Say that a video may not circulate: `rendition.revoked` if it was released, `rendition.rejected` if
    never.

    Doing it again changes nothing; the first reason stays. Raises `NotFound`.
    """
    with transaction.atomic():
        for state, event in (
            (RecordState.RELEASED, LogEvent.RENDITION_REVOKED),
            (RecordState.SEALED, LogEvent.RENDITION_REJECTED),
        ):
            withdrawn = Record.objects.filter(rendition_id=rendition_id, state=state).update(
                state=RecordState.WITHDRAWN, withdrawn_at=timezone.now(), withdrawal_reason=reason_code
            )
            if withdrawn:
                journal.note(RENDITION_WITHDRAWN, rendition_id, reason_code=reason_code)
                log.append(
                    event, actor=actor, data={"rendition_id": rendition_id, "reason_code": reason_code}
                )
                break
        return _get(rendition_id)


def withdraw_record_again(entry: JournalEntry) -> None:
    """Put a restored record back into the state that the erasure journal says it had."""
    Record.objects.filter(
        rendition_id=entry.about, state__in=[RecordState.SEALED, RecordState.RELEASED]
    ).update(
        state=RecordState.WITHDRAWN,
        withdrawn_at=entry.time,
        withdrawal_reason=entry.data.get("reason_code") or "withdrawn",
    )


def log_withdrawal_again(entry: JournalEntry) -> None:
    """Write the withdrawal of a restored record into a log that has lost it."""
    record = Record.objects.filter(rendition_id=entry.about, state=RecordState.WITHDRAWN).first()
    step = newest_decision(entry.about, RENDITION_STEPS)
    if record is None or step is None:
        return
    events = {
        LogEvent.RENDITION_RELEASED: LogEvent.RENDITION_REVOKED,
        LogEvent.RENDITION_SEALED: LogEvent.RENDITION_REJECTED,
    }
    if step.event in events:
        data = {"rendition_id": record.rendition_id, "reason_code": record.withdrawal_reason}
        log.append(events[step.event], actor="system", data=data)


def _require_time_stamp(rendition_id: str) -> None:
    sealed = Record.objects.filter(rendition_id=rendition_id, state=RecordState.SEALED).first()
    if settings.LIKENESS_ON_LOOPBACK or sealed is None:
        return
    try:
        is_stamped = has_time_stamp(bytes(sealed.manifest))
    except NotAStore:
        is_stamped = False
    if not is_stamped:
        raise NotTimeStamped


def _get(rendition_id: str) -> Record:
    record = Record.objects.filter(rendition_id=rendition_id).first()
    if record is None:
        raise NotFound("There is no record of a video under that id.")
    return record
