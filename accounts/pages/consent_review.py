"""Pages on which reviewers confirm, refuse or revoke attested consents."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from accounts import selectors
from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import ConsentState, StaffRole
from accounts.portraits import is_matched, portrait_picture
from accounts.services import consent
from provenance.common.errors import NotFound
from provenance.common.keyset import shown_page

ATTESTATIONS_PER_PAGE = 25


@require_safe
@staff_page(StaffRole.REVIEWER)
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The attestations that wait, oldest first, without those of the reviewer's own partner."""
    assert actor.user is not None  # noqa: S101  staff pages have a person
    page = shown_page(
        selectors.attestations_for(actor.user),
        cursor=request.GET.get("cursor"),
        size=ATTESTATIONS_PER_PAGE,
        scope="attestations",
    )
    return render(request, "accounts/consent_queue.html", {"grants": page})


@require_safe
@staff_page(StaffRole.REVIEWER)
def detail(request: HttpRequest, actor: Actor, consent_id: str) -> HttpResponse:
    """One attestation with its portrait and statement."""
    grant = selectors.attestation(consent_id)
    policy.require_other_partner(actor, grant.partner)
    context = {
        "grant": grant,
        "is_waiting": grant.current_state == ConsentState.ATTESTED,
        "is_described": grant.portrait.described_at is not None,
        "has_match": is_matched(grant),
        "is_granted": grant.current_state == ConsentState.GRANTED,
    }
    return render(request, "accounts/consent_review.html", context)


@require_safe
@staff_page(StaffRole.REVIEWER)
def picture(request: HttpRequest, actor: Actor, consent_id: str) -> FileResponse:
    """The portrait of an attestation, for reviewers only."""
    grant = selectors.attestation(consent_id)
    policy.require_other_partner(actor, grant.partner)
    return portrait_picture(grant.portrait)


@require_POST
@staff_page(StaffRole.REVIEWER)
def decide(request: HttpRequest, actor: Actor, consent_id: str) -> HttpResponse:
    """Confirm, refuse, or take a confirmation back; the last two with a reason."""
    decision = request.POST.get("decision", "")
    reason = request.POST.get("reason", "")[:500]
    if decision == "confirm":
        consent.confirm(grant_id=consent_id, actor=actor)
        messages.success(request, gettext("The attestation is confirmed."))
        return redirect("consent_queue")
    if decision == "refuse":
        consent.refuse(grant_id=consent_id, actor=actor, reason=reason)
        messages.success(request, gettext("The attestation is refused."))
        return redirect("consent_queue")
    if decision == "withdraw":
        consent.withdraw_confirmed(grant_id=consent_id, actor=actor, reason=reason)
        messages.success(request, gettext("The confirmation is revoked."))
        return redirect("consent_review", consent_id=consent_id)
    raise NotFound(_("There is no such decision."))
