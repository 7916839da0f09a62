"""The verify page: drop a file or pick one, get the verdict in words. Works without script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from provenance.errors import CodedError
from provenance.rate_limit import count_verified_file
from provenance.services.verify import verify_file
from provenance.uploads import received_file
from provenance.verify.signals import MarkPart
from provenance.verify.verdict import Verdict
from provenance.verify.words import translated
from provenance.verify_words import FINDINGS, PART_TONES, SIGNALS, TONES


# Nothing is changed and nobody needs to be signed in, so there is no request to forge; and looking for the
# token would read the whole body before the upload's limit holds.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Show the form; for a posted file, the verdict: the whole page, or the fragment alone for htmx."""
    if request.method != "POST":
        return render(request, "provenance/verify.html", _languages(request))
    try:
        count_verified_file(request)
        with received_file(request) as path:
            found = verify_file(path)
    except CodedError as error:
        said = {"code": error.code, "message": gettext(error.message), "hint": gettext(error.hint)}
        return _answer(request, {"error": said}, status=error.status)
    return _answer(request, verdict_context(found), status=HTTPStatus.OK)


def verdict_context(found: Verdict) -> dict[str, Any]:
    """What the page shows of a verdict, in the reader's language."""
    answer = found.to_json()
    return {
        "verdict": answer,
        "tone": TONES[answer["verdict"]],
        "headline": gettext(found.headline),
        "sentence": translated(found.sentence, gettext),
        "error_rate": translated(found.error_rate.sentence, gettext),
        "reasons": [
            {
                "label": SIGNALS[reason.signal],
                "finding": FINDINGS[reason.finding],
                "sentence": translated(reason.sentence, gettext),
            }
            for reason in found.reasons
        ],
        "unchecked": [translated(gap.sentence, gettext) for gap in found.unchecked],
        "parts": _timeline(found.signals.mark.parts),
        "tree": answer["credentials"]["tree"] if answer["credentials"] else None,
        "report_query": urlencode(
            {
                "rendition": answer["rendition_id"] or "",
                "sha256": answer["file"]["sha256"],
                "verdict": answer["verdict"],
                "lang": get_language(),
            }
        ),
        "verdict_json": json.dumps(answer, indent=2),
    }


def _timeline(parts: tuple[MarkPart, ...]) -> list[dict[str, Any]]:
    """The parts with their place in a drawing that is 1000 units wide."""
    total = parts[-1].end_s if parts else 1.0
    return [
        {
            "x": round(1000 * part.start_s / total),
            "width": max(1, round(1000 * (part.end_s - part.start_s) / total) - 4),
            "start_s": part.start_s,
            "end_s": part.end_s,
            "tone": PART_TONES[part.state],
            "state": FINDINGS[part.state],
        }
        for part in parts
    ]


def _languages(request: HttpRequest) -> dict[str, Any]:
    """The page in its other languages."""
    here = reverse("verify")
    others = [(code, name) for code, name in settings.LANGUAGES if code != get_language()]
    return {"languages": [(f"{here}?lang={code}", code, name) for code, name in others]}


def _answer(request: HttpRequest, context: Mapping[str, object], *, status: int) -> HttpResponse:
    is_fragment = bool(getattr(request, "htmx", False))
    if is_fragment:
        # htmx shows only what comes with 200.
        return render(request, "provenance/_verdict.html", dict(context))
    return render(request, "provenance/verify.html", {**context, **_languages(request)}, status=status)
