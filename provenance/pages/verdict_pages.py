"""Public pages about verdicts: what each means, one that was shared, the page as a telephone's app."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from provenance.common.errors import CodedError
from provenance.common.rate_limit import count_public_call
from provenance.models.record import Record, RecordState
from provenance.pages.in_language import in_language
from provenance.pages.shared_verdict import NotSaidHere, SharedVerdict
from provenance.pages.verdict_labels import FINDINGS, SIGNALS, TONES
from provenance.pages.verdict_meanings import MEANINGS

# What a telephone offers to share with us; the page takes more kinds.
SHARED_TYPES = ["video/*", "image/*", "audio/*", "application/pdf"]
ICON_SIZES = (192, 512)


@require_safe
def meanings(request: HttpRequest) -> HttpResponse:
    """What each verdict means, and what it does not."""
    shown = [(kind, TONES[kind], meaning) for kind, meaning in MEANINGS.items()]
    return render(request, "provenance/verdict_meanings.html", {"meanings": shown})


@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What the answer on a file was, as a link says, and what has become of the video since."""
    try:
        count_public_call(request)
        said = SharedVerdict.from_token(token)
    except NotSaidHere as error:
        raise Http404("No answer of this service.") from error
    except CodedError as error:
        refusal = {"error": {"message": gettext(error.message), "hint": gettext(error.hint)}}
        return render(request, "provenance/shared_verdict.html", refusal, status=error.status)
    record = Record.objects.filter(pk=said.rendition_id).first() if said.rendition_id else None
    is_withdrawn = record is not None and record.state == RecordState.WITHDRAWN
    context = {
        "said": said,
        "day": in_language(said.day),
        "headline": gettext(said.headline),
        "meaning": MEANINGS[said.kind],
        "tone": "bad" if is_withdrawn else TONES[said.kind],
        "is_withdrawn_since": is_withdrawn and said.kind != "ours_withdrawn",
        "findings": [
            (SIGNALS[signal], FINDINGS[finding])
            for signal, finding in said.findings
            if signal in SIGNALS and finding in FINDINGS
        ],
        "edits": [
            (FINDINGS[kind], start_s, None if end_s <= start_s else end_s, missing_s)
            for kind, start_s, end_s, missing_s in said.edits
            if kind in FINDINGS
        ],
    }
    return render(request, "provenance/shared_verdict.html", context)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest: the page can be installed, and telephones offer it where files are shared."""
    page = f"{reverse('verify')}?lang={get_language()}"
    icons = [
        {
            "src": static(f"icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in ICON_SIZES
        for purpose in ("any", "maskable")
    ]
    return JsonResponse(
        {
            "id": reverse("verify"),
            "name": gettext("Check a video"),
            "short_name": "Likeness",
            "description": gettext("Where does this video come from?"),
            "lang": get_language(),
            "start_url": page,
            "scope": reverse("verify"),
            "display": "standalone",
            "background_color": "#f6f3ec",
            "theme_color": "#f6f3ec",
            "icons": icons,
            "share_target": {
                "action": page,
                "method": "POST",
                "enctype": "multipart/form-data",
                "params": {"files": [{"name": "file", "accept": SHARED_TYPES}]},
            },
        },
        content_type="application/manifest+json",
    )
