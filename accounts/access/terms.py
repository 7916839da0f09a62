"""What somebody is asked to agree to, as one digest: in the log with the request, with the yes, and before
the grant.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from provenance.selectors.decisions import digest_of_facts

if TYPE_CHECKING:
    from accounts.models import ConsentGrant

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


def recording_digest(grant: ConsentGrant, sha256: str) -> str:
    """SHA-256 (hex) that ties a yes to the recording (its SHA-256, hex) that came with it."""
    return digest_of_facts("recording", grant.terms_salt, sha256)
