"""Pages of "My likeness": a subject sees and ends everything that was made with their face.

There is no account. A fresh link is sent to the contact at which the subject is asked; the pages behind it
show the consents and videos of every partner.
"""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.decorators import link_page, public_page
from accounts.models import ConsentState
from accounts.portraits import portrait_picture
from accounts.services import likeness
from accounts.tasks import send_likeness_link_soon
from generation import selectors
from generation.downloads import rendition_file
from generation.pages.subject import face_register
from generation.services.likeness.erasing import erase_everything
from generation.services.likeness.export import export_everything
from generation.services.voice_consent.answering import voices_of_contact
from provenance.common.errors import InvalidInput
from provenance.common.keyset import shown_page
from provenance.common.rate_limit import PUBLIC_FORMS_PER_MINUTE, client_address, count_call

VIDEOS_PER_PAGE = 12
MOST_IN_MAKING = 50  # more than the consents of one person usually cover
MOST_SESSIONS = 24  # the newest; all of them are in the archive
LONGEST_ADDRESS = 254


@require_http_methods(["GET", "HEAD", "POST"])
@public_page
def ask_for_link(request: HttpRequest) -> HttpResponse:
    """Have a link sent. The answer is the same whether or not the address is known."""
    if request.method != "POST":
        return render(request, "generation/likeness.html")
    count_call(f"likeness:{client_address(request)}", limit=PUBLIC_FORMS_PER_MINUTE)
    address = request.POST.get("address", "").strip()[:LONGEST_ADDRESS]
    try:
        contact = likeness.contact_to_write_to(address)
    except InvalidInput:
        return render(request, "generation/likeness.html", {"address": address, "is_wrong": True}, status=422)
    if contact is not None:
        send_likeness_link_soon(contact)
    return render(request, "generation/likeness.html", {"address": address, "is_sent": True})


@require_safe
@link_page
def overview(request: HttpRequest, token: str) -> HttpResponse:
    """Every consent and every video, with who, when and why, and the ways to end them."""
    contact = likeness.open_contact(token)
    grants = list(likeness.granted_by_contact(contact))
    videos = shown_page(
        selectors.renditions_under(grants),
        cursor=request.GET.get("cursor"),
        size=VIDEOS_PER_PAGE,
        scope=f"videos of:{contact.id}",
    )
    sessions = selectors.live_sessions_under(grants)
    stopped = set(contact.stops.values_list("partner_id", flat=True))
    context = {
        "token": token,
        "contact": contact,
        "grants": grants,
        "videos": videos,
        "in_making": list(selectors.jobs_in_making_under(grants)[:MOST_IN_MAKING]),
        "video_count": selectors.renditions_under(grants).count(),
        "sessions": list(sessions[:MOST_SESSIONS]),
        "session_count": sessions.count(),
        "has_something_to_withdraw": any(grant.state != ConsentState.WITHDRAWN for grant in grants),
        "partners": [(partner, partner.id in stopped) for partner in likeness.partners_of_contact(contact)],
        "is_stopped_at_all": None in stopped,
        **face_register.shown(contact),
        "voices": voices_of_contact(contact),
    }
    return render(request, "generation/my_likeness.html", context)


@require_safe
@link_page
def portrait(request: HttpRequest, token: str, consent_id: str) -> FileResponse:
    """The portrait of one consent."""
    return portrait_picture(likeness.consent_of_contact(likeness.open_contact(token), consent_id).portrait)


@require_safe
@link_page
def video(request: HttpRequest, token: str, rendition_id: str) -> HttpResponseBase:
    """One video, in whatever state it is: the subject sees also what was withdrawn or was never released."""
    grants = likeness.granted_by_contact(likeness.open_contact(token))
    return rendition_file(request, selectors.rendition_under(grants, rendition_id), as_attachment=False)


@require_safe
@link_page
def live_session(request: HttpRequest, token: str, session_id: str) -> HttpResponseBase:
    """The file of one live session that was kept, whatever has become of its record."""
    grants = likeness.granted_by_contact(likeness.open_contact(token))
    return rendition_file(request, selectors.kept_session_under(grants, session_id), as_attachment=False)


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def withdraw(request: HttpRequest, token: str, consent_id: str) -> HttpResponseBase:
    """Ask once more, then withdraw one consent."""
    contact = likeness.open_contact(token)
    grant = likeness.consent_of_contact(contact, consent_id)
    if request.method == "POST":
        likeness.withdraw_one(contact, consent_id)
    if request.method == "POST" or grant.state == ConsentState.WITHDRAWN:
        return redirect("my_likeness", token=token)
    return render(request, "generation/my_likeness_withdraw.html", {"token": token, "grant": grant})


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def withdraw_all(request: HttpRequest, token: str) -> HttpResponseBase:
    """Ask once more, then withdraw everything."""
    contact = likeness.open_contact(token)
    if request.method == "POST":
        likeness.withdraw_all(contact)
        return redirect("my_likeness", token=token)
    return render(request, "generation/my_likeness_withdraw.html", {"token": token, "grant": None})


@require_POST
@link_page
def export(request: HttpRequest, token: str) -> HttpResponseBase:
    """Everything about the holder of the contact, in one archive."""
    count_call(f"export:{client_address(request)}", limit=PUBLIC_FORMS_PER_MINUTE)
    contact = likeness.open_contact(token)
    return StreamingHttpResponse(
        export_everything(contact),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="my-likeness.zip"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@link_page
def erase(request: HttpRequest, token: str) -> HttpResponse:
    """Say what goes and what survives, ask once more, then erase everything."""
    contact = likeness.open_contact(token)
    is_sure = request.POST.get("sure") == "yes"
    if request.method == "POST" and is_sure:
        context: dict[str, object] = {"erased": erase_everything(contact)}
        return render(request, "generation/my_likeness_erased.html", context)
    is_unsure = request.method == "POST"
    context = {
        "token": token,
        "contact": contact,
        "is_unsure": is_unsure,
        "has_registered_face": contact.face_registrations.filter(withdrawn_at=None).exists(),
    }
    return render(request, "generation/my_likeness_erase.html", context, status=422 if is_unsure else 200)


@require_POST
@link_page
def set_asking(request: HttpRequest, token: str) -> HttpResponseBase:
    """Stop the requests of one partner or of all, or allow them again."""
    choice = request.POST.get("choice")
    if choice not in {"stop", "allow"}:
        raise InvalidInput(
            _("Choose whether you may be asked."), hint=_("Go back and use one of the buttons.")
        )
    likeness.set_asking(
        likeness.open_contact(token), partner_id=request.POST.get("partner", ""), may_ask=choice == "allow"
    )
    return redirect("my_likeness", token=token)
