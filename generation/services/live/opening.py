"""Opens a live session: checks every rule that can refuse it, and gives out a token that works once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.actors import Actor
from accounts.access.policy import require_partner
from accounts.access.tokens import hash_token, new_token
from accounts.errors import ConsentUsedUp
from accounts.models import Partner
from accounts.services.consent import consent_covering
from generation.admission import quotas
from generation.admission.admission import wait_for_admission
from generation.admission.quotas import live_seconds_left, require_quota_for_session
from generation.animation.motion.controls import ControlsInvalid, MotionControls
from generation.choices.disclosures import chosen_disclosure
from generation.disclosure.choice import Disclosure
from generation.models import LiveSession, Voice
from generation.models.live_session import USES_OF_KEPT
from generation.selectors import portrait_of
from generation.services.live.by_log import opening_data
from generation.services.live.permission import require_live_allowed
from generation.services.live.room import server_with_room
from generation.services.renderers import offered_renderer
from provenance.common.errors import InvalidInput
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.log import require_log_goes_on

TOKEN_LASTS = timedelta(seconds=60)
SIZES = (256, 384, 512)
RATES = (24, 25, 30, 40)
MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class OpenedSession:
    """A session that waits for its token at `url`. `token` is shown once; only its hash is stored."""

    session: LiveSession
    token: str
    url: str


def open_session(
    *,
    actor: Actor,
    portrait_id: str,
    voice: Voice,
    controls: dict[str, Any] | None = None,
    disclosure: dict[str, Any] | None = None,
    renderer: str | None = None,
    size: int = 512,
    fps: int = 25,
    seed: int | None = None,
    keep: bool = False,
) -> OpenedSession:
    """Open a session of `size` pixels a side and `fps` frames a second for whoever brings the token.

    With `keep` its sealed file is kept as a video: it takes a second video of the consent and room of the
    partner's storage, and may last no longer than LIKENESS_LIVE_KEPT_MAX_S. Nothing is counted before it
    starts; what was fixed here is logged, so that no other token opens it and nothing prolongs it. Raises
    NotFound, PartnerNotActive, LiveNotAllowed, InvalidInput, LabelRequired, RendererNotOffered, TooManyJobs,
    MinutesUsedUp, StorageUsedUp, LiveBusy, ConsentNotLive, or the consent refusal that applies.
    """
    partner = require_partner(actor)
    require_live_allowed(partner)
    require_log_goes_on()
    portrait = portrait_of(partner, portrait_id)
    chosen = _disclosure(disclosure or {}, partner)
    motion = _controls(controls or {})
    if size not in SIZES or fps not in RATES:
        raise InvalidInput(
            _("size must be one of {sizes}, and fps one of {rates}.").format(
                sizes=", ".join(map(str, SIZES)), rates=", ".join(map(str, RATES))
            )
        )
    if seed is not None and not 0 <= seed <= MAX_SEED:
        raise InvalidInput(_("seed must be from 0 to {most}.").format(most=MAX_SEED))
    if voice not in {Voice.OWN, Voice.SYNTHETIC}:
        raise InvalidInput(
            _("The voice of a live session is own or synthetic."),
            hint=_("A speaker who is asked first agrees to a recording, which there is none of yet."),
        )
    token = new_token()
    with transaction.atomic():
        wait_for_admission()
        partner = Partner.objects.select_for_update().get(pk=partner.pk)
        require_live_allowed(partner)
        require_quota_for_session(partner)
        if keep:
            quotas.require_room(partner)
        server = server_with_room()
        consent = consent_covering(portrait=portrait, live=True)
        if keep and consent.max_videos - consent.used_videos < USES_OF_KEPT:
            raise ConsentUsedUp(
                _("One video is left of this consent: the session could be held, but not be kept.")
            )
        now = timezone.now()
        longest_s = settings.LIKENESS_LIVE_KEPT_MAX_S if keep else settings.LIKENESS_LIVE_MAX_S
        left_s = min(live_seconds_left(partner), (consent.valid_until - now).total_seconds(), longest_s)
        session = LiveSession.objects.create(
            partner=partner,
            portrait=portrait,
            consent=consent,
            controls=motion.to_json(),
            disclosure=chosen.to_json(),
            voice=voice,
            seed=secrets.randbelow(MAX_SEED + 1) if seed is None else seed,
            renderer=offered_renderer(renderer),
            size=size,
            fps=fps,
            max_s=max(1, int(min(left_s, settings.LIKENESS_LIVE_MAX_S))),
            is_kept=keep,
            server=server.name,
            opened_by=actor.id,
            token_hash=hash_token(token),
            token_expires_at=now + TOKEN_LASTS,
        )
        log.append(LogEvent.LIVE_OPENED, actor=actor.id, data=opening_data(session))
    return OpenedSession(session, token, server.address or settings.LIKENESS_LIVE_URL)


def _disclosure(values: dict[str, Any], partner: Partner) -> Disclosure:
    chosen = chosen_disclosure(values, partner)
    if chosen.sound_cue or chosen.first_seconds is not None:
        raise InvalidInput(
            _("The label of a live session is shown throughout, and there is no sound cue."),
            code="disclosure_invalid",
            hint=_("Leave out disclosure.first_seconds and disclosure.sound_cue, or choose another preset."),
        )
    return chosen


def _controls(values: dict[str, Any]) -> MotionControls:
    try:
        return MotionControls.from_json(values)
    except ControlsInvalid as error:
        raise InvalidInput(
            str(error),
            code="controls_invalid",
            hint=_("Look at controls.{field}.").format(field=error.field),
        ) from error
