"""Pages on which operators approve, refuse, suspend and reinstate partners."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from accounts import selectors
from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.duplicates import doubtful_among, duplicates_of
from accounts.models import LabelPolicy, Partner, PartnerState, ReviewPolicy, StaffRole
from accounts.pages.forms import LabelPolicyForm, QuotasForm, ReasonForm, RetentionForm, ReviewPolicyForm
from accounts.services import partners
from provenance.common.errors import NotFound
from provenance.common.keyset import shown_page

PARTNERS_PER_PAGE = 50
MOST_APPLICANTS = 50

DECISIONS: dict[str, Callable[..., Partner]] = {
    "approve": partners.approve,
    "refuse": partners.refuse,
    "suspend": partners.suspend,
    "reinstate": partners.reinstate,
}
POSSIBLE: dict[PartnerState, tuple[tuple[str, str], ...]] = {
    PartnerState.APPLIED: (
        ("approve", _("Approve this organisation")),
        ("refuse", _("Refuse this organisation")),
    ),
    PartnerState.APPROVED: (("suspend", _("Suspend this organisation")),),
    PartnerState.SUSPENDED: (("reinstate", _("Reinstate this organisation")),),
    PartnerState.REFUSED: (),
}
BECAME: dict[PartnerState, str] = {
    PartnerState.APPROVED: _("{partner} is now approved."),
    PartnerState.REFUSED: _("{partner} is now refused."),
    PartnerState.SUSPENDED: _("{partner} is now suspended."),
}


@require_safe
@staff_page(StaffRole.OPERATOR)
def partner_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All partners; those who wait are on every page, before the others. `?state=` shows one state only."""
    chosen = request.GET.get("state", "")
    state = chosen if chosen in PartnerState.values else None
    page = shown_page(
        selectors.partners_for_operator(state),
        cursor=request.GET.get("cursor"),
        size=PARTNERS_PER_PAGE,
        scope=f"partners:{state}",
    )
    applicants = selectors.partners_for_operator(PartnerState.APPLIED)[:MOST_APPLICANTS]
    context = {
        "partners": page,
        "applicants": [] if state else applicants,
        "doubtful": doubtful_among(list(applicants)),
        "states": PartnerState.choices,
        "chosen": chosen,
    }
    return render(request, "accounts/operator_partners.html", context)


def _detail(
    request: HttpRequest,
    partner: Partner,
    *,
    status: int = 200,
    form: ReasonForm | None = None,
    retention_form: RetentionForm | None = None,
    quotas_form: QuotasForm | None = None,
) -> HttpResponse:
    context = {
        "partner": partner,
        "possible": POSSIBLE[PartnerState(partner.state)],
        "memberships": partner.memberships.select_related("user"),
        "duplicates": duplicates_of(partner),
        "answers": selectors.answers_to(partner),
        "refusals": selectors.refusals_of(partner),
        "form": form or ReasonForm(),
        "policy_form": ReviewPolicyForm(initial={"review_policy": partner.review_policy}),
        "label_form": LabelPolicyForm(initial={"label_policy": partner.label_policy}),
        "retention_form": retention_form or RetentionForm(initial=vars(partner)),
        "quotas_form": quotas_form or QuotasForm(initial=vars(partner)),
    }
    return render(request, "accounts/operator_partner.html", context, status=status)


@require_safe
@staff_page(StaffRole.OPERATOR)
def partner_detail(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """One partner and what can be decided about it."""
    return _detail(request, selectors.partner_for_operator(partner_id))


@require_POST
@staff_page(StaffRole.OPERATOR)
def decide(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """Approve, refuse, suspend or reinstate, with a reason."""
    decision = DECISIONS.get(request.POST.get("decision", ""))
    if decision is None:
        raise NotFound(_("There is no such decision."))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, selectors.partner_for_operator(partner_id), status=422, form=form)
    partner = decision(partner_id=partner_id, actor=actor, reason=form.cleaned_data["reason"])
    said = gettext(BECAME[PartnerState(partner.state)])
    messages.success(request, said.format(partner=partner.name))
    return redirect("operator_partner", partner_id=partner.id)


@require_POST
@staff_page(StaffRole.OPERATOR)
def invite_contact(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """Send the contact another invitation, while nobody has joined."""
    invitation = partners.invite_contact(partner_id=partner_id, actor=actor)
    said = gettext("An invitation was sent to {email}.")
    messages.success(request, said.format(email=invitation.email))
    return redirect("operator_partner", partner_id=partner_id)


@require_POST
@staff_page(StaffRole.OPERATOR)
def set_review_policy(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """Say whether a reviewer looks at every video of the partner."""
    form = ReviewPolicyForm(request.POST)
    if not form.is_valid():
        return _detail(request, selectors.partner_for_operator(partner_id), status=422)
    partners.set_review_policy(
        partner_id=partner_id, review_policy=ReviewPolicy(form.cleaned_data["review_policy"]), actor=actor
    )
    messages.success(request, gettext("The review policy was changed."))
    return redirect("operator_partner", partner_id=partner_id)


@require_POST
@staff_page(StaffRole.OPERATOR)
def set_label_policy(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """Say whether the partner may make videos without a visible label."""
    form = LabelPolicyForm(request.POST)
    if not form.is_valid():
        return _detail(request, selectors.partner_for_operator(partner_id), status=422)
    partners.set_label_policy(
        partner_id=partner_id, label_policy=LabelPolicy(form.cleaned_data["label_policy"]), actor=actor
    )
    messages.success(request, gettext("The label policy was changed."))
    return redirect("operator_partner", partner_id=partner_id)


@require_POST
@staff_page(StaffRole.OPERATOR)
def set_retention(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """Say how long the partner's media outlive their consent."""
    form = RetentionForm(request.POST)
    if not form.is_valid():
        partner = selectors.partner_for_operator(partner_id)
        return _detail(request, partner, status=422, retention_form=form)
    partners.set_retention(partner_id=partner_id, actor=actor, **form.cleaned_data)
    messages.success(request, gettext("The days were changed."))
    return redirect("operator_partner", partner_id=partner_id)


@require_POST
@staff_page(StaffRole.OPERATOR)
def set_quotas(request: HttpRequest, actor: Actor, partner_id: str) -> HttpResponse:
    """Say what the partner may have."""
    form = QuotasForm(request.POST)
    if not form.is_valid():
        partner = selectors.partner_for_operator(partner_id)
        return _detail(request, partner, status=422, quotas_form=form)
    partners.set_quotas(partner_id=partner_id, actor=actor, **form.cleaned_data)
    messages.success(request, gettext("The quotas were changed."))
    return redirect("operator_partner", partner_id=partner_id)
