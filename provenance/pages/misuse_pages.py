"""Public pages to report misuse of a video; reports reach the reviewers."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from provenance.common.errors import CodedError
from provenance.common.rate_limit import PUBLIC_FORMS_PER_MINUTE, client_address, count_call
from provenance.pages.misuse_form import MisuseForm
from provenance.services.misuse import report_misuse


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """The form, with the facts of the verdict that it is about."""
    if request.method != "POST":
        about = {
            "rendition_id": request.GET.get("rendition", ""),
            "file_sha256": request.GET.get("sha256", ""),
            "verdict": request.GET.get("verdict", ""),
        }
        return render(request, "provenance/misuse_report.html", {"form": MisuseForm(initial=about)})
    form = MisuseForm(request.POST)
    try:
        count_call(f"misuse:{client_address(request)}", limit=PUBLIC_FORMS_PER_MINUTE)
    except CodedError as error:
        context = {"form": form, "refusal": f"{gettext(error.message)} {gettext(error.hint)}"}
        return render(request, "provenance/misuse_report.html", context, status=error.status)
    if not form.is_valid():
        return render(request, "provenance/misuse_report.html", {"form": form}, status=422)
    report_misuse(**form.cleaned_data)
    return redirect(f"{reverse('misuse_reported')}?lang={get_language()}")


@require_safe
def reported(request: HttpRequest) -> HttpResponse:
    """What happens next."""
    context = {"takedown_hours": settings.LIKENESS_TAKEDOWN_HOURS}
    return render(request, "provenance/misuse_reported.html", context)
