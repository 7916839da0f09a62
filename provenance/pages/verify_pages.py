"""The public verify page: a stranger sends a file and reads the verdict. Works without script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TypedDict
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from provenance.common.errors import CodedError
from provenance.common.rate_limit import RateLimited, client_address, count_public_call, count_verified_file
from provenance.common.uploads import received_file
from provenance.models.verification import Verification, VerificationState
from provenance.pages.comparison import comparison
from provenance.pages.in_language import in_language
from provenance.pages.shared_verdict import SharedVerdict
from provenance.pages.timeline_drawing import drawn_regions, drawn_timeline
from provenance.pages.verdict_labels import FINDINGS, PART_TONES, SIGNALS, TONES
from provenance.selectors.witnessed_head import witnesses_of
from provenance.services.verify_later import ask_again_after_s, files_ahead, verify_now_or_later
from provenance.verify.verdict.messages import Messages, messages_from_json, render_stored
from provenance.verify.verdict.verdict import Verdict
from provenance.verify.verdict.verdict_json import PartJson, VerdictJson

Context = Mapping[str, object]  # what a template shows

FORGOTTEN = gettext_noop("There is no such answer any more.")
FORGOTTEN_HINT = gettext_noop("Answers are kept for an hour at most. Send the file again.")


# Nothing is changed and nobody needs to be signed in, so there is no request to forge; and looking for the
# token would read the whole body before the upload's limit holds.
@csrf_exempt
@csp_update({"media-src": "blob:", "img-src": "blob:"})  # a frame of the file, which the browser still has
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Show the form; for a posted file, the verdict: the whole page, or the fragment alone for htmx.

    While all readers are busy, the place where the verdict will be.
    """
    if request.method != "POST":
        return render(request, "provenance/verify.html")
    try:
        count_verified_file(request)
        with received_file(request) as path:
            found = verify_now_or_later(path, sender=client_address(request))
    except CodedError as error:
        return _answer(request, _refusal(error.code, error.message, error.hint), status=error.status)
    if isinstance(found, Verdict):
        return _answer(request, verdict_context(found.to_json(), found.messages))
    here = f"{reverse('verification', args=[found.id])}?lang={get_language()}"
    if not _is_fragment(request):
        return redirect(here)
    answer = _answer(request, _waiting(found))
    answer.headers["HX-Replace-Url"] = here  # so that the page can be loaded again
    return answer


@never_cache
@require_safe
def verification(request: HttpRequest, verification_id: str) -> HttpResponse:
    """The verdict on a file that was sent while all readers were busy, or where it stands.

    A page that asks again by itself, with script and without. The script says how many files it said were
    ahead, and is answered only when there is something else to say.
    """
    try:
        count_public_call(request)
    except RateLimited as error:
        return _ask_later(request, error)
    found = Verification.objects.filter(pk=verification_id).first()
    if found is None:
        context, status = _refusal("not_found", FORGOTTEN, FORGOTTEN_HINT), HTTPStatus.NOT_FOUND
    elif found.state == VerificationState.WAITING:
        waiting = _waiting(found)
        if _is_fragment(request) and request.GET.get("ahead") == str(waiting["waiting"]["ahead"]):
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        context, status = {**waiting}, HTTPStatus.OK
    else:
        context, status = _stored_answer(found), HTTPStatus.OK
    if _is_fragment(request):
        return _answer(request, context)
    return render(request, "provenance/verification.html", dict(context), status=status)


def _ask_later(request: HttpRequest, error: RateLimited) -> HttpResponse:
    if _is_fragment(request):
        # Shown by nothing: the page stays as it is and asks again.
        answer = HttpResponse(status=error.status)
    else:
        context = _refusal(error.code, error.message, error.hint)
        answer = render(request, "provenance/verification.html", dict(context), status=error.status)
    answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _stored_answer(verification: Verification) -> Context:
    """What the page shows of a verification that has ended: its verdict, or why there is none."""
    if verification.verdict is not None:
        return verdict_context(verification.verdict, messages_from_json(verification.words))
    problem = verification.problem
    assert problem is not None  # noqa: S101 - the database holds no ended verification without either
    return _refusal(problem["code"], problem["title"], problem["hint"])


def verdict_context(answer: VerdictJson, messages: Messages) -> Context:
    """What the page shows of a verdict, in the reader's language.

    `messages`: what its sentences were rendered from.
    """

    def spoken(sentence: str) -> str:
        return render_stored(sentence, messages, gettext, in_language)

    return {
        "verdict": answer,
        "witnesses": witnesses_of(answer["record"]["log_index"]) if answer["record"] else None,
        "tone": _tone(answer),
        "headline": spoken(answer["headline"]),
        "sentence": spoken(answer["sentence"]),
        "error_rate": spoken(answer["error_rate"]["sentence"]),
        "reasons": [
            {
                "label": SIGNALS[reason["signal"]],
                "finding": FINDINGS[reason["finding"]],
                "sentence": spoken(reason["sentence"]),
            }
            for reason in answer["reasons"]
        ],
        "unchecked": [spoken(gap["sentence"]) for gap in answer["not_checked"]],
        "timeline": drawn_timeline(answer, spoken),
        "comparison": comparison(answer),
        "mark_regions": drawn_regions(answer),
        "parts": _timeline(answer["watermark"]["parts"]),
        "tree": answer["credentials"]["tree"] if answer["credentials"] else None,
        "report_query": urlencode(
            {
                "rendition": answer["rendition_id"] or "",
                "sha256": answer["file"]["sha256"],
                "verdict": answer["verdict"],
                "lang": get_language(),
            }
        ),
        "share_token": SharedVerdict.of(answer).token(),
        "verdict_json": json.dumps(answer, indent=2),
    }


def _tone(answer: VerdictJson) -> str:
    """The look of an answer; what names a video that must not circulate looks so, whoever signed it."""
    is_gone = answer["record"] is not None and answer["record"]["state"] != "released"
    return "bad" if is_gone else TONES[answer["verdict"]]


def _timeline(parts: list[PartJson]) -> list[dict[str, object]]:
    """The parts with their place in a drawing that is 1000 units wide."""
    total = parts[-1]["end_s"] if parts else 1.0
    return [
        {
            "x": round(1000 * part["start_s"] / total),
            "width": max(1, round(1000 * (part["end_s"] - part["start_s"]) / total) - 4),
            "start_s": part["start_s"],
            "end_s": part["end_s"],
            "tone": PART_TONES[part["state"]],
            "state": FINDINGS[part["state"]],
            "other": part["rendition_id"] if part["state"] == "other" else None,
        }
        for part in parts
    ]


class Waiting(TypedDict):
    """Where a verification stands that has no verdict yet."""

    id: str
    ahead: int
    poll_s: int


class WaitingContext(TypedDict):
    waiting: Waiting


def _waiting(verification: Verification) -> WaitingContext:
    ahead = files_ahead(verification)
    return {"waiting": {"id": verification.id, "ahead": ahead, "poll_s": ask_again_after_s(ahead)}}


def _refusal(code: str, message: str, hint: str) -> Context:
    return {"error": {"code": code, "message": gettext(message), "hint": gettext(hint)}}


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _answer(request: HttpRequest, context: Context, *, status: int = HTTPStatus.OK) -> HttpResponse:
    if _is_fragment(request):
        # htmx shows only what comes with 200.
        return render(request, "provenance/_verdict.html", dict(context))
    return render(request, "provenance/verify.html", dict(context), status=status)
