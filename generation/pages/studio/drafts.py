"""What the studio's script asks for: an opening, stills, clips, the timeline and its curves. Refusals are
JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST

from accounts.access.actors import Actor
from accounts.access.decorators import member_page
from accounts.access.policy import require_partner
from generation.services.studio.drafting import Wanted, studio_draft
from generation.services.studio.opening import open_studio
from generation.studio.studio_order import Kind
from provenance.common.errors import CodedError, InvalidInput
from provenance.common.rate_limit import count_call
from provenance.common.strict_json import parse
from provenance.pages.in_language import problem_in_language

STILLS_PER_MINUTE: Final = 900  # of one partner: three people who move sliders; and as many curves
CLIPS_PER_MINUTE: Final = 60
MOST_BYTES: Final = 1_000_000  # of a request
SESSION_KEY: Final = "studio"
_TYPES: Final = {"still": "image/jpeg", "clip": "video/mp4"}  # of what is no JSON

View = Callable[[HttpRequest, Actor], HttpResponse]


@dataclass(frozen=True)
class DraftCall:
    """The JSON of a request for a draft."""

    token: str
    driving_audio: str
    controls: dict[str, object]
    direction: object
    seed: int
    fps: int
    sound_cue: bool
    at_s: float
    lips: str


def _answering_json(view: View) -> Callable[..., HttpResponseBase]:
    """A view for the page's script: refusals as problem details in the page's language, and nothing is kept
    by anybody."""

    @require_POST
    @member_page
    @wraps(view)
    def answer(request: HttpRequest, actor: Actor) -> HttpResponseBase:
        try:
            response = view(request, actor)
        except CodedError as error:
            problem = problem_in_language(error, instance=request.path)
            response = JsonResponse(problem, status=error.status)
            retry_after_s = getattr(error, "retry_after_s", None)
            if retry_after_s is not None:
                response.headers["Retry-After"] = str(retry_after_s)
        add_never_cache_headers(response)
        return response

    return answer


@_answering_json
def opening(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Open the studio with a portrait, or go on with what this browser opened."""
    portrait_id = request.POST.get("portrait", "")
    kept = request.session.get(SESSION_KEY, {})
    _, token = open_studio(actor=actor, portrait_id=portrait_id, token=str(kept.get(portrait_id, "")))
    if kept.get(portrait_id) != token:
        request.session[SESSION_KEY] = {**dict(list(kept.items())[-4:]), portrait_id: token}
    return JsonResponse({"token": token})


@_answering_json
def still(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The frame at the cursor."""
    return _draft("still", request, actor, limit=STILLS_PER_MINUTE)


@_answering_json
def clip(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Three seconds around the cursor."""
    return _draft("clip", request, actor, limit=CLIPS_PER_MINUTE)


@_answering_json
def timeline(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Waveform and phones."""
    return _draft("timeline", request, actor, limit=CLIPS_PER_MINUTE)


@_answering_json
def curves(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What the voice does by itself in the seconds from the cursor on."""
    return _draft("curves", request, actor, limit=STILLS_PER_MINUTE)


def _draft(kind: Kind, request: HttpRequest, actor: Actor, *, limit: int) -> HttpResponse:
    count_call(f"studio-{kind}:{require_partner(actor).id}", limit=limit)
    try:
        body = request.body
    except RawPostDataException as error:  # it was a form, which was read as one
        raise InvalidInput(_("The request is not in the form that was agreed on.")) from error
    if len(body) > MOST_BYTES:
        raise InvalidInput(_("The request is too long."))
    try:
        call = parse(DraftCall, body)
    except ValueError as error:
        raise InvalidInput(_("The request is not in the form that was agreed on.")) from error
    wanted = Wanted(
        driving_audio_id=call.driving_audio,
        controls=call.controls,
        direction=call.direction,
        seed=call.seed,
        fps=call.fps,
        sound_cue=call.sound_cue,
        at_s=call.at_s,
        lips=call.lips,
    )
    data = studio_draft(kind, actor=actor, token=call.token, wanted=wanted)
    return HttpResponse(data, content_type=_TYPES.get(kind, "application/json"))
