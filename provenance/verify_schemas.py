"""The shapes of verification's answers, for the API's description. The verdict itself makes the values."""

from __future__ import annotations

from typing import Literal

from ninja import Schema


class ReasonOut(Schema):
    signal: str
    finding: str
    sentence: str


class ErrorRateOut(Schema):
    false_match: float | None
    sentence: str


class RecordOut(Schema):
    state: Literal["sealed", "released", "withdrawn"]
    sealed_at: str
    released_at: str | None
    withdrawn_at: str | None
    withdrawal_reason: str | None
    log_index: int


class CredentialsOut(Schema):
    state: str
    codes: list[str]
    ingredient_codes: list[str]
    signer: str | None
    generator: str | None
    digital_source_type: str | None
    signed_at: str | None


class WatermarkOut(Schema):
    state: Literal["found", "not_found", "inconclusive", "not_looked_for"]
    frames_read: int
    seconds: list[int]


class FileOut(Schema):
    sha256: str
    size_bytes: int
    media_type: str


class VerdictOut(Schema):
    verdict: Literal[
        "ours_intact",
        "ours_changed",
        "ours_withdrawn",
        "mark_transplanted",
        "other_credentials",
        "no_provenance",
        "cannot_tell",
    ]
    headline: str
    sentence: str
    reasons: list[ReasonOut]
    error_rate: ErrorRateOut
    rendition_id: str | None
    record: RecordOut | None
    credentials: CredentialsOut | None
    watermark: WatermarkOut
    file: FileOut


class LogProofOut(Schema):
    index: int
    entry: str
    tree_size: int
    inclusion_proof: list[str]
    checkpoint: str
    public_key: str


class EvidenceOut(Schema):
    rendition_id: str
    state: Literal["released", "withdrawn"]
    file_sha256: str
    watermark_id: str
    consent_receipt_digest: str
    manifest: str
    manifest_label: str
    log: LogProofOut
