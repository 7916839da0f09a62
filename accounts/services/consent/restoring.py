"""Withdraws consents again that a restored database holds as granted."""

from __future__ import annotations

from accounts import signals
from accounts.models import OPEN_CONSENT_STATES, ConsentGrant, ConsentState
from accounts.services.webhooks.recording import tell_of_consent
from provenance.log.entries import LogEvent
from provenance.models.journal import JournalEntry
from provenance.selectors.decisions import newest_decision
from provenance.services import log


def withdraw_again(entry: JournalEntry) -> None:
    """Put a restored grant back to withdrawn; one that was not even answered at that time, to expired."""
    grants = ConsentGrant.objects.filter(pk=entry.about)
    grants.filter(state__in=[ConsentState.GRANTED, ConsentState.EXPIRED]).exclude(receipt_digest="").update(
        state=ConsentState.WITHDRAWN, withdrawn_at=entry.time
    )
    grants.filter(state__in=OPEN_CONSENT_STATES).update(state=ConsentState.EXPIRED, link_token_hash=None)


def log_withdrawal_again(entry: JournalEntry) -> None:
    """Write the withdrawal of a restored grant into a log that has lost it, and stop what it covered."""
    grant = ConsentGrant.objects.filter(pk=entry.about, state=ConsentState.WITHDRAWN).first()
    if grant is None or newest_decision(grant.pk, {LogEvent.CONSENT_WITHDRAWN}) is not None:
        return
    signals.consent_withdrawn.send(sender=ConsentGrant, grant=grant)
    tell_of_consent(grant)
    log.append(
        LogEvent.CONSENT_WITHDRAWN,
        actor="system",
        data={
            "consent_id": grant.id,
            "partner_id": grant.partner_id,
            "receipt_digest": grant.receipt_digest,
        },
    )
