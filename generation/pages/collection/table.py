"""Many videos from a table: checked first, then submitted, with an answer for each line."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.batch.submission import check_lines, submit_lines
from generation.batch.table import COLUMNS, LONGEST_TABLE, MOST_LINES, TableInvalid, read_table
from provenance.common.errors import CodedError
from provenance.pages.in_language import refusal_in_language

MOST_NAMES: Final = 20


class TableForm(forms.Form):
    """A table as a file, or written into the page."""

    file = forms.FileField(
        label=_("Table"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    text = forms.CharField(
        label=_("Or written here"),
        required=False,
        strip=False,
        max_length=LONGEST_TABLE,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = gettext("CSV, {number} lines at most. The first line names the columns.")
        self.fields["file"].help_text = said.format(number=MOST_LINES)

    def clean(self) -> dict[str, Any]:
        """The text of either as `table`."""
        values = super().clean() or {}
        file, text = values.get("file"), values.get("text") or ""
        if file is not None:
            if file.size > LONGEST_TABLE:
                said = gettext("The table has more than {most} bytes.")
                raise forms.ValidationError(said.format(most=LONGEST_TABLE))
            try:
                text = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(refusal_in_language(TableInvalid())) from error
        if not text.strip():
            raise forms.ValidationError(_("Choose a file, or write the table here."))
        values["table"] = text
        return values


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def table(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Check a table and show what each line would do; once confirmed, submit it."""
    partner = require_partner(actor)
    form = TableForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {
        "form": form,
        "columns": COLUMNS,
        "portraits": selectors.usable_portraits_of(partner)[:MOST_NAMES],
        "recordings": selectors.all_driving_audio_of(partner)[:MOST_NAMES],
    }
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            lines = read_table(form.cleaned_data["table"], partner)
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
        else:
            is_confirmed = request.POST.get("confirmed") == "yes"
            key = request.POST.get("key") or secrets.token_urlsafe(16)
            answers = (
                submit_lines(actor=actor, lines=lines, key=key[:64])
                if is_confirmed
                else check_lines(actor=actor, lines=lines)
            )
            right = sum(answer.refusal is None for answer in answers)
            context |= {
                "answers": answers,
                "is_submitted": is_confirmed,
                "right": right,
                "wrong": len(answers) - right,
                "key": key,
                "form": TableForm(initial={"text": form.cleaned_data["table"]}),
                "table": form.cleaned_data["table"],
            }
            status = 200
    return render(request, "generation/jobs_from_table.html", context, status=status)
