"""Pages to apply as a partner, and to join a partner by an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import selectors
from accounts.access.decorators import link_page, public_page
from accounts.models import User
from accounts.pages.forms import PartnerApplicationForm
from accounts.services import members, partners
from provenance.common.rate_limit import PUBLIC_FORMS_PER_MINUTE, client_address, count_call


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def apply(request: HttpRequest) -> HttpResponseBase:
    """The application form. Whoever is signed in becomes the owner at once."""
    user = request.user if isinstance(request.user, User) else None
    if user is not None and selectors.membership_of(user):
        return redirect("partner_home")
    if request.method != "POST":
        initial = {"contact_name": user.name, "contact_email": user.email} if user else {}
        return render(request, "accounts/apply.html", {"form": PartnerApplicationForm(initial=initial)})
    count_call(f"apply:{client_address(request)}", limit=PUBLIC_FORMS_PER_MINUTE)
    form = PartnerApplicationForm(request.POST)
    if not form.is_valid():
        return render(request, "accounts/apply.html", {"form": form}, status=422)
    partners.apply(user=user, **form.cleaned_data)
    return redirect("partner_home" if user else "partner_applied")


@require_safe
@public_page
def applied(request: HttpRequest) -> HttpResponse:
    """What happens next, for an applicant without an account."""
    return render(request, "accounts/applied.html")


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Join a partner. Opening the link changes nothing; the button does."""
    found = members.open_invitation(token=token)
    if not isinstance(request.user, User):
        if request.method == "POST":
            return redirect_to_login(request.get_full_path())
        return render(request, "accounts/invitation.html", {"invitation": found})
    if request.method == "POST":
        membership = members.accept_invitation(token=token, user=request.user)
        said = gettext("You now belong to {partner}.")
        messages.success(request, said.format(partner=membership.partner.name))
        return redirect("partner_home")
    return render(request, "accounts/invitation.html", {"invitation": found})
