"""What waits for somebody of the staff, and for how long: the first page of their day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from accounts import selectors as accounts
from accounts.access.actors import Actor
from accounts.models import PartnerState, StaffRole
from generation import selectors
from generation.models import Appeal, SecondLook
from generation.oversight import appeals, second_looks
from generation.services.face_register import deciding
from provenance.services.misuse import open_reports, overdue_reports


@dataclass(frozen=True)
class WaitingWork:
    """One kind of thing that waits, with a title in English. `route` is the page on which it is decided."""

    title: str
    route: str
    count: int
    oldest: datetime | None
    is_late: bool = False


def waiting_for(actor: Actor) -> list[WaitingWork]:
    """Everything that waits for the roles of an actor, what is late first, then what there is most of."""
    found: list[WaitingWork] = []
    if StaffRole.REVIEWER in actor.roles:
        found += _for_reviewers(actor)
    if StaffRole.OPERATOR in actor.roles:
        applied = accounts.partners_for_operator(PartnerState.APPLIED)
        found.append(_waiting(_("Applications of organisations"), "operator_partners", applied, "applied_at"))
    if StaffRole.AUDITOR in actor.roles:
        disagreed = SecondLook.objects.filter(agrees=False)
        drawn = SecondLook.objects.filter(agrees=None)
        found.append(_waiting(_("Second looks that disagree"), "audit_desk", disagreed, "decided_at"))
        found.append(_waiting(_("Drawn for a second look"), "audit_desk", drawn, "drawn_at"))
        found.append(_waiting(_("Appeals"), "audit_desk", Appeal.objects.filter(outcome=""), "filed_at"))
    return sorted(found, key=lambda one: (not one.is_late, -one.count))


def _for_reviewers(actor: Actor) -> list[WaitingWork]:
    assert actor.user is not None  # noqa: S101  a role counts for people only
    reports = open_reports()
    return [
        _waiting(_("Videos"), "review_queue", selectors.review_queue(actor), "sealed_at"),
        _waiting(
            _("Consents and recordings"), "consent_queue", accounts.attestations_for(actor.user), "created_at"
        ),
        _waiting(_("Faces that may be known"), "face_queue", deciding.undecided(actor), "created_at"),
        _waiting(
            _("Reports of misuse"), "misuse_queue", reports, "created_at", is_late=overdue_reports().exists()
        ),
        _waiting(_("Second looks"), "second_looks", second_looks.waiting_for(actor), "drawn_at"),
        _waiting(_("Appeals of organisations"), "appeals", appeals.waiting_for(actor), "filed_at"),
    ]


def _waiting(
    title: str, route: str, rows: QuerySet[Any], since: str, *, is_late: bool = False
) -> WaitingWork:
    oldest = rows.order_by(since).values_list(since, flat=True).first()
    return WaitingWork(title, route, rows.count(), oldest, is_late)
