"""What somebody is asked to agree to, and where they are asked, as digests: in the log with the request, with
the yes, and before the grant.

All are salted with the row's `terms_salt`: the log is public, and nobody may confirm a guess by it, nor see
that two partners ask one person.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from provenance.selectors.decisions import digest_of_facts

if TYPE_CHECKING:
    from accounts.models import ConsentGrant, Contact

# As `auditlog_fsck --state` names them: a digest that differs does not say in which of them.
TERMS = ("purpose", "max_videos", "valid_until", "statement", "terms_salt")


def terms_digest(grant: ConsentGrant) -> str:
    """SHA-256 (hex) of what a request shows: who asks, about which picture, for what, how often, until when.

    Name and website of the partner and the portrait's digest are in it, since they are shown too.
    """
    return digest_of_facts(
        "terms",
        grant.terms_salt,
        grant.partner_id,
        grant.partner.name,
        grant.partner.website,
        grant.portrait_id,
        grant.portrait.sha256,
        grant.subject_id,
        str(grant.basis),
        grant.purpose,
        grant.statement,
        grant.max_videos,
        grant.valid_until.astimezone(UTC).isoformat(),
    )


def contact_digest(grant: ConsentGrant) -> str:
    """SHA-256 (hex) of which contact a request is sent to, if any, and until when its link works."""
    until = grant.link_expires_at.astimezone(UTC).isoformat() if grant.link_expires_at else None
    return digest_of_facts("contact", grant.terms_salt, grant.contact_id, until)


def address_digest(contact: Contact, salt: str) -> str:
    """SHA-256 (hex) of the mailbox or number that a contact is, until it is erased."""
    return digest_of_facts("address", salt, str(contact.channel), contact.address)


def link_digest(salt: str, token_hash: str) -> str:
    """SHA-256 (hex) that ties a request or receipt to the link that was sent (its token's SHA-256, hex)."""
    return digest_of_facts("link", salt, token_hash)


def recording_digest(grant: ConsentGrant, sha256: str) -> str:
    """SHA-256 (hex) that ties a yes to the recording (its SHA-256, hex) that came with it."""
    return digest_of_facts("recording", grant.terms_salt, sha256)
