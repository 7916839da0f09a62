"""The verify page: drop a file or pick one, get the verdict in words. Works without script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from provenance.errors import CodedError
from provenance.rate_limit import count_verified_file
from provenance.services.verify import verify_file
from provenance.uploads import received_file

# The look of each answer: a good end, care, or nothing to say.
_TONES = {
    "ours_intact": "ok",
    "ours_changed": "warn",
    "ours_withdrawn": "bad",
    "mark_transplanted": "bad",
    "other_credentials": "unknown",
    "no_provenance": "unknown",
    "cannot_tell": "unknown",
}
_LABELS = {
    "reader": "Reading",
    "file_hash": "File",
    "manifest": "Credentials",
    "signature": "Signature",
    "ingredients": "Inputs",
    "manifest_record": "Their record",
    "watermark": "Watermark",
    "content": "Content",
    "other_watermark": "Another's watermark",
    "watermark_record": "Its record",
    "agreement": "Agreement",
    "log": "Public log",
    "record": "Our record",
    "container": "Container",
}


# Nothing is changed and nobody needs to be signed in, so there is no request to forge; and looking for the
# token would read the whole body before the upload's limit holds.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Show the form; for a posted file, the verdict: the whole page, or the fragment alone for htmx."""
    if request.method != "POST":
        return render(request, "provenance/verify.html")
    try:
        count_verified_file(request)
        with received_file(request) as path:
            found = verify_file(path).to_json()
    except CodedError as error:
        return _answer(request, {"error": error}, status=error.status)
    context = {
        "verdict": found,
        "tone": _TONES[found["verdict"]],
        "reasons": [
            {
                "label": _LABELS[reason["signal"]],
                "finding": reason["finding"].replace("_", " "),
                "sentence": reason["sentence"],
            }
            for reason in found["reasons"]
        ],
        "verdict_json": json.dumps(found, indent=2),
    }
    return _answer(request, context, status=HTTPStatus.OK)


def _answer(request: HttpRequest, context: Mapping[str, object], *, status: int) -> HttpResponse:
    is_fragment = bool(getattr(request, "htmx", False))
    if is_fragment:
        # htmx shows only what comes with 200.
        return render(request, "provenance/_verdict.html", dict(context))
    return render(request, "provenance/verify.html", dict(context), status=status)
