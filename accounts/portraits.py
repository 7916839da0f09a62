"""Protocol and look-up of portraits for consent; the table itself belongs to the generation app."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, cast

from django.core.files.storage import storages
from django.http import FileResponse
from django.utils.translation import gettext_noop as _

from accounts.errors import MediaErased
from accounts.live_errors import FaceMatched, FaceUndescribed
from accounts.models import ConsentGrant, Partner
from provenance.common.errors import NotFound
from provenance.log.entries import Entry, LogEvent
from provenance.selectors.decisions import decisions_about

ANOTHER_FACE = "different"  # what a reviewer may find about a match
KNOWN = "known_digest"  # in the entry of a match: whose face it is like
MATCH_EVENTS = frozenset({LogEvent.FACE_MATCHED, LogEvent.FACE_MATCH_DECIDED, LogEvent.FACE_MATCH_DROPPED})


class PortraitRow(Protocol):
    """The columns of a portrait that consent depends on."""

    @property
    def id(self) -> str: ...
    @property
    def partner_id(self) -> str: ...
    @property
    def subject_id(self) -> str: ...
    @property
    def image_key(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def erasure_began_at(self) -> datetime | None: ...


def is_matched(grant: ConsentGrant) -> bool:
    """Whether the portrait is like a known face, and no reviewer has found that it is another.

    A decision counts that is in the log, and a match also that the log alone has: rows can be edited and
    taken out. Raises LogDamaged.
    """
    rows = dict(grant.portrait.face_matches.values_list("pk", "decision"))
    told: dict[str, list[Entry]] = {str(match_id): [] for match_id in rows}
    for entry in decisions_about(grant.portrait_id, MATCH_EVENTS):
        told.setdefault(str(entry.data["match_id"]), []).append(entry)
    return any(
        is_taken_out(entries) if match_id not in rows else not _is_another(rows[match_id], entries)
        for match_id, entries in told.items()
    )


def _is_another(decision: str, entries: list[Entry]) -> bool:
    found = [entry.data["decision"] for entry in entries if entry.event is LogEvent.FACE_MATCH_DECIDED]
    return decision == ANOTHER_FACE and found[-1:] == [ANOTHER_FACE]


def is_taken_out(entries: list[Entry]) -> bool:
    """Whether a match that has no row ought to have one, by its entries: neither was it found to be another
    face, nor dropped with an erased picture. Of matches of 0.9.0 and before nobody can say.
    """
    newest = entries[-1]
    if newest.event is LogEvent.FACE_MATCH_DECIDED:
        return newest.data["decision"] != ANOTHER_FACE and KNOWN in entries[0].data
    return newest.event is LogEvent.FACE_MATCHED and KNOWN in newest.data


def require_unmatched(grant: ConsentGrant) -> None:
    """Let no attestation count while its portrait is like the face of somebody living who is known here.

    A reviewer who finds that it is another face ends that. Raises `FaceMatched`. What the living person
    allowed themselves is not looked at.
    """
    if grant.is_attested and is_matched(grant):
        raise FaceMatched


def require_face_of_nobody(grant: ConsentGrant) -> None:
    """As `require_unmatched`, before an attestation is confirmed: it must have been compared. Raises
    `FaceUndescribed` too.
    """
    if grant.portrait.described_at is None:
        raise FaceUndescribed
    require_unmatched(grant)


def portrait_of(partner: Partner, portrait_id: str) -> PortraitRow:
    """One portrait of a partner. Raises `NotFound`, also for somebody else's, and `MediaErased`."""
    # Reached through the foreign key, as this app must not import the one that owns the table.
    model = ConsentGrant._meta.get_field("portrait").related_model
    portrait = model._default_manager.filter(pk=portrait_id, partner=partner).first()
    if portrait is None:
        raise NotFound(_("There is no portrait under that id."))
    found = cast("PortraitRow", portrait)
    if found.erasure_began_at is not None:
        raise MediaErased(_("This portrait was erased."))
    return found


def portrait_picture(portrait: PortraitRow) -> FileResponse:
    """The stored picture as an answer that browsers do not keep. The caller has checked who asks.

    Raises `MediaErased`.
    """
    if portrait.erasure_began_at is not None:
        raise MediaErased(_("This portrait was erased."))
    response = FileResponse(storages["media"].open(portrait.image_key, "rb"), content_type="image/png")
    response.headers["Cache-Control"] = "private, no-store"
    return response
