"""The subject's pages: answer a consent request, see the receipt, withdraw. Access is by secret link.

There is no account, and a wrong link gives the same page as no link.
"""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.decorators import link_page
from accounts.models import ConsentState
from accounts.portraits import portrait_picture
from accounts.services import consent
from provenance.common.errors import InvalidInput


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def answer(request: HttpRequest, token: str) -> HttpResponseBase:
    """Who asks, for what, until when and how often, with two buttons. Only a button changes anything."""
    if request.method != "POST":
        return render(request, "accounts/consent.html", {"grant": consent.open_link(token), "token": token})
    chosen = request.POST.get("answer")
    if chosen == "grant":
        return redirect("consent_receipt", token=consent.grant(token).withdraw_token)
    if chosen == "decline":
        return render(request, "accounts/consent_declined.html", {"grant": consent.decline(token)})
    raise InvalidInput(
        "Choose to allow it or to decline.", hint="Go back to the page and use one of its buttons."
    )


@require_safe
@link_page
def picture(request: HttpRequest, token: str) -> FileResponse:
    """The portrait that is asked for, while the link can be answered."""
    return portrait_picture(consent.open_link(token).portrait)


@require_safe
@link_page
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    """What was agreed to, its receipt, and the way to withdraw."""
    grant = consent.open_receipt(token)
    context = {"grant": grant, "token": token, "may_withdraw": grant.state != ConsentState.WITHDRAWN}
    return render(request, "accounts/consent_receipt.html", context)


@require_safe
@link_page
def receipt_file(request: HttpRequest, token: str) -> HttpResponse:
    """The receipt's bytes, exactly those that the digest is of."""
    grant = consent.open_receipt(token)
    return HttpResponse(
        grant.receipt.encode(),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="consent-{grant.id}.json"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def withdraw(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask once more, then take the consent back."""
    grant = consent.open_receipt(token)
    if request.method == "POST":
        consent.withdraw(token)
        return redirect("consent_receipt", token=token)
    if grant.state == ConsentState.WITHDRAWN:
        return redirect("consent_receipt", token=token)
    return render(request, "accounts/consent_withdraw.html", {"grant": grant, "token": token})
