"""Pages of the register "never my face": anybody proves a contact, records their face, and ends it again.

Access is by the link that was sent to the contact, as in `my_likeness`.
"""

from __future__ import annotations

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access.decorators import link_page, public_page
from accounts.live_errors import PhraseExpired, RecordingUnusable
from accounts.models import Contact
from accounts.services import likeness
from accounts.tasks import send_likeness_link_soon
from generation.live_check.report import LiveWarning
from generation.models import FaceRegistration
from generation.pages.devices import allows_devices
from generation.pages.subject.live_check import words_to_read
from generation.services.face_register.registering import (
    newest_registration,
    receive_registration,
    withdraw_registrations,
)
from generation.services.live_check.receiving import is_received
from generation.tasks import check_registration_soon
from provenance.common.errors import InvalidInput
from provenance.common.rate_limit import PUBLIC_FORMS_PER_MINUTE, client_address, count_call

LONGEST_ADDRESS = 254
# Why a recording did not pass, as the person in it is told.
REASONS = {
    LiveWarning.UNREADABLE: _("The recording could not be read to its end."),
    LiveWarning.NO_FACE: _("For much of the recording your face was not seen."),
    LiveWarning.SEVERAL_FACES: _("More than one face was seen."),
    LiveWarning.NOT_TURNED: _("The turn of the head was not seen, or it was to the other side."),
    LiveWarning.FLAT: _("The face moved as a flat picture does. Turn your head further."),
    LiveWarning.SILENT: _("Nobody was heard speaking."),
    LiveWarning.PHRASE_NOT_HEARD: _("The words were not heard. Read them aloud, slowly, without noise."),
    LiveWarning.LIPS_DO_NOT_FOLLOW: _("The lips and the voice did not fit together."),
    LiveWarning.CUT: _("Picture or sound were interrupted."),
    LiveWarning.OWN_VIDEO: _("The recording shows a video that was made here."),
    LiveWarning.SEEN_BEFORE: _("The same recording was sent before."),
}


def shown(contact: Contact) -> dict[str, object]:
    """What the page My likeness says about the register."""
    found = newest_registration(contact)
    if found is None or found.withdrawn_at is not None:
        return {"registration": None}
    return {
        "registration": found,
        "registration_reasons": [REASONS[LiveWarning(code)] for code in found.warnings],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Have a link sent to a contact, whether or not it is known here. The answer is the same."""
    if request.method != "POST":
        return render(request, "generation/never_my_face.html")
    count_call(f"likeness:{client_address(request)}", limit=PUBLIC_FORMS_PER_MINUTE)
    address = request.POST.get("address", "").strip()[:LONGEST_ADDRESS]
    try:
        contact = likeness.contact_to_register(address)
    except InvalidInput:
        context = {"address": address, "is_wrong": True}
        return render(request, "generation/never_my_face.html", context, status=422)
    if contact is not None:
        send_likeness_link_soon(contact)
    return render(request, "generation/never_my_face.html", {"address": address, "is_sent": True})


@require_http_methods(["GET", "HEAD", "POST"])
@allows_devices("camera", "microphone")
@csp_update({"media-src": "blob:"})  # to look at what was recorded
@link_page
def register(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show words that were drawn for this one recording, and take the recording in."""
    contact = likeness.open_contact(token)
    if request.method != "POST":
        return _page(request, token, contact)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise RecordingUnusable
        row = receive_registration(
            contact,
            ticket=request.POST.get("ticket", ""),
            file=file,
            is_live=request.POST.get("is_live") == "yes",
        )
    except (RecordingUnusable, PhraseExpired) as refusal:
        rows = FaceRegistration.objects.filter(contact=contact)
        if file is not None and is_received(rows, request.POST.get("ticket", ""), file):
            return redirect("my_likeness", token=token)
        return _page(request, token, contact, refusal=refusal, status=refusal.status)
    check_registration_soon(row.pk)
    return redirect("my_likeness", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def withdraw(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask once more, then erase what was registered."""
    contact = likeness.open_contact(token)
    if request.method == "POST":
        withdraw_registrations(contact)
        return redirect("my_likeness", token=token)
    return render(request, "generation/face_register_end.html", {"token": token})


def _page(
    request: HttpRequest, token: str, contact: Contact, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {
        "token": token,
        **words_to_read(contact),
        **more,
    }
    return render(request, "generation/face_register.html", context, status=status)
