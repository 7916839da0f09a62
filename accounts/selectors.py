"""Database reads of the accounts app, limited to what the asking partner or role may see."""

from __future__ import annotations

from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from accounts.models import (
    ConsentGrant,
    ConsentState,
    Membership,
    Partner,
    PartnerState,
    StaffRoleGrant,
    Subject,
    User,
)
from provenance.common.errors import NotFound


def subjects_of(partner: Partner) -> QuerySet[Subject]:
    """The subjects a partner has named, newest first."""
    return Subject.objects.for_partner(partner)


def subject_of(partner: Partner, subject_id: str) -> Subject:
    """One subject of a partner. Raises `NotFound`, also for somebody else's."""
    subject = Subject.objects.for_partner(partner).filter(pk=subject_id).first()
    if subject is None:
        raise NotFound("There is no subject under that id.")
    return subject


def consents_of(partner: Partner) -> QuerySet[ConsentGrant]:
    """The consents a partner asked for, newest first."""
    return ConsentGrant.objects.for_partner(partner).select_related("subject")


def consent_of(partner: Partner, consent_id: str) -> ConsentGrant:
    """One consent of a partner. Raises `NotFound`, also for somebody else's."""
    grant = consents_of(partner).filter(pk=consent_id).first()
    if grant is None:
        raise NotFound("There is no consent under that id.")
    return grant


def attestations_for(reviewer: User) -> QuerySet[ConsentGrant]:
    """The attestations that wait, oldest first, without those of the reviewer's own partner."""
    return (
        ConsentGrant.objects.filter(state=ConsentState.ATTESTED, valid_until__gt=timezone.now())
        .exclude(partner__memberships__user=reviewer)
        .select_related("partner", "subject")
        .order_by("created_at", "id")
    )


def attestation(consent_id: str) -> ConsentGrant:
    """One attested consent for a reviewer, decided or not. Raises `NotFound`."""
    grant = (
        ConsentGrant.objects.select_related("partner", "subject", "portrait").filter(pk=consent_id).first()
    )
    if grant is None or not grant.is_attested:
        raise NotFound
    return grant


def membership_of(user: User) -> Membership | None:
    """The person's membership of a partner, if there is one."""
    return Membership.objects.select_related("partner").filter(user=user).first()


def assigned_roles(user: User) -> frozenset[str]:
    """The staff roles a person was given, whether or not they are in effect yet (see `actors.actor_of`)."""
    return frozenset(StaffRoleGrant.objects.filter(user=user).values_list("role", flat=True))


def partners_for_operator(state: str | None = None) -> QuerySet[Partner]:
    """All partners, applicants first, then by age; of one state if it is named."""
    found = Partner.objects.order_by(
        Case(When(state=PartnerState.APPLIED, then=Value(0)), default=Value(1)), "applied_at", "id"
    )
    return found.filter(state=state) if state else found


def partner_for_operator(partner_id: str) -> Partner:
    """Any partner. Raises `NotFound`."""
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    return partner
