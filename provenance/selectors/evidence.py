"""Reads records with what the log says about them, and builds evidence bundles."""

from __future__ import annotations

import base64
from typing import cast

from django.db.models import QuerySet

from provenance.common.errors import NotFound
from provenance.common.visible_label import VisibleLabel
from provenance.keys.service_keys import log_verify_key, trust_store
from provenance.log.entries import LogEvent
from provenance.log.errors import LogCheckFailed
from provenance.log.merkle import InclusionProof
from provenance.models.journal import JournalEntry
from provenance.models.log import LogCheckpoint, LogEntry
from provenance.models.record import Record, RecordState, sealing_data
from provenance.selectors.decisions import RowContradictsLog, newest_decision
from provenance.selectors.log import LogDamaged, entry_at, find_entries, inclusion_proof, latest_checkpoint
from provenance.selectors.signed_head import SignedHead, open_row, signed_head
from provenance.selectors.witnessed_head import witnessed_head
from provenance.verify.evidence.bundle import BUNDLE_FORMAT, EvidenceJson, PinnedKeys
from provenance.verify.evidence.signals import RecordFacts, RecordStateName

RENDITION_WITHDRAWN = "rendition_withdrawn"  # the kind of the erasure journal's entries

# The step that puts a record into each state.
STEPS = {
    RecordState.SEALED: {LogEvent.RENDITION_SEALED},
    RecordState.RELEASED: {LogEvent.RENDITION_RELEASED},
    RecordState.WITHDRAWN: {LogEvent.RENDITION_REVOKED, LogEvent.RENDITION_REJECTED},
}


def record_facts(**lookup: str | int) -> RecordFacts | None:
    """The record found by one unique field, as the verdict needs it, or None."""
    record = Record.objects.filter(**lookup).first()
    if record is None:
        return None
    in_log = is_in_log(record)
    if not in_log:
        # Released or withdrawn between reading the record and reading the log, perhaps.
        record.refresh_from_db()
        in_log = is_in_log(record)
    return RecordFacts(
        rendition_id=record.rendition_id,
        state=cast("RecordStateName", record.state),
        file_sha256=record.file_sha256,
        watermark_id=record.watermark_id,
        is_in_log=in_log,
        log_index=record.log_index,
        sealed_at=record.sealed_at,
        released_at=record.released_at,
        withdrawn_at=record.withdrawn_at,
        withdrawal_reason=record.withdrawal_reason,
        manifest_label=record.manifest_label if record.released_at else "",
        fingerprints=bytes(record.fingerprints),
        visible_label=VisibleLabel.from_code(record.visible_label),
    )


def is_in_log(record: Record) -> bool:
    """Whether the log, under a checkpoint signed with its key, holds the sealing of this very record, and as
    its newest step the one that led to the record's state. A withdrawal that only the erasure journal has
    left counts too.
    """
    try:
        _, proof = proven_inclusion(record)
        sealing = entry_at(record.log_index).entry
        newest = _newest_step(record)
        if newest is None:
            return False
        inclusion_proof(newest.index, max(proof.tree_size, newest.index + 1))
        step = newest.entry.event
    except (LogDamaged, NotFound, LogCheckFailed):
        return False
    is_sealing = sealing.event is LogEvent.RENDITION_SEALED and sealing.data == sealing_data(record)
    return is_sealing and (step in STEPS[RecordState(record.state)] or _is_withdrawn_again(record))


def _is_withdrawn_again(record: Record) -> bool:
    """Whether a restored log has lost the withdrawal of a record, and the erasure journal has not."""
    return (
        record.state == RecordState.WITHDRAWN
        and JournalEntry.objects.filter(about=record.rendition_id, kind=RENDITION_WITHDRAWN)
        .exclude(reapplied_at=None)
        .exists()
    )


def _newest_step(record: Record) -> LogEntry | None:
    return _steps(record).order_by("-index").first()


def _steps(record: Record) -> QuerySet[LogEntry]:
    steps = {event for events in STEPS.values() for event in events}
    return find_entries(mentioning=record.rendition_id).filter(event__in=steps)


def proven_inclusion(record: Record) -> tuple[LogCheckpoint, InclusionProof]:
    """The newest checkpoint, shown to be the log's own, and the proof that the record's entry is under it.

    Raises NotFound, LogDamaged, LogCheckFailed.
    """
    checkpoint = latest_checkpoint(covering=record.log_index)
    opened = open_row(checkpoint)
    proof = inclusion_proof(record.log_index, opened.size)
    if proof.root_hash != opened.root:
        raise LogDamaged
    return checkpoint, proof


def evidence_bundle(rendition_id: str) -> EvidenceJson:
    """Everything that somebody needs to check one rendition without us: its manifest, and every step of its
    life with a proof that it is in the log (see `provenance.verify.evidence.bundle`).

    Raises NotFound for a rendition that was never released, RowContradictsLog for a row that the log denies,
    LogDamaged when an entry cannot be proven.
    """
    record = Record.objects.filter(rendition_id=rendition_id).exclude(released_at=None).first()
    if record is None:
        raise NotFound
    if newest_decision(rendition_id, {LogEvent.RENDITION_RELEASED}) is None:
        raise NotFound
    if not is_in_log(record):
        raise RowContradictsLog
    steps = list(_steps(record).order_by("index"))
    checkpoint = _head_for_others(covering=steps[-1].index)
    return {
        "format": BUNDLE_FORMAT,
        "rendition_id": record.rendition_id,
        "state": record.state,
        "file_sha256": record.file_sha256,
        "watermark_id": record.watermark_id,
        "content_prints": _base64(bytes(record.content_prints)),
        "fingerprints": _base64(bytes(record.fingerprints)),
        "fingerprints_salt": _base64(bytes(record.fingerprints_salt)),
        "consent_receipt_digest": record.consent_receipt_digest,
        "manifest": _base64(bytes(record.manifest)),
        "manifest_label": record.manifest_label,
        "log": {
            "checkpoint": checkpoint.note,
            "public_key": log_verify_key().vkey,
            "entries": [
                {
                    "entry": _base64(step.body.encode()),
                    "inclusion_proof": [
                        _base64(node) for node in inclusion_proof(step.index, checkpoint.size).hashes
                    ],
                }
                for step in steps
            ],
        },
    }


def _head_for_others(*, covering: int) -> SignedHead:
    """The checkpoint that most witnesses signed; where none has signed one that covers it, the newest."""
    try:
        return witnessed_head(covering)
    except NotFound:
        return signed_head(covering)


def published_label(**lookup: str | int) -> str | None:
    """The label of the manifest of a video that was released at some time, found by one unique field.

    None where the log does not confirm the record, as the verdict names none either.
    """
    found = record_facts(**lookup)
    return found.manifest_label or None if found and found.is_in_log else None


def published_manifest(label: str) -> bytes | None:
    """The manifest store under a label, if its video was released at some time."""
    found = Record.objects.exclude(released_at=None).filter(manifest_label=label).first()
    if found is None or newest_decision(found.rendition_id, {LogEvent.RENDITION_RELEASED}) is None:
        return None
    if not is_in_log(found):
        return None
    return bytes(found.manifest)


def pinned_keys() -> PinnedKeys:
    """The public keys with which anybody can check our videos and our log."""
    return PinnedKeys(log_verify_key(), trust_store())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
