"""Pages on which reviewers read reports of misuse and close them with a note."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import StaffRole
from provenance.common.keyset import shown_page
from provenance.services.misuse import close_report, open_reports

REPORTS_PER_PAGE = 25
LONGEST_NOTE = 2000


@require_safe
@staff_page(StaffRole.REVIEWER)
def queue(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The open reports, oldest first."""
    page = shown_page(
        open_reports(), cursor=request.GET.get("cursor"), size=REPORTS_PER_PAGE, scope="misuse reports"
    )
    return render(request, "accounts/misuse_queue.html", {"reports": page})


@require_POST
@staff_page(StaffRole.REVIEWER)
def close(request: HttpRequest, actor: Actor, report_id: str) -> HttpResponse:
    """Close a report; what was done about it stands in the note."""
    note = request.POST.get("note", "").strip()[:LONGEST_NOTE]
    if not note:
        messages.error(request, gettext("Say in a few words what was done."))
        return redirect("misuse_queue")
    close_report(report_id, actor=actor.id, note=note)
    messages.success(request, gettext("The report is closed."))
    return redirect("misuse_queue")
