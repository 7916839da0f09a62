"""A draft at the subject's own request: their portrait says one sentence, and nothing of it is stored."""

from __future__ import annotations

from django.db import transaction

from accounts.access.actors import actor_of_subject
from accounts.models import ConsentGrant
from accounts.services import consent
from generation import storage
from generation.draft.make_draft import make_draft, reserved
from provenance.keys.service_keys import marking_year, watermark_key
from provenance.log.entries import LogEvent
from provenance.services import log
from provenance.services.records import new_watermark_id
from provenance.watermark.coding.payload import format_watermark_id


def draft_for_subject(token: str, *, code: str, language: str) -> tuple[ConsentGrant, bytes]:
    """The open request behind a link, and an MP4 of its portrait, for who has the code that was sent last.

    `language` is one of `sentences.WORDS`. The log gets `draft.made` before the video is handed out; the
    partner is told nothing. Raises what `consent.prove_contact` raises, `MediaErased`, `DraftBusy` (the code
    is not used then), `DraftFailed`.
    """
    with reserved():
        found = consent.prove_contact(token, code=code)
        watermark_id, year = new_watermark_id(), marking_year()
        with storage.local_path(found.portrait.image_key) as portrait:
            video = make_draft(
                portrait, language=language, watermark_id=watermark_id, key=watermark_key(year)
            )
    with transaction.atomic():
        log.append(
            LogEvent.DRAFT_MADE,
            actor=actor_of_subject(found.subject).id,
            data={
                "consent_id": found.id,
                "partner_id": found.partner_id,
                "watermark_id": format_watermark_id(watermark_id),
                "watermark_year": year,
            },
        )
    return found, video
