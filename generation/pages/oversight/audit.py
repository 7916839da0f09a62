"""Pages for auditors: videos and how decisions go, one video with all its proofs, and the export."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import staff_page
from accounts.models import Partner, StaffRole, User
from generation.audit_desk.export import signed_export
from generation.audit_desk.figures import disagreements, figures_of
from generation.audit_desk.history import Question, history_of
from generation.audit_desk.noting import note_export, note_search, note_video
from generation.audit_desk.videos import AuditFilter, videos_found
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.keyset import shown_page
from provenance.log.export_file import ExportForm

VIDEOS_PER_PAGE = 25
MOST_DISAGREEMENTS = 25
_ANYBODY = ("", _("All"))
_QUESTIONS = {
    Question.ALLOWED: _("Who allowed it"),
    Question.MADE: _("Who made it"),
    Question.APPROVED: _("Who approved it"),
    Question.WITHDRAWN: _("Who withdrew it"),
}


class AuditForm(forms.Form):
    """What an auditor looks for."""

    partner = forms.ChoiceField(label=_("Partner"), required=False)
    subject = forms.RegexField(
        label=_("Subject"),
        regex=r"^sub_[A-Za-z0-9_-]{1,60}$",
        required=False,
        help_text=_("An id, as the pages of this desk show it."),
        error_messages={"invalid": _("Write the id of a subject: sub_ and what follows it.")},
    )
    reviewer = forms.ChoiceField(label=_("Reviewer"), required=False)
    since = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: object) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        reviewers = User.objects.filter(staff_roles__role=StaffRole.REVIEWER).order_by("name", "email")
        for name, rows in (
            ("partner", Partner.objects.order_by("name").values_list("id", "name")),
            ("reviewer", [(user.pk, user.get_full_name()) for user in reviewers]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = [_ANYBODY, *rows]

    def wanted(self) -> AuditFilter:
        """The filter; raises InvalidInput with the field that cannot be used."""
        if not self.is_valid():
            said = gettext("The field {field} cannot be used.")
            raise InvalidInput(said.format(field=next(iter(self.errors))))
        values = self.cleaned_data
        since: date | None = values["since"]
        return AuditFilter(values["partner"], values["subject"], values["reviewer"], since, values["until"])


@require_safe
@staff_page(StaffRole.AUDITOR)
def desk(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Videos by partner, subject, reviewer and period, and the figures of the same."""
    form = AuditForm(request.GET)
    if not form.is_valid():
        return render(request, "generation/audit_desk.html", {"form": form}, status=422)
    wanted = form.wanted()
    note_search(actor=actor, wanted=wanted)
    scope = f"audit:{urlencode(wanted.to_json())}"
    found = shown_page(
        videos_found(wanted), cursor=request.GET.get("cursor"), size=VIDEOS_PER_PAGE, scope=scope
    )
    asked = {name: value for name, value in request.GET.items() if name in form.fields and value}
    context = {
        "form": form,
        "videos": found,
        "figures": figures_of(wanted),
        "asked": urlencode(asked),
        "forms": list(ExportForm),
        "disagreements": disagreements(wanted)[:MOST_DISAGREEMENTS],
    }
    return render(request, "generation/audit_desk.html", context)


@require_safe
@staff_page(StaffRole.AUDITOR)
def video(request: HttpRequest, actor: Actor, rendition_id: str) -> HttpResponse:
    """Who allowed, made, approved and withdrew one video."""
    history = history_of(rendition_id)
    note_video(actor=actor, rendition_id=rendition_id)
    answers = [
        {"question": question, "steps": [step for step in history.steps if step.question is part]}
        for part, question in _QUESTIONS.items()
    ]
    context = {"history": history, "rendition": history.rendition, "answers": answers}
    return render(request, "generation/audit_video.html", context)


@require_safe
@staff_page(StaffRole.AUDITOR)
def export(request: HttpRequest, actor: Actor, form: str) -> StreamingHttpResponse:
    """The log entries of a period, signed, as JSON Lines or CSV."""
    if form not in list(ExportForm):
        raise NotFound(gettext("There is no such form of an export."), hint=gettext("It is jsonl or csv."))
    wanted, chosen = AuditForm(request.GET).wanted(), ExportForm(form)
    note_export(actor=actor, wanted=wanted, form=chosen)
    lines = signed_export(wanted, chosen)
    media_type = "text/csv" if chosen is ExportForm.CSV else "application/jsonl"
    response = StreamingHttpResponse(lines, content_type=f"{media_type}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="likeness-log.{chosen.value}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
