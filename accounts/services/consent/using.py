"""Checks consent before every video, and counts the videos that it covers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access.by_log import require_grant_as_logged
from accounts.errors import (
    ConsentDeclined,
    ConsentExpired,
    ConsentMissing,
    ConsentNotLive,
    ConsentUsedUp,
    ConsentWithdrawn,
)
from accounts.models import ConsentGrant, ConsentState
from accounts.portraits import require_unmatched

if TYPE_CHECKING:
    from accounts.portraits import PortraitRow


def _raise_for(state: ConsentState) -> NoReturn:
    if state == ConsentState.WITHDRAWN:
        raise ConsentWithdrawn
    if state == ConsentState.EXPIRED:
        raise ConsentExpired
    if state == ConsentState.DECLINED:
        raise ConsentDeclined
    if state == ConsentState.REFUSED:
        raise ConsentDeclined(_("A reviewer refused the attestation or recording for this portrait."))
    if state == ConsentState.REQUESTED:
        raise ConsentMissing(_("The subject has not answered the request for consent yet."))
    if state == ConsentState.RECORDED:
        raise ConsentMissing(_("The subject said yes; a reviewer has not looked at their recording yet."))
    raise ConsentMissing(_("A reviewer has not confirmed the attestation for this portrait yet."))


def consent_covering(
    *, portrait: PortraitRow, at: datetime | None = None, live: bool = False
) -> ConsentGrant:
    """The grant under which the portrait's partner may make one more video; of several the first to expire.

    With `live` one more live session: only grants that name live use count; ConsentNotLive if none does.

    For submitting: a job that holds a reserved use checks its own grant with `require_in_force` from then
    on. Raises `ConsentMissing`, `ConsentDeclined`, `ConsentWithdrawn`, `ConsentExpired` or `ConsentUsedUp`;
    without any grant in force, the newest request says which.
    """
    now = at or timezone.now()
    of_portrait = ConsentGrant.objects.filter(
        portrait_id=portrait.id, partner_id=portrait.partner_id, subject_id=portrait.subject_id
    )
    in_force = of_portrait.in_force(now)
    if live and in_force.exists() and not in_force.filter(allows_live=True).exists():
        raise ConsentNotLive
    in_force = in_force.filter(allows_live=True) if live else in_force
    covering = in_force.filter(used_videos__lt=F("max_videos")).order_by("valid_until", "created_at").first()
    if covering is not None:
        require_grant_as_logged(covering)
        require_unmatched(covering)
        return covering
    if in_force.exists():
        raise ConsentUsedUp
    newest = of_portrait.order_by("-created_at", "-id").first()
    if newest is None:
        raise ConsentMissing
    _raise_for(newest.state_at(now))


def require_in_force(grant: ConsentGrant, *, at: datetime | None = None) -> ConsentGrant:
    """The grant as the database has it now, for a job that holds a use of it: asked at claim and at release.

    Inside a transaction the row stays locked until its end, so that a withdrawal comes either before, and is
    seen here, or after, and sees what was released. That every use is reserved is fine here. Raises
    `ConsentWithdrawn`, `ConsentExpired` and the like.
    """
    rows = ConsentGrant.objects.filter(pk=grant.pk)
    if transaction.get_connection().in_atomic_block:
        rows = rows.select_for_update(no_key=True)
    current = rows.first()
    if current is None:
        raise ConsentMissing
    state = current.state_at(at or timezone.now())
    if state != ConsentState.GRANTED:
        _raise_for(state)
    require_grant_as_logged(current)
    require_unmatched(current)
    return current


def reserve_use(grant: ConsentGrant, videos: int = 1) -> None:
    """Take one video from the grant, or as many as are made at once.

    One statement decides, so the last one is never taken twice. Raises `ConsentUsedUp`, or what
    `require_in_force` raises. Call it in the transaction that writes the job.
    """
    require_in_force(grant)
    taken = (
        ConsentGrant.objects.in_force(timezone.now())
        .filter(pk=grant.pk, used_videos__lte=F("max_videos") - videos)
        .update(used_videos=F("used_videos") + videos)
    )
    if not taken:
        raise ConsentUsedUp


def return_use(grant: ConsentGrant) -> None:
    """Give a reserved video back, when its job ended without one. Works in every state of the grant."""
    ConsentGrant.objects.filter(pk=grant.pk, used_videos__gt=0).update(used_videos=F("used_videos") - 1)
