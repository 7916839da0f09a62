"""System check of the list by which other signers are known.

provenance.W005  authorities in it have expired or expire soon, or it was not updated for long
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 - Django's name

from provenance.keys.trust_list import EXPIRES_SOON, OLD_AFTER, trust_list_health


def check_trust_list(**kwargs: Any) -> list[CheckMessage]:
    """The trust list of others is fresh; without one there is nothing to say."""
    health = trust_list_health()
    if health is None:
        return []
    found: list[str] = []
    if health.expired or health.expiring:
        found.append(
            f"Of {health.authorities} authorities by which other signers are known, {health.expired} have "
            f"expired and {health.expiring} expire within {EXPIRES_SOON.days} days."
        )
    if health.age_days > OLD_AFTER.days:
        found.append(f"The list by which other signers are known was taken in {health.age_days} days ago.")
    hint = "Fetch the trust list anew and run manage.py update_trust_list FILE."
    return [Warning(message, hint=hint, id="provenance.W005") for message in found]
