"""The list of a partner's videos: looked for, narrowed down, named."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation import selectors
from generation.models import DrivingAudio, Job
from generation.states import ACTIVE, JobState
from provenance.common.errors import InvalidInput
from provenance.common.keyset import shown_page
from provenance.common.readable_text import require_readable, validate_readable

JOBS_PER_PAGE: Final = 25
LONGEST_TITLE: Final = 80
# Partners think of these, not of the eleven states that a job goes through.
GROUPS: Final[dict[str, tuple[str, frozenset[JobState]]]] = {
    "making": (gettext_noop("Being made"), ACTIVE),
    "review": (gettext_noop("In review"), frozenset({JobState.IN_REVIEW})),
    "released": (gettext_noop("Released"), frozenset({JobState.RELEASED})),
    "none": (
        gettext_noop("Without a video"),
        frozenset({JobState.FAILED, JobState.CANCELLED, JobState.REJECTED}),
    ),
    "revoked": (gettext_noop("Revoked"), frozenset({JobState.REVOKED})),
}


class JobSearch(forms.Form):
    """What is looked for; empty fields match everything. Days are UTC, both included."""

    q = forms.CharField(
        label=_("Title, person or id"),
        required=False,
        max_length=LONGEST_TITLE,
        validators=[validate_readable],
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=lambda: [
            ("", gettext("All")),
            *((name, gettext(group[0])) for name, group in GROUPS.items()),
        ],
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def found_in(self, jobs: QuerySet[Job]) -> QuerySet[Job]:
        """The jobs that fit, in their order. Call it on a valid form."""
        wanted = self.cleaned_data
        if words := wanted["q"].split():
            for word in words:
                fits = Q(title__icontains=word) | Q(portrait__subject__display_name__icontains=word)
                jobs = jobs.filter(
                    fits | Q(pk=word) | Q(rendition__pk=word) | Q(driving_audio__title__icontains=word)
                )
        if wanted["state"]:
            jobs = jobs.filter(state__in=GROUPS[wanted["state"]][1])
        if wanted["since"]:
            jobs = jobs.filter(created_at__gte=datetime.combine(wanted["since"], time(), UTC))
        if wanted["until"]:
            after = datetime.combine(wanted["until"] + timedelta(days=1), time(), UTC)
            jobs = jobs.filter(created_at__lt=after)
        return jobs

    @property
    def is_narrow(self) -> bool:
        """Whether anything is looked for."""
        return any(self.cleaned_data.values()) if self.is_valid() else True

    def scope(self) -> str:
        """What the cursors of this search belong to."""
        values: dict[str, Any] = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16] if values else ""


@require_safe
@member_page
def jobs(request: HttpRequest, actor: Actor) -> HttpResponse:
    """All jobs that fit the search, page by page."""
    partner = require_partner(actor)
    asked = {name: value for name, value in request.GET.items() if name in JobSearch.base_fields}
    search = JobSearch(asked)
    found = None
    if search.is_valid():
        scope = f"jobs:{partner.id}:{search.scope()}".rstrip(":")
        found = shown_page(
            search.found_in(selectors.jobs_of(partner)),
            cursor=request.GET.get("cursor"),
            size=JOBS_PER_PAGE,
            scope=scope,
        )
    context = {"jobs": found, "search": search, "has_any": Job.objects.filter(partner=partner).exists()}
    return render(request, "generation/jobs.html", context, status=200 if found is not None else 422)


@require_POST
@member_page
def name_job(request: HttpRequest, actor: Actor, job_id: str) -> HttpResponse:
    """Give a video a title, or take it away."""
    job = selectors.job_of(require_partner(actor), job_id)
    Job.objects.filter(pk=job.pk).update(title=_title(request))
    messages.success(request, gettext("The title was changed."))
    return redirect("job", job_id=job.pk)


@require_POST
@member_page
def name_driving_audio(request: HttpRequest, actor: Actor, driving_audio_id: str) -> HttpResponse:
    """Give a recording a name, or take it away."""
    found = selectors.driving_audio_of(require_partner(actor), driving_audio_id)
    DrivingAudio.objects.filter(pk=found.pk).update(title=_title(request))
    messages.success(request, gettext("The name was changed."))
    return redirect("console")


def _title(request: HttpRequest) -> str:
    title = " ".join(request.POST.get("title", "").split())
    if len(title) > LONGEST_TITLE:
        raise InvalidInput(gettext_noop("A title has {most} characters at most.").format(most=LONGEST_TITLE))
    require_readable(title, field="title")
    return title
