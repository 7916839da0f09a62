"""Reads of records, each together with what the log says about it."""

from __future__ import annotations

import base64
from typing import Any, cast

from provenance.errors import NotFound
from provenance.log.checkpoint import open_checkpoint
from provenance.log.entries import LogEvent
from provenance.log.errors import LogCheckFailed
from provenance.log.merkle import InclusionProof
from provenance.log_selectors import LogDamaged, entry_at, inclusion_proof, latest_checkpoint
from provenance.models.log import LogCheckpoint
from provenance.models.record import Record, sealing_data
from provenance.services.log import verify_key
from provenance.verify.signals import RecordFacts, RecordStateName


def record_facts(**lookup: str) -> RecordFacts | None:
    """The record found by one unique field, as the verdict needs it, or None."""
    record = Record.objects.filter(**lookup).first()
    if record is None:
        return None
    return RecordFacts(
        rendition_id=record.rendition_id,
        state=cast("RecordStateName", record.state),
        file_sha256=record.file_sha256,
        watermark_id=record.watermark_id,
        is_in_log=is_in_log(record),
        log_index=record.log_index,
        sealed_at=record.sealed_at,
        released_at=record.released_at,
        withdrawn_at=record.withdrawn_at,
        withdrawal_reason=record.withdrawal_reason,
    )


def is_in_log(record: Record) -> bool:
    """Whether the log holds the sealing of this very record, under a checkpoint signed with the log's key."""
    try:
        proven_inclusion(record)
        entry = entry_at(record.log_index).entry
    except (LogDamaged, NotFound, LogCheckFailed):
        return False
    return entry.event is LogEvent.RENDITION_SEALED and entry.data == sealing_data(record)


def proven_inclusion(record: Record) -> tuple[LogCheckpoint, InclusionProof]:
    """The newest checkpoint, its signature and root checked, and the proof that the record's entry is under
    it.

    Raises NotFound, LogDamaged, LogCheckFailed.
    """
    checkpoint = latest_checkpoint(covering=record.log_index)
    signed = open_checkpoint(checkpoint.note, verify_key())
    proof = inclusion_proof(record.log_index, signed.size)
    if proof.root_hash != signed.root:
        raise LogDamaged
    return checkpoint, proof


def evidence(rendition_id: str) -> dict[str, Any]:
    """Everything that somebody needs to check one rendition without us: manifest, log entry, proof,
    checkpoint.

    Raises NotFound for a rendition that was never released, LogDamaged when its entry cannot be proven.
    """
    record = Record.objects.filter(rendition_id=rendition_id).exclude(released_at=None).first()
    if record is None:
        raise NotFound
    try:
        checkpoint, proof = proven_inclusion(record)
    except LogCheckFailed as error:
        raise LogDamaged from error
    return {
        "rendition_id": record.rendition_id,
        "state": record.state,
        "file_sha256": record.file_sha256,
        "watermark_id": record.watermark_id,
        "consent_receipt_digest": record.consent_receipt_digest,
        "manifest": _base64(bytes(record.manifest)),
        "manifest_label": record.manifest_label,
        "log": {
            "index": record.log_index,
            "entry": _base64(entry_at(record.log_index).body.encode()),
            "tree_size": proof.tree_size,
            "inclusion_proof": [_base64(node) for node in proof.hashes],
            "checkpoint": checkpoint.note,
            "public_key": verify_key().vkey,
        },
    }


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
