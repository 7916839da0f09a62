"""A partner's own pages: state, members, API keys and consents."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import selectors
from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.models import MemberRole, Scope
from accounts.pages.forms import ConsentRequestForm, InvitationForm, KeyForm
from accounts.portraits import portrait_of
from accounts.services import api_keys, consent, members
from provenance.common.errors import CodedError
from provenance.common.keyset import shown_page
from provenance.pages.in_language import refusal_in_language

CONSENTS_PER_PAGE = 25


def _home(request: HttpRequest, actor: Actor, *, status: int = 200, **context: object) -> HttpResponse:
    partner = policy.require_partner(actor)
    membership = selectors.membership_of(actor.user) if actor.user else None
    consents = shown_page(
        selectors.consents_of(partner),
        cursor=request.GET.get("cursor"),
        size=CONSENTS_PER_PAGE,
        scope=f"consents:{partner.id}",
    )
    page = {
        "partner": partner,
        "is_owner": membership is not None and membership.is_owner,
        "memberships": partner.memberships.select_related("user"),
        "invitations": partner.invitations.filter(accepted_at=None, expires_at__gt=timezone.now()),
        "keys": partner.api_keys.all(),
        "consents": consents,
        "key_form": KeyForm(),
        "invitation_form": InvitationForm(),
        **context,
    }
    return render(request, "accounts/partner_home.html", page, status=status)


@require_safe
@member_page
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Everything about the organisation on one page."""
    return _home(request, actor)


@require_POST
@member_page
def create_key(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Make a key and show it, this once: the answer is the page itself, never stored."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _home(request, actor, status=422, key_form=form)
    key, secret = api_keys.create_key(
        partner=policy.require_partner(actor),
        name=form.cleaned_data["name"],
        scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
        expires_at=form.expires_at(),
        actor=actor,
    )
    response = render(request, "accounts/key_created.html", {"key": key, "secret": secret}, status=201)
    add_never_cache_headers(response)
    return response


@require_POST
@member_page
def revoke_key(request: HttpRequest, actor: Actor, key_id: str) -> HttpResponse:
    """Revoke a key."""
    key = api_keys.revoke_key(partner=policy.require_partner(actor), key_id=key_id, actor=actor)
    messages.success(request, gettext("The key {name} was revoked.").format(name=key.name))
    return redirect("partner_home")


@require_POST
@member_page
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Invite somebody into the organisation."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _home(request, actor, status=422, invitation_form=form)
    members.invite(
        partner=policy.require_partner(actor),
        email=form.cleaned_data["email"],
        role=MemberRole(form.cleaned_data["role"]),
        actor=actor,
    )
    said = gettext("An invitation was sent to {email}.")
    messages.success(request, said.format(email=form.cleaned_data["email"]))
    return redirect("partner_home")


@require_POST
@member_page
def remove_member(request: HttpRequest, actor: Actor, membership_id: str) -> HttpResponse:
    """End somebody's membership."""
    members.remove_member(partner=policy.require_partner(actor), membership_id=membership_id, actor=actor)
    messages.success(request, gettext("The membership has ended."))
    return redirect("partner_home")


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def request_consent(request: HttpRequest, actor: Actor, portrait_id: str) -> HttpResponse:
    """Ask for consent for one portrait. The subject's link goes to the subject only."""
    partner = policy.require_partner(actor)
    portrait = portrait_of(partner, portrait_id)
    subject = selectors.subject_of(partner, portrait.subject_id)
    form = ConsentRequestForm(request.POST or None)
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            grant = consent.request_consent(
                actor=actor,
                portrait=portrait,
                subject=subject,
                basis=form.cleaned_data["basis"],
                purpose=form.cleaned_data["purpose"],
                valid_until=form.ends_at(),
                max_videos=form.cleaned_data["max_videos"],
                allows_live=form.cleaned_data["allows_live"],
                statement=form.cleaned_data["statement"],
            )
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
            status = error.status
        else:
            context = {"grant": grant, "subject": subject}
            return render(request, "accounts/consent_requested.html", context, status=201)
    shown: dict[str, object] = {"form": form, "portrait": portrait, "subject": subject}
    return render(request, "accounts/consent_request.html", shown, status=status)
