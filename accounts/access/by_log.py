"""Compares partners, API keys and consent grants with what the log says about them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from itertools import chain

from django.db import transaction

from accounts.access.links_by_log import ABOUT_LINKS, ASKED, link_differences
from accounts.access.terms import TERMS, recording_digest, terms_digest
from accounts.live_errors import AgreedTermsUnknown
from accounts.models import (
    OPEN_CONSENT_STATES,
    ApiKey,
    ConsentGrant,
    ConsentState,
    LabelPolicy,
    LiveCheck,
    Partner,
    PartnerState,
    ReviewPolicy,
)
from accounts.recordings import RecordingRow
from provenance.log.entries import LogEvent
from provenance.log.quarterly import REFUSALS
from provenance.models.log import LogEntry, LogReference
from provenance.models.record import Record
from provenance.selectors.decisions import (
    Decisions,
    StateFinding,
    digest_of_facts,
    findings_of,
    names_content,
    newest_decisions,
    require_as_logged,
)

_PARTNER_STATES = {
    LogEvent.PARTNER_APPLIED: PartnerState.APPLIED,
    LogEvent.PARTNER_APPROVED: PartnerState.APPROVED,
    LogEvent.PARTNER_REFUSED: PartnerState.REFUSED,
    LogEvent.PARTNER_SUSPENDED: PartnerState.SUSPENDED,
    LogEvent.PARTNER_REINSTATED: PartnerState.APPROVED,
}
# What operators set for a partner; without an entry nothing is set.
_NUMBERS_SET = {
    LogEvent.PARTNER_RETENTION_SET: ("keep_sources_days", "keep_videos_days"),
    LogEvent.PARTNER_QUOTAS_SET: ("max_active_jobs", "max_month_minutes", "max_storage_mb"),
}
_ABOUT_PARTNERS = frozenset(
    {*_PARTNER_STATES, *_NUMBERS_SET, LogEvent.PARTNER_POLICY_SET, LogEvent.PARTNER_LABEL_POLICY_SET}
)
# A request or grant whose date has passed is marked as expired without an entry.
_CONSENT_STATES = {
    LogEvent.CONSENT_REQUESTED: {ConsentState.REQUESTED, ConsentState.EXPIRED},
    LogEvent.CONSENT_RECORDED: {ConsentState.RECORDED, ConsentState.EXPIRED},
    LogEvent.CONSENT_ATTESTED: {ConsentState.ATTESTED, ConsentState.EXPIRED},
    LogEvent.CONSENT_GRANTED: {ConsentState.GRANTED, ConsentState.EXPIRED},
    LogEvent.CONSENT_CONFIRMED: {ConsentState.GRANTED, ConsentState.EXPIRED},
    LogEvent.CONSENT_DECLINED: {ConsentState.DECLINED},
    LogEvent.CONSENT_REFUSED: {ConsentState.REFUSED},
    LogEvent.CONSENT_WITHDRAWN: {ConsentState.WITHDRAWN},
}
_ABOUT_GRANTS = frozenset({*_CONSENT_STATES, *ABOUT_LINKS})

# A reviewer's refusal with one of these reasons gives the consent its video back.
REJECTION_CODES = REFUSALS


def partner_differences(partner: Partner) -> list[str]:
    """The columns of a partner that the log contradicts. Raises LogDamaged."""
    decisions = newest_decisions(partner.id, _ABOUT_PARTNERS)
    decision = decisions.newest(_PARTNER_STATES.keys())
    policy = decisions.newest({LogEvent.PARTNER_POLICY_SET})
    reviewed = ReviewPolicy.REVIEW if policy is None else policy.data.get("review_policy")
    labels = decisions.newest({LogEvent.PARTNER_LABEL_POLICY_SET})
    labelled = LabelPolicy.REQUIRED if labels is None else labels.data.get("label_policy")
    differing = []
    for event, columns in _NUMBERS_SET.items():
        numbers = decisions.newest({event})
        differing += [
            column
            for column in columns
            if getattr(partner, column) != (numbers.data.get(column) if numbers else None)
        ]
    if decision is None or partner.state != _PARTNER_STATES[decision.event]:
        differing.append("state")
    if partner.review_policy != reviewed:
        differing.append("review_policy")
    if partner.label_policy != labelled:
        differing.append("label_policy")
    return differing


def key_digest(key: ApiKey) -> str:
    """What the entry of a key's creation fixes: what the key is found by, what it may do and until when."""
    return digest_of_facts(key.prefix, key.secret_sha256, sorted(key.scopes), key.expires_at.isoformat())


def key_differences(key: ApiKey) -> list[str]:
    """The columns of an API key that the log contradicts; a changed digest names all that it covers.

    Keys made before the digest was logged are compared without it. Raises LogDamaged.
    """
    decisions = newest_decisions(key.id, {LogEvent.API_KEY_CREATED, LogEvent.API_KEY_REVOKED})
    created = decisions.newest({LogEvent.API_KEY_CREATED})
    revoked = decisions.newest({LogEvent.API_KEY_REVOKED})
    if created is None:
        return ["id"]
    differing = []
    if created.data.get("partner_id") != key.partner_id:
        differing.append("partner")
    if created.data.get("key_digest", key_digest(key)) != key_digest(key):
        differing += ["prefix", "secret_sha256", "scopes", "expires_at"]
    if (revoked is None) != (key.revoked_at is None):
        differing.append("revoked_at")
    return differing


def grant_differences(grant: ConsentGrant) -> list[str]:
    """The columns of a consent grant that the log or its own receipt contradicts. Raises LogDamaged."""
    return _differences(grant, newest_decisions(grant.id, _ABOUT_GRANTS))


def _differences(grant: ConsentGrant, decisions: Decisions) -> list[str]:
    decision = decisions.newest(_CONSENT_STATES.keys())
    if decision is None:
        return ["id"]
    differing = [] if grant.state in _CONSENT_STATES[decision.event] else ["state"]
    if decision.data.get("partner_id") != grant.partner_id:
        differing.append("partner")
    digest = decision.data.get("receipt_digest", "")
    if grant.receipt_digest != digest:
        differing.append("receipt_digest")
    if digest and hashlib.sha256(grant.receipt.encode()).hexdigest() != digest:
        differing.append("receipt")
    elif digest:
        differing += _unlike_receipt(grant)
    if not _is_its_picture(grant):
        differing.append("portrait")
    if "terms_digest" in decision.data and grant.current_state in OPEN_CONSENT_STATES:
        differing += [] if decision.data["terms_digest"] == terms_digest(grant) else TERMS
    if grant.used_videos != videos_taken(grant):
        differing.append("used_videos")
    differing += link_differences(grant, decisions)
    return list(dict.fromkeys(differing))


def _is_its_picture(grant: ConsentGrant) -> bool:
    """Whether the portrait is still the partner's, with the file whose digest terms and receipt have."""
    portrait = grant.portrait
    return portrait.partner_id == grant.partner_id and names_content(portrait.image_key, portrait.sha256)


def videos_taken(grant: ConsentGrant) -> int:
    """How many videos the log takes from a consent: jobs submitted, less those that gave theirs back, and
    live sessions, of which those that are kept take two.
    """
    sessions = LogEntry.objects.filter(event=LogEvent.LIVE_STARTED, references__value=grant.id)
    jobs = LogReference.objects.filter(
        entry__in=LogEntry.objects.filter(event=LogEvent.JOB_SUBMITTED, references__value=grant.id),
        value__startswith="job_",
    ).values_list("value", flat=True)
    submitted = list(jobs)
    ended = LogEntry.objects.filter(
        event__in=(LogEvent.JOB_FAILED, LogEvent.JOB_CANCELLED), references__value__in=submitted
    )
    rejected = Record.objects.filter(
        consent_receipt_digest=grant.receipt_digest, released_at=None, withdrawal_reason__in=REJECTION_CODES
    )
    given_back = ended.distinct().count() + (rejected.count() if grant.receipt_digest else 0)
    live = sum(int(session.entry.data.get("videos") or 1) for session in sessions)
    return len(submitted) + live - given_back


def _unlike_receipt(grant: ConsentGrant) -> list[str]:
    receipt = json.loads(grant.receipt)
    proved_at = grant.contact_proved_at.isoformat() if grant.contact_proved_at else None
    said = {
        "contact_proved_at": ("contact_proved_at", proved_at),
        "partner_id": ("partner", grant.partner_id),
        "subject_id": ("subject", grant.subject_id),
        "portrait_id": ("portrait", grant.portrait_id),
        "portrait_sha256": ("portrait", grant.portrait.sha256),
        "basis": ("basis", grant.basis),
        "purpose": ("purpose", grant.purpose),
        "max_videos": ("max_videos", grant.max_videos),
        "valid_until": ("valid_until", grant.valid_until.isoformat()),
    }
    differing = [
        column for name, (column, value) in said.items() if name in receipt and receipt[name] != value
    ]
    if grant.allows_live != receipt.get("allows_live", False):  # receipts of 0.6.0 and before do not say it
        differing.append("allows_live")
    # Receipts from before there were live checks do not speak of them; nobody may claim one for such a grant.
    checked = (receipt.get("live_check") or {}).get("by")
    is_as_told = grant.live_check == checked if checked else grant.live_check in {"", LiveCheck.NONE}
    return differing if is_as_told else [*differing, "live_check"]


def require_grant_as_logged(grant: ConsentGrant) -> None:
    """Let a grant pass that the log and its receipt bear out. Raises RowContradictsLog, LogDamaged.

    A video may be taken from it between reading the row and reading the log, so what differs is compared once
    more under the row's lock, which whoever takes a video holds until the entry stands.
    """
    differing = grant_differences(grant)
    if differing:
        with transaction.atomic():
            current = ConsentGrant.objects.select_for_update(no_key=True).filter(pk=grant.pk).first()
            differing = ["id"] if current is None else grant_differences(current)
    require_as_logged("consent grant", grant.id, differing)


def require_asked_as_logged(grant: ConsentGrant) -> None:
    """Let a request pass that is as the log says it was asked, and answered since: the same portrait, basis
    and terms.

    Requests from before there were digests of terms pass without. Raises RowContradictsLog, LogDamaged.
    """
    _require_asked(grant, newest_decisions(grant.id, _ABOUT_GRANTS))


def _require_asked(grant: ConsentGrant, decisions: Decisions) -> None:
    asked = decisions.newest(ASKED)
    data = {} if asked is None else asked.data
    said = {"portrait_id": ("portrait", grant.portrait_id), "basis": ("basis", str(grant.basis))}
    differing = [column for name, (column, value) in said.items() if data.get(name, value) != value]
    digest = terms_digest(grant)
    if data.get("terms_digest", digest) != digest:
        differing += TERMS
    require_as_logged("consent grant", grant.id, [*_differences(grant, decisions), *differing])


def require_agreed_as_logged(grant: ConsentGrant, recording: RecordingRow) -> None:
    """Let a yes pass that was given for the very terms and with the very recording that are stored now.

    Raises RowContradictsLog, LogDamaged, and AgreedTermsUnknown for a yes from before these were logged.
    """
    decisions = newest_decisions(grant.id, _ABOUT_GRANTS)
    _require_asked(grant, decisions)
    agreed = decisions.newest({LogEvent.CONSENT_RECORDED})
    if agreed is None or "terms_digest" not in agreed.data:
        raise AgreedTermsUnknown
    differing = [] if agreed.data["terms_digest"] == terms_digest(grant) else [*TERMS]
    if agreed.data["recording_digest"] != recording_digest(grant, recording.sha256):
        differing.append("recordings")
    require_as_logged("consent grant", grant.id, differing)


def require_partner_as_logged(partner: Partner) -> None:
    """Let a partner pass that is what the log decided. Raises RowContradictsLog, LogDamaged."""
    require_as_logged("partner", partner.id, partner_differences(partner))


def require_key_as_logged(key: ApiKey) -> None:
    """Let an API key pass that is what the log says was created. Raises RowContradictsLog, LogDamaged."""
    require_as_logged("API key", key.id, key_differences(key))


def account_findings() -> Iterator[StateFinding]:
    """Every partner, key and grant that contradicts the log."""
    return chain(
        findings_of("partner", Partner.objects.all(), partner_differences),
        findings_of("key", ApiKey.objects.all(), key_differences),
        findings_of("grant", ConsentGrant.objects.all(), grant_differences),
    )
