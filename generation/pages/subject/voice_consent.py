"""The speaker's pages: hear the recording, say yes with a code or no, and take a yes back.

Access is by the secret link of the request, or of its receipt, as for portraits.
"""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.decorators import link_page
from accounts.contact_errors import CodeExpired, CodeWrong
from accounts.errors import MediaErased
from accounts.pages.subject_consent import is_no_for_good
from accounts.services import likeness
from accounts.services.contacts.stops import is_stopped
from generation import storage
from generation.models import VoiceConsent, VoiceState
from generation.services.voice_consent import answering


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Who asks, for which recording and what for, with the buttons. A yes needs the code from the contact."""
    if request.method == "POST" and request.POST.get("answer") in {"decline", "decline_and_stop"}:
        is_for_good = request.POST["answer"] == "decline_and_stop"
        return _said_no(request, answering.decline_voice(token, stop_asking=is_for_good))
    if request.method != "POST" and (declined := answering.read_declined_voice(token)) is not None:
        return _said_no(request, declined)
    context: dict[str, object] = {"asked": answering.open_voice(token), "token": token}
    if request.method != "POST":
        return render(request, "generation/voice.html", context)
    if "code" not in request.POST:
        answering.send_voice_code(token)
        return render(request, "generation/voice.html", {**context, "is_sent": True})
    try:
        granted = answering.agree_to_voice(token, code=request.POST["code"])
    except (CodeWrong, CodeExpired) as refusal:
        context |= {"is_sent": True, "refusal": refusal}
        return render(request, "generation/voice.html", context, status=refusal.status)
    return render(request, "generation/voice_answered.html", {"asked": granted})


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def refuse(request: HttpRequest, token: str) -> HttpResponse:
    """Say no with one click, as to a request for a portrait; opening it alone changes nothing."""
    if request.method != "POST":
        if (declined := answering.read_declined_voice(token)) is not None:
            return _said_no(request, declined)
        found = answering.open_voice(token)
        context = {
            "partner": found.driving_audio.partner,
            "purpose": found.purpose,
            "request_page": reverse("voice_link", args=[token]),
            "is_voice": True,
        }
        return render(request, "accounts/consent_no.html", context)
    return _said_no(request, answering.decline_voice(token, stop_asking=is_no_for_good(request)))


def _said_no(request: HttpRequest, declined: VoiceConsent) -> HttpResponse:
    stops = is_stopped(contact=declined.contact, partner=declined.driving_audio.partner)
    return render(request, "generation/voice_answered.html", {"asked": declined, "is_stopped": stops})


@require_safe
@link_page
def sound(request: HttpRequest, token: str) -> FileResponse:
    """The recording that is asked about, while the link can be answered."""
    audio = answering.open_voice(token).driving_audio
    if audio.is_erased:
        raise MediaErased("This recording was erased.")
    response = FileResponse(storage.open_file(audio.audio_key), content_type="audio/wav")
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def receipt(request: HttpRequest, token: str) -> HttpResponseBase:
    """What was agreed to, and the way to withdraw."""
    found = answering.voice_behind_receipt(token)
    if request.method == "POST":
        answering.withdraw_voice(found)
        return redirect("voice_receipt", token=token)
    may_withdraw = found.state == VoiceState.GRANTED
    return render(request, "generation/voice_receipt.html", {"asked": found, "may_withdraw": may_withdraw})


@require_POST
@link_page
def withdraw(request: HttpRequest, token: str, voice_consent_id: str) -> HttpResponseBase:
    """Withdraw one voice from My likeness."""
    contact = likeness.open_contact(token)
    answering.withdraw_voice(answering.voice_of_contact(contact, voice_consent_id))
    return redirect("my_likeness", token=token)
