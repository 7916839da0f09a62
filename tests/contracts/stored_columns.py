"""Every column of the tables that decide what may be handed out, and what an edit of it could do.

gate      an edit could open something: it is compared with the log, named by fsck, and blocks
derived   repeats what the log or another row says: an edit opens nothing, and is named
harmless  opens nothing, and no other record of it exists
"""

from __future__ import annotations

from django.db.models import Model

from accounts.models import ApiKey, ConsentGrant, Partner, StaffRoleGrant
from generation.models import Job, Rendition
from provenance.models import Record

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
        gate="state review_policy label_policy max_active_jobs max_month_minutes max_storage_mb",
        derived="id keep_sources_days keep_videos_days",
        harmless="name website name_key host_key contact_name contact_email purpose reason applied_at "
        "decided_at",
    ),
    ApiKey: _columns(
        gate="partner prefix secret_sha256 scopes expires_at revoked_at",
        derived="id",
        harmless="name created_by created_at last_used_at",
    ),
    StaffRoleGrant: _columns(gate="user role", harmless="id granted_at"),
}
