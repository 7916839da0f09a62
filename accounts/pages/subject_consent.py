"""The subject's pages: answer a consent request with a code, see the receipt, withdraw.

Access is by secret link. There is no account, and a wrong link gives the same page as no link.
"""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.decorators import link_page
from accounts.contact_errors import CodeExpired, CodeWrong
from accounts.live_errors import RecordingMissing
from accounts.models import ConsentGrant, ConsentState
from accounts.portraits import portrait_picture
from accounts.selectors import namesakes_of
from accounts.services import consent
from accounts.services.contacts.codes import was_sent
from accounts.services.contacts.limits import COOL_DOWN
from accounts.services.contacts.stops import is_stopped
from provenance.common.errors import InvalidInput


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def answer(request: HttpRequest, token: str) -> HttpResponseBase:
    """Who asks, for what, until when and how often, with the buttons. Only a button changes anything.

    A no counts at once. A yes needs a recording, which shows that the subject is the person in the portrait,
    and the code that is sent to their contact; until both were looked at it can be taken back here.
    """
    if request.method != "POST":
        if (declined := consent.read_declined(token)) is not None:
            return _said_no(request, declined)
        found = consent.read_request(token)
        if found.state == ConsentState.RECORDED:
            return render(request, "accounts/consent_recorded.html", {"grant": found, "token": token})
        has_namesake = namesakes_of(found.partner).exists()
        context = {"grant": found, "token": token, "has_namesake": has_namesake}
        return render(request, "accounts/consent.html", context)
    chosen = request.POST.get("answer")
    if chosen == "grant":
        consent.open_link(token)
        return redirect("consent_live", token=token)
    if chosen == "code":
        consent.send_code(token)
        return redirect("consent_code", token=token)
    if chosen in {"decline", "decline_and_stop"}:
        return _said_no(request, consent.decline(token, stop_asking=chosen == "decline_and_stop"))
    raise InvalidInput(
        _("Choose to allow it or to decline."), hint=_("Go back to the page and use one of its buttons.")
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def refuse(request: HttpRequest, token: str) -> HttpResponseBase:
    """Say no with one click: the e-mail links here, and mail programs with a button of their own POST here.

    That button means no to this request and to all further ones of this partner. Whoever has the link may say
    no without more; opening it alone changes nothing, as mail scanners open what they find.
    """
    if request.method != "POST":
        if (declined := consent.read_declined(token)) is not None:
            return _said_no(request, declined)
        found = consent.open_link(token, may_be_recorded=True)
        request_page = reverse("consent_link", args=[token])
        context = {"partner": found.partner, "purpose": found.purpose, "request_page": request_page}
        return render(request, "accounts/consent_no.html", context)
    return _said_no(request, consent.decline(token, stop_asking=is_no_for_good(request)))


def _said_no(request: HttpRequest, declined: ConsentGrant) -> HttpResponse:
    may_ask_from = declined.decided_at + COOL_DOWN if declined.decided_at else None
    context = {
        "grant": declined,
        "is_stopped": is_stopped(contact=declined.contact, partner=declined.partner),
        "may_ask_from": may_ask_from if may_ask_from and may_ask_from > timezone.now() else None,
    }
    return render(request, "accounts/consent_declined.html", context)


def is_no_for_good(request: HttpRequest) -> bool:
    """Whether a no stops further requests too: that of a mail program's own button does."""
    is_from_mail = request.POST.get("List-Unsubscribe") == "One-Click"
    return is_from_mail or request.POST.get("answer") == "decline_and_stop"


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def code(request: HttpRequest, token: str) -> HttpResponseBase:
    """Type in the code that was sent to the contact, which says yes to what was recorded."""
    found = consent.open_link(token)
    context: dict[str, object] = {"grant": found, "token": token}
    if request.method != "POST":
        if not was_sent(found.id):
            return redirect("consent_link", token=token)
        return render(request, "accounts/consent_code.html", context)
    try:
        consent.agree(token, code=request.POST.get("code", ""))
    except (CodeWrong, CodeExpired) as refusal:
        context |= {"refusal": refusal}
        return render(request, "accounts/consent_code.html", context, status=refusal.status)
    except RecordingMissing:  # the page that asks for one says why
        return redirect("consent_live", token=token)
    return redirect("consent_link", token=token)


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
