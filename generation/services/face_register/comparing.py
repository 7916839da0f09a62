"""Compares portraits that are said to show nobody with registered faces and with portraits of the living.

A portrait is compared when its face is described, when consent is asked for it, when somebody registers, and
before a reviewer confirms. docs/consent.md has the threshold and its errors.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator
from typing import Final

from cryptography.fernet import InvalidToken
from django.db.models import Q, QuerySet

from accounts.access.actors import SYSTEM
from accounts.models import ATTESTED_BASES, Basis, ConsentState
from accounts.portraits import KNOWN
from generation.models import FaceMatch, FaceRegistration, Portrait
from generation.services.face_register.sealed_faces import open_descriptor
from provenance.keys.service_keys import keyed_digest
from provenance.log.entries import LogEvent
from provenance.services import log

logger = logging.getLogger(__name__)

MOST_DISTANCE: Final = 0.5  # as in the live check: a face that is missed is worse than a reviewer's look

_AT_STAKE = Q(consents__basis__in=ATTESTED_BASES) & Q(
    consents__state__in=[ConsentState.ATTESTED, ConsentState.GRANTED]
)


def attested_portraits() -> QuerySet[Portrait]:
    """Described portraits with an attestation that waits or is confirmed."""
    described = Portrait.objects.filter(_AT_STAKE, erasure_began_at=None).exclude(sealed_descriptor="")
    return described.filter(sample="").distinct()  # who is in a sample is known


def living_portraits() -> QuerySet[Portrait]:
    """Described portraits about which a living person was asked, whatever they said."""
    asked = Portrait.objects.filter(consents__basis__in=set(Basis) - ATTESTED_BASES, erasure_began_at=None)
    return asked.exclude(sealed_descriptor="").distinct()


def compare(portrait: Portrait) -> int:
    """Note every match that a portrait is part of; how many new ones. Call it in a transaction."""
    if not portrait.sealed_descriptor or portrait.is_erased:
        return 0
    found = 0
    if attested_portraits().filter(pk=portrait.pk).exists():
        found += _note((portrait,), FaceRegistration.objects.filter(_IN_FORCE))
        found += _note((portrait,), living_portraits())
    if living_portraits().filter(pk=portrait.pk).exists():
        found += _note(attested_portraits(), (portrait,))
    return found


def compare_registration(registration: FaceRegistration) -> int:
    """Note every attested portrait that is like a face that was registered; how many."""
    return _note(attested_portraits(), (registration,))


_IN_FORCE = Q(withdrawn_at=None, registered_at__isnull=False) & ~Q(sealed_descriptor="")


def _note(portraits: Iterable[Portrait], known: Iterable[FaceRegistration | Portrait]) -> int:
    others = [(row, face) for row in known if (face := _face_of(row)) is not None]
    pairs = ((portrait, *like) for portrait in portraits for like in _like(portrait, others))
    return sum(_note_one(*pair) for pair in pairs)


def _face_of(row: FaceRegistration | Portrait) -> tuple[float, ...] | None:
    """A row's descriptor; None where the site's secret was changed without keeping the earlier one."""
    try:
        return open_descriptor(row.sealed_descriptor)
    except InvalidToken:
        logger.error("What describes the face of %s cannot be decrypted; see SECRET_KEY_FALLBACKS", row.pk)
        return None


def _like(
    portrait: Portrait, others: list[tuple[FaceRegistration | Portrait, tuple[float, ...]]]
) -> Iterator[tuple[FaceRegistration | Portrait, float]]:
    own = _face_of(portrait)
    if own is None:
        return
    for row, descriptor in others:
        distance = math.dist(own, descriptor)
        if distance <= MOST_DISTANCE:
            yield row, distance


def _note_one(portrait: Portrait, row: FaceRegistration | Portrait, distance: float) -> bool:
    about = {"registration": row} if isinstance(row, FaceRegistration) else {"other": row}
    match, is_new = FaceMatch.objects.get_or_create(
        portrait=portrait, **about, defaults={"distance": distance}
    )
    if is_new:
        log.append(
            LogEvent.FACE_MATCHED,
            actor=SYSTEM.id,
            data={
                "match_id": match.pk,
                "portrait_id": portrait.pk,
                "partner_id": portrait.partner_id,
                KNOWN: keyed_digest(KNOWN, known_of(match)),
            },
        )
    return is_new


def known_of(match: FaceMatch) -> str:
    """Which match is with whose face, for a digest that only the service can make: the log is public, and
    must not tell that two partners have pictures of one person.
    """
    return f"{match.pk}\n{match.registration_id or ''}\n{match.other_id or ''}"
