"""Pages on which a reviewer sees a subject's recording beside the portrait, and decides."""

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
from accounts.models import ConsentGrant, ConsentState, StaffRole
from accounts.portraits import portrait_picture
from accounts.services import consent
from accounts.states import StateConflict
from generation.live_check.report import LiveWarning
from generation.models import LiveRecording
from generation.services.live_check.sealed_files import unseal
from provenance.common.errors import NotFound

# As reviewers read them, in the language of their page.
SENTENCES: dict[LiveWarning, str] = {
    LiveWarning.UNREADABLE: _("The recording could not be read to its end."),
    LiveWarning.NO_FACE: _("For much of the recording there is no face."),
    LiveWarning.SEVERAL_FACES: _("There is more than one face."),
    LiveWarning.ANOTHER_FACE: _("The face differs from the one in the portrait."),
    LiveWarning.NOT_TURNED: _("The head was not turned as was asked for."),
    LiveWarning.FLAT: _("The face moves as a flat picture does."),
    LiveWarning.SILENT: _("Nobody is heard speaking."),
    LiveWarning.PHRASE_NOT_HEARD: _("The words that were asked for were not heard."),
    LiveWarning.LIPS_DO_NOT_FOLLOW: _("The lips do not follow the voice."),
    LiveWarning.CUT: _("Picture or sound were cut."),
    LiveWarning.OWN_VIDEO: _("The recording shows a video that was made here."),
    LiveWarning.SEEN_BEFORE: _("The same recording was sent before."),
}


def _found(actor: Actor, consent_id: str) -> tuple[ConsentGrant, LiveRecording]:
    grant = selectors.recorded_consent(consent_id)
    policy.require_other_partner(actor, grant.partner)
    newest = LiveRecording.objects.filter(consent=grant).first()
    if newest is None:
        raise NotFound
    return grant, newest


@require_safe
@staff_page(StaffRole.REVIEWER)
def detail(request: HttpRequest, actor: Actor, consent_id: str) -> HttpResponse:
    """Portrait and recording side by side, with what the machine says against the recording."""
    grant, recording = _found(actor, consent_id)
    context = {
        "grant": grant,
        "recording": recording,
        "warnings": [(code, SENTENCES[LiveWarning(code)]) for code in recording.warnings],
        "is_waiting": grant.current_state == ConsentState.RECORDED,
        "is_readable": recording.checked_at is not None and LiveWarning.UNREADABLE not in recording.warnings,
    }
    return render(request, "generation/recording_review.html", context)


@require_safe
@staff_page(StaffRole.REVIEWER)
def video(request: HttpRequest, actor: Actor, consent_id: str) -> HttpResponse:
    """The recording, for reviewers only, while it is to be decided on."""
    grant, recording = _found(actor, consent_id)
    if grant.current_state != ConsentState.RECORDED:
        raise NotFound
    return HttpResponse(
        unseal(recording),
        content_type=recording.content_type,
        headers={"Cache-Control": "private, no-store", "Content-Disposition": "inline"},
    )


@require_safe
@staff_page(StaffRole.REVIEWER)
def picture(request: HttpRequest, actor: Actor, consent_id: str) -> FileResponse:
    """The portrait beside it."""
    return portrait_picture(_found(actor, consent_id)[0].portrait)


@require_POST
@staff_page(StaffRole.REVIEWER)
def decide(request: HttpRequest, actor: Actor, consent_id: str) -> HttpResponse:
    """Confirm that it is the same person, or refuse with a reason. Only what was shown can be confirmed."""
    decision = request.POST.get("decision", "")
    if decision == "confirm":
        if request.POST.get("recording") != _found(actor, consent_id)[1].pk:
            raise StateConflict(_("This is not the recording that you were shown."))
        consent.confirm_recorded(grant_id=consent_id, actor=actor)
        messages.success(request, gettext("The consent is granted."))
        return redirect("consent_queue")
    if decision == "refuse":
        consent.refuse_recorded(grant_id=consent_id, actor=actor, reason=request.POST.get("reason", "")[:500])
        messages.success(request, gettext("The recording is refused."))
        return redirect("consent_queue")
    raise NotFound(_("There is no such decision."))
