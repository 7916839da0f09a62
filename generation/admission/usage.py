"""How much of their quotas partners have used, for them to see.

For most it is added up for each page. That takes most of a second for a million jobs, so who has very many
sees sums that a worker renews, which are some minutes old. Gates (`quotas`) always add up anew.
"""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import dataclass

from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError

from accounts.models import Partner
from generation.admission.quotas import month_minutes, most_jobs, storage_bytes
from generation.models import DrivingAudio, Job, Portrait
from provenance.common.shared_cache import cache_away

ADD_UP = "generation.tasks.add_up_usage"
MANY = 5_000  # jobs, recordings or portraits; adding up so many takes some milliseconds
FRESH_S = 600
KEPT_S = 86_400  # how old sums may become where no worker renews them
ASKED_AGAIN_S = 60

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Usage:
    """What a partner has, and what it may have; None where there is no limit."""

    active_jobs: int
    max_active_jobs: int
    month_minutes: float
    max_month_minutes: int | None
    storage_mb: float
    max_storage_mb: int | None


@dataclass(frozen=True)
class _Sums:
    minutes: float
    size_bytes: int


def usage_of(partner: Partner) -> Usage:
    """All of a partner's quotas and what is used of them; sums may be FRESH_S old for who has very many."""
    sums = _kept_sums(partner) if _has_many(partner) else _added_up(partner)
    return Usage(
        active_jobs=Job.objects.active().filter(partner=partner).count(),
        max_active_jobs=most_jobs(partner),
        month_minutes=sums.minutes,
        max_month_minutes=partner.max_month_minutes,
        storage_mb=sums.size_bytes / 1_000_000,
        max_storage_mb=partner.max_storage_mb,
    )


def add_up_usage(partner: Partner) -> _Sums:
    """Add up what a partner has used, and keep the sums for its pages."""
    sums = _added_up(partner)
    try:
        cache.set(_key(partner), (time.time(), sums.minutes, sums.size_bytes), timeout=KEPT_S)
    except cache_away() as error:
        logger.warning("The shared cache is unavailable, so sums of usage are not kept: %s", error)
    return sums


def _kept_sums(partner: Partner) -> _Sums:
    try:
        kept: tuple[float, float, int] | None = cache.get(_key(partner))
        if kept is None:
            return add_up_usage(partner)
        at, minutes, size_bytes = kept
        if time.time() - at > FRESH_S and cache.add(f"{_key(partner)}:asked", True, timeout=ASKED_AGAIN_S):
            with contextlib.suppress(OperationalError):  # asked again a minute later
                current_app.send_task(ADD_UP, args=(partner.id,))
    except cache_away():
        return _added_up(partner)
    return _Sums(minutes, size_bytes)


def _added_up(partner: Partner) -> _Sums:
    return _Sums(month_minutes(partner), storage_bytes(partner))


def _has_many(partner: Partner) -> bool:
    """Whether a partner has MANY of a kind. Walks so far along an index, and no further."""
    return any(
        model.objects.filter(partner=partner).order_by("created_at", "id")[MANY : MANY + 1].exists()
        for model in (Job, DrivingAudio, Portrait)
    )


def _key(partner: Partner) -> str:
    return f"usage:{partner.id}"
