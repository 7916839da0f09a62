"""Checks before anything of a live session is shown: partner, policy, consent, and what the log says."""

from __future__ import annotations

from accounts.access.policy import require_active
from accounts.errors import ConsentNotLive
from accounts.models import ConsentGrant, Partner, ReviewPolicy
from accounts.services.consent import require_in_force
from generation.models import LiveSession, Voice
from generation.services.live.refusals import LiveNotAllowed


def require_live_allowed(partner: Partner) -> None:
    """Let a partner pass that is active and whose videos are released without a look.

    No reviewer can look at a live frame before it is seen, so partners whose videos are reviewed get none.
    Raises PartnerNotActive, LiveNotAllowed.
    """
    require_active(partner)
    current = Partner.objects.only("review_policy").get(pk=partner.pk)
    if current.review_policy != ReviewPolicy.RELEASE:
        raise LiveNotAllowed


def require_permission(session: LiveSession) -> None:
    """Require, as database and log say now, that the partner may stream and that the consent names live use.

    Raises PartnerNotActive, LiveNotAllowed, ConsentNotLive, ConsentWithdrawn and the like.
    """
    require_live_allowed(session.partner)
    if not require_in_force(session.consent).allows_live or session.voice == Voice.SPEAKER:
        raise ConsentNotLive


def lock_permission(session: LiveSession) -> None:
    """As `require_permission`, and nobody can suspend or withdraw until the present transaction ends.

    Locks are taken in the order partner, consent, session, as for jobs.
    """
    Partner.objects.select_for_update().get(pk=session.partner_id)
    ConsentGrant.objects.select_for_update().get(pk=session.consent_id)
    require_permission(session)
