"""Opens the studio for a portrait: one entry of the log, and the mark that all drafts of this opening carry.

A slider makes hundreds of pictures, so the log has one entry for each opening, an hour at most, and not one
for each picture. Every picture carries the watermark id that the entry names.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

from django.core import signing
from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.policy import require_active, require_partner
from accounts.models import ConsentGrant
from accounts.services.consent import consent_covering
from generation.models import Portrait
from generation.selectors import portrait_of
from generation.services.renderers import require_bundled_parts
from generation.studio.refusals import StudioClosed
from provenance.common.rate_limit import count_call
from provenance.keys.service_keys import marking_year
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.records import new_watermark_id
from provenance.watermark.coding.payload import format_watermark_id

OPEN_S: Final = 3600
OPENINGS_PER_MINUTE: Final = 20  # of one partner
_SALT: Final = "studio"


@dataclass(frozen=True)
class StudioOpening:
    """Who opened the studio with which portrait and consent, and the mark of its drafts."""

    actor_id: str
    portrait_id: str
    consent_id: str
    watermark_id: int
    watermark_year: int

    def to_token(self) -> str:
        """What the browser keeps and sends with every request; only this service can have written it."""
        return signing.dumps(asdict(self), salt=_SALT)


def open_studio(*, actor: Actor, portrait_id: str, token: str = "") -> tuple[StudioOpening, str]:
    """Open the studio, or go on with the opening of `token` if it still holds: the opening and its token.

    A new one appends `studio.opened` to the log. Raises NotFound, MediaErased, PartnerNotActive,
    StudioNotOffered, RateLimited, or the consent refusal that applies.
    """
    require_bundled_parts()
    portrait, consent = _permitted(actor, portrait_id)
    known = _read(token)
    if known is not None and (known.actor_id, known.portrait_id, known.consent_id) == (
        actor.id,
        portrait.id,
        consent.id,
    ):
        return known, token
    count_call(f"studio-opened:{portrait.partner_id}", limit=OPENINGS_PER_MINUTE)
    opening = StudioOpening(actor.id, portrait.id, consent.id, new_watermark_id(), marking_year())
    with transaction.atomic():
        log.append(
            LogEvent.STUDIO_OPENED,
            actor=actor.id,
            data={
                "partner_id": portrait.partner_id,
                "portrait_id": portrait.id,
                "consent_id": consent.id,
                "watermark_id": format_watermark_id(opening.watermark_id),
                "watermark_year": opening.watermark_year,
            },
        )
    return opening, opening.to_token()


def require_open(*, actor: Actor, token: str) -> tuple[StudioOpening, Portrait]:
    """The opening of a token, with consent in force now: asked for every single draft.

    Raises StudioClosed and what `open_studio` raises.
    """
    opening = _read(token)
    if opening is None or opening.actor_id != actor.id:
        raise StudioClosed
    portrait, consent = _permitted(actor, opening.portrait_id)
    if consent.id != opening.consent_id:
        raise StudioClosed
    return opening, portrait


def _permitted(actor: Actor, portrait_id: str) -> tuple[Portrait, ConsentGrant]:
    partner = require_partner(actor)
    require_active(partner)
    portrait = portrait_of(partner, portrait_id)
    return portrait, consent_covering(portrait=portrait)


def _read(token: str) -> StudioOpening | None:
    try:
        return StudioOpening(**signing.loads(token, salt=_SALT, max_age=OPEN_S))
    except signing.BadSignature:
        return None
