"""Compares where and by which links somebody is asked with what the log fixed about it.

Whoever owns the database could have their own mailbox answer, or their own link withdraw. Requests and
grants of earlier versions, about which the log has no such digests, are compared as far as it has.
"""

from __future__ import annotations

from accounts.access.terms import address_digest, contact_digest, link_digest
from accounts.models import OPEN_CONSENT_STATES, ConsentGrant
from provenance.log.entries import Entry, LogEvent
from provenance.selectors.decisions import Decisions

ASKED = frozenset({LogEvent.CONSENT_REQUESTED, LogEvent.CONSENT_ATTESTED})
ABOUT_LINKS = ASKED | {LogEvent.CONSENT_SENT, LogEvent.CONSENT_RECORDED, LogEvent.CONSENT_GRANTED}


def link_differences(grant: ConsentGrant, decisions: Decisions) -> list[str]:
    """The columns of a grant's contact and links that the log contradicts, by what it decided `ABOUT_LINKS`.

    Raises LogDamaged.
    """
    asked = decisions.newest(ASKED)
    if asked is None or "contact_digest" not in asked.data:
        return _unlike_granted(grant, decisions.newest({LogEvent.CONSENT_GRANTED}))
    differing = []
    if asked.data["contact_digest"] != contact_digest(grant):
        differing += ["contact", "link_expires_at"]
    elif _is_at_another_address(grant, asked):
        differing.append("contact")
    sent = decisions.newest({LogEvent.CONSENT_SENT})
    # What is being sent has a hash in its row before it has an entry; one that ended may have lost it.
    if sent is not None and grant.link_token_hash is not None:
        digest = sent.data.get("link_digest")
        if digest is not None and digest != link_digest(grant.terms_salt, grant.link_token_hash):
            differing.append("link_token_hash")
    recorded = decisions.newest({LogEvent.CONSENT_RECORDED})
    granted = decisions.newest({LogEvent.CONSENT_GRANTED})
    if (recorded is None) != (grant.contact_proved_at is None):
        differing.append("contact_proved_at")
    if granted is None and grant.withdraw_token_hash is not None:
        differing.append("withdraw_token_hash")
    return differing + _unlike_granted(grant, granted)


def _is_at_another_address(grant: ConsentGrant, asked: Entry) -> bool:
    said = asked.data.get("address_digest")
    if grant.contact is None or said is None:
        return said is not None
    if grant.contact.erased_at is not None:  # with whatever was open there
        return grant.current_state in OPEN_CONSENT_STATES
    return said != address_digest(grant.contact, grant.terms_salt)


def _unlike_granted(grant: ConsentGrant, granted: Entry | None) -> list[str]:
    digest = None if granted is None else granted.data.get("withdraw_digest")
    if digest is None or digest == link_digest(grant.terms_salt, grant.withdraw_token_hash or ""):
        return []
    return ["withdraw_token_hash"]
