"""Every column of the tables that decide what may be handed out, and what an edit of it could do.

gate      an edit could open something: it is compared with the log, named by fsck, and blocks
derived   repeats what the log or another row says: an edit opens nothing, and is named
harmless  opens nothing, and no other record of it exists

Every other table of ours is named below with what an edit of it could do.
"""

from __future__ import annotations

from django.db.models import Model

from accounts.models import (
    ApiKey,
    AskingStop,
    ConsentGrant,
    Contact,
    ContactLink,
    Invitation,
    Membership,
    OneTimeCode,
    Partner,
    RefusedRequest,
    StaffRoleGrant,
    Subject,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from generation.models import (
    Appeal,
    DrivingAudio,
    FaceMatch,
    FaceRegistration,
    IdempotencyKey,
    Job,
    KeptSession,
    LiveRecording,
    LiveSession,
    Portrait,
    RenderSegment,
    RenderWorker,
    Rendition,
    ResumableUpload,
    SecondLook,
    VoiceConsent,
)
from provenance.models import LogCheckpoint, LogEntry, LogNode, LogReference, Record
from provenance.models.cosignature import LogCosignature
from provenance.models.journal import JournalEntry
from provenance.models.misuse import MisuseReport
from provenance.models.verification import Verification

GATE, DERIVED, HARMLESS = "gate", "derived", "harmless"


def _columns(**words: str) -> dict[str, str]:
    return {name: kind for kind, names in words.items() for name in names.split()}


COLUMNS: dict[type[Model], dict[str, str]] = {
    Job: _columns(
        gate="partner portrait driving_audio consent controls motion direction video disclosure voice seed "
        "renderer state",
        derived="id log_position submitted_by reason_code",
        harmless="state_since reason_message reason_hint queue attempts lease_owner lease_expires_at "
        "deadline_at dispatched_at frames_done frames_total created_at started_at finished_at "
        "estimated_start_at estimated_end_at traceparent title tell_by_email",
    ),
    Rendition: _columns(
        gate="job file_key sha256 released_at first_approved_by",
        derived="id size_bytes decided_by erased_at",
        harmless="duration_s frames fps width height pixel_report sealed_at note stored_at erasure_began_at "
        "erasure_reason erasure_actor",
    ),
    Record: _columns(
        gate="watermark_id watermark_year watermark_version content_prints fingerprints "
        "fingerprints_salt visible_label state "
        "file_sha256 manifest manifest_label partner_id consent_receipt_digest log_index released_at",
        derived="rendition_id sealed_at withdrawn_at withdrawal_reason",
        harmless="size_bytes duration_s",
    ),
    ConsentGrant: _columns(
        gate="partner portrait subject basis purpose valid_until max_videos used_videos allows_live state "
        "receipt receipt_digest live_check contact contact_proved_at link_token_hash link_expires_at "
        "withdraw_token_hash",
        derived="id",
        harmless="statement terms_salt requested_by created_at link_sent_at decided_at reviewed_by reason "
        "withdrawn_at",
    ),
    Partner: _columns(
        gate="state review_policy label_policy max_active_jobs max_month_minutes max_storage_mb "
        "contact_email",
        derived="id keep_sources_days keep_videos_days",
        harmless="name website name_key host_key contact_name contact_language purpose reason applied_at "
        "decided_at",
    ),
    ApiKey: _columns(
        gate="partner prefix secret_sha256 scopes expires_at revoked_at",
        derived="id",
        harmless="name created_by created_at last_used_at",
    ),
    StaffRoleGrant: _columns(gate="user role", harmless="id granted_at"),
    Membership: _columns(gate="partner user role", harmless="id joined_at"),
    Invitation: _columns(
        gate="partner email role token_hash expires_at accepted_at", derived="id", harmless="created_at"
    ),
    LiveSession: _columns(
        gate="partner portrait consent controls disclosure voice seed renderer size fps max_s is_kept "
        "token_hash token_expires_at opened_by state watermark_id watermark_year segment_hashes",
        derived="id reason_code opened_at started_at ended_at frames sealed_at",
        harmless="server seen_at repeated_frames",
    ),
    KeptSession: _columns(
        gate="file_key sha256",
        derived="session size_bytes erased_at",
        harmless="duration_s stored_at erasure_began_at erasure_reason erasure_actor",
    ),
    VoiceConsent: _columns(
        gate="driving_audio speaker contact purpose terms_salt state link_token_hash link_expires_at "
        "withdraw_token_hash receipt receipt_digest",
        derived="id",
        harmless="created_at link_sent_at decided_at withdrawn_at",
    ),
    LiveRecording: _columns(
        gate="consent sha256 file_key content_type language words turn is_live checked_at warnings distance",
        derived="id",
        # Another key of the same file decrypts nothing.
        harmless="sealed_key phrase_nonce size_bytes stored_at erasure_began_at erased_at erasure_reason "
        "erasure_actor",
    ),
    FaceMatch: _columns(
        gate="portrait registration other decision",
        derived="id",
        harmless="distance created_at decided_by decided_at",
    ),
}

OPENS_NOTHING: dict[type[Model], str] = {
    Contact: "requests and receipts have digests of the address, and the log has theirs",
    ContactLink: "the token is made from the row by the service's key: of an edited row there is none",
    Subject: "whom a partner names as the person in a portrait is the partner's word anyway",
    RefusedRequest: "is counted for operators",
    Appeal: "what was closed stays closed",
    SecondLook: "is an opinion; the video stays as it is",
    IdempotencyKey: "an answer that the same partner had already",
    RenderSegment: "what was made is under a keyed digest",
    RenderWorker: "says who is at work",
    ResumableUpload: "a partner's own file, examined when it is whole",
    WebhookDelivery: "an event that was or was not told",
    LogEntry: "auditlog_fsck",
    LogReference: "auditlog_fsck",
    LogNode: "auditlog_fsck",
    LogCheckpoint: "auditlog_fsck",
    LogCosignature: "is a witness's signature, and checked as one",
    JournalEntry: "is a copy of the erasure journal beside the keys",
    MisuseReport: "its end is in the log; a reviewer decides",
}
# THREAT_MODEL.md says the same to operators.
NOT_COVERED: dict[type[Model], str] = {
    User: "signs in as somebody, as do the tables of sessions and second factors",
    OneTimeCode: "goes on guessing a code of six digits",
    AskingStop: "has a person asked again who did not want to be",
    WebhookEndpoint: "is told a partner's events (ids and states, no pictures)",
    Verification: "shows another verdict to who kept the address of one",
    Portrait: "shows a partner another one's upload; leaves a face uncompared with those of the living",
    DrivingAudio: "lets a partner hear another one's upload",
    FaceRegistration: "leaves a registered face uncompared with new portraits",
}
