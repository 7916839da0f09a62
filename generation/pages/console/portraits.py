"""Partner console: pages for taking in a portrait, looking at what became of it and deleting it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from accounts.portraits import portrait_picture
from accounts.services.subjects import name_subject
from generation import selectors
from generation.downloads import still_file
from generation.intake.refusals import IntakeRefused
from generation.pages.console.marked_picture import picture_of_refusal, picture_of_warnings
from generation.pages.devices import allows_devices
from generation.pages.forms.uploads import NEW_SUBJECT, PortraitForm
from generation.services import uploads
from generation.services.erasure import deletion
from generation.tasks import describe_portrait_soon
from provenance.common.errors import CodedError
from provenance.pages.in_language import refusal_in_language


@require_http_methods(["GET", "HEAD", "POST"])
@allows_devices("camera")
@member_page
def new_portrait(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Upload a portrait, and choose a face where there are several; the next page shows what became of it.

    htmx gets the part of the page that advises alone, so that the browser keeps the chosen file.
    """
    form = PortraitForm(request.POST or None, request.FILES or None, partner=require_partner(actor))
    context: dict[str, object] = {"form": form, "is_part": bool(getattr(request, "htmx", False))}
    if request.method == "POST" and form.is_valid():
        try:
            portrait = uploads.upload_portrait(
                actor=actor,
                subject_id=lambda: _subject_id(actor, form),
                file=form.cleaned_data["file"],
                choices=form.choices(),
            )
        except CodedError as error:
            form.add_error(None, refusal_in_language(error))
            if isinstance(error, IntakeRefused):
                context["marked"] = picture_of_refusal(error)
        else:
            describe_portrait_soon(portrait.pk)
            return _to_portrait(request, portrait.id, is_part=bool(context["is_part"]))
    if request.method == "POST" and context["is_part"]:
        return render(request, "generation/_intake_advice.html", context)  # htmx shows only what is 200
    status = 422 if request.method == "POST" else 200
    return render(request, "generation/portrait_new.html", context, status=status)


def _to_portrait(request: HttpRequest, portrait_id: str, *, is_part: bool) -> HttpResponse:
    messages.success(request, gettext("The portrait was taken in."))
    if not is_part:
        return redirect("portrait", portrait_id=portrait_id)
    return HttpResponse(headers={"HX-Redirect": reverse("portrait", args=[portrait_id])})


def _subject_id(actor: Actor, form: PortraitForm) -> str:
    if form.cleaned_data["subject"] != NEW_SUBJECT:
        return str(form.cleaned_data["subject"])
    subject = name_subject(
        actor=actor,
        display_name=form.cleaned_data["display_name"],
        email=form.cleaned_data["email"],
        phone=form.cleaned_data["phone"],
        language=form.cleaned_data["language"] or settings.LANGUAGE_CODE,
    )
    return subject.id


@require_safe
@member_page
def portrait(request: HttpRequest, actor: Actor, portrait_id: str) -> HttpResponse:
    """A portrait before anything is asked of its subject: the neutral still, and advice with its places."""
    found = selectors.portrait_of(require_partner(actor), portrait_id)
    address = reverse("portrait_file", args=[found.id])
    context = {
        "portrait": found,
        "marked": picture_of_warnings(found, address),
        "card": selectors.portrait_card(found),
    }
    return render(request, "generation/portrait.html", context)


@require_safe
@member_page
def picture(request: HttpRequest, actor: Actor, portrait_id: str) -> FileResponse:
    """The stored picture."""
    return portrait_picture(selectors.portrait_of(require_partner(actor), portrait_id))


@require_safe
@member_page
def still(request: HttpRequest, actor: Actor, portrait_id: str) -> FileResponse:
    """The neutral still."""
    return still_file(selectors.portrait_of(require_partner(actor), portrait_id))


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def delete_portrait(request: HttpRequest, actor: Actor, portrait_id: str) -> HttpResponse:
    """Ask once more, then erase a portrait."""
    portrait = selectors.portrait_of(require_partner(actor), portrait_id)
    if request.method == "POST":
        deletion.delete_portrait(actor=actor, portrait_id=portrait_id)
        messages.success(request, gettext("The portrait was deleted."))
        return redirect("console")
    return render(request, "generation/delete.html", {"portrait": portrait})
