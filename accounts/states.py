"""States of partners and consent grants, and the transitions allowed between them.

Services move a row by compare-and-set: an UPDATE with the allowed source states in its WHERE clause.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext_noop as _

from provenance.common.errors import CodedError


class PartnerState(models.TextChoices):
    """Whether a partner may use the service."""

    APPLIED = "applied", _("applied")
    APPROVED = "approved", _("approved")
    SUSPENDED = "suspended", _("suspended")
    REFUSED = "refused", _("refused")


PARTNER_TRANSITIONS: Mapping[PartnerState, frozenset[PartnerState]] = {
    PartnerState.APPLIED: frozenset({PartnerState.APPROVED, PartnerState.REFUSED}),
    PartnerState.APPROVED: frozenset({PartnerState.SUSPENDED}),
    PartnerState.SUSPENDED: frozenset({PartnerState.APPROVED}),
    PartnerState.REFUSED: frozenset(),  # a refused organisation applies again, with a new row
}


class ConsentState(models.TextChoices):
    """The state of one request for consent. Labels are English; pages translate them."""

    REQUESTED = "requested", _("waiting for the subject")
    RECORDED = "recorded", _("waiting for a reviewer's look at the recording")
    ATTESTED = "attested", _("waiting for a reviewer")
    GRANTED = "granted", _("granted")
    DECLINED = "declined", _("declined by the subject")
    REFUSED = "refused", _("refused by a reviewer")
    WITHDRAWN = "withdrawn", _("withdrawn")
    EXPIRED = "expired", _("expired")


CONSENT_TRANSITIONS: Mapping[ConsentState, frozenset[ConsentState]] = {
    ConsentState.REQUESTED: frozenset({ConsentState.RECORDED, ConsentState.DECLINED, ConsentState.EXPIRED}),
    # The subject said yes; it counts once their recording has been found to show the person in the portrait.
    ConsentState.RECORDED: frozenset(
        {ConsentState.GRANTED, ConsentState.REFUSED, ConsentState.DECLINED, ConsentState.EXPIRED}
    ),
    ConsentState.ATTESTED: frozenset({ConsentState.GRANTED, ConsentState.REFUSED, ConsentState.EXPIRED}),
    ConsentState.GRANTED: frozenset({ConsentState.WITHDRAWN, ConsentState.EXPIRED}),
    ConsentState.DECLINED: frozenset(),
    ConsentState.REFUSED: frozenset(),
    ConsentState.WITHDRAWN: frozenset(),
    # Videos outlive the date until which new ones could be made: an expired consent can still be withdrawn.
    ConsentState.EXPIRED: frozenset({ConsentState.WITHDRAWN}),
}


# Asked and not decided: nothing else is asked meanwhile, and nothing of it is erased.
OPEN_CONSENT_STATES = frozenset({ConsentState.REQUESTED, ConsentState.RECORDED, ConsentState.ATTESTED})


class StateConflict(CodedError):
    """The row is not in a state from which this step is allowed, or somebody else was faster."""

    code = "state_conflict"
    status = 409
    message = "This step is not possible in the present state."
    hint = "Load it again and look at its state."


S = TypeVar("S", PartnerState, ConsentState)


def sources(transitions: Mapping[S, frozenset[S]], target: S) -> frozenset[S]:
    """The states from which `target` may be reached in one step."""
    return frozenset(state for state, targets in transitions.items() if target in targets)
