"""Database reads of the accounts app, limited to what the asking partner or role may see."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.models import (
    ATTESTED_BASES,
    ConsentGrant,
    ConsentState,
    Membership,
    Partner,
    PartnerState,
    RefusedRequest,
    StaffRoleGrant,
    Subject,
    User,
)
from provenance.common.errors import NotFound

REFUSALS_COUNT_FOR = timedelta(days=30)


def subjects_of(partner: Partner) -> QuerySet[Subject]:
    """The subjects a partner has named, newest first."""
    return Subject.objects.for_partner(partner).order_by("-created_at", "-id")


def subject_of(partner: Partner, subject_id: str) -> Subject:
    """One subject of a partner. Raises `NotFound`, also for somebody else's."""
    subject = Subject.objects.for_partner(partner).filter(pk=subject_id).first()
    if subject is None:
        raise NotFound(_("There is no subject under that id."))
    return subject


def consents_of(partner: Partner) -> QuerySet[ConsentGrant]:
    """The consents a partner asked for, newest first."""
    return ConsentGrant.objects.for_partner(partner).select_related("subject").order_by("-created_at", "-id")


def consent_of(partner: Partner, consent_id: str) -> ConsentGrant:
    """One consent of a partner. Raises `NotFound`, also for somebody else's."""
    grant = consents_of(partner).filter(pk=consent_id).first()
    if grant is None:
        raise NotFound(_("There is no consent under that id."))
    return grant


def attestations_for(reviewer: User) -> QuerySet[ConsentGrant]:
    """The attestations and recordings that wait, oldest first, but for those of the reviewer's partner."""
    return (
        ConsentGrant.objects.filter(
            state__in=[ConsentState.ATTESTED, ConsentState.RECORDED], valid_until__gt=timezone.now()
        )
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


def recorded_consent(consent_id: str) -> ConsentGrant:
    """One living person's consent with a recording, for a reviewer, decided or not. Raises `NotFound`."""
    grant = (
        ConsentGrant.objects.select_related("partner", "subject", "portrait", "contact")
        .filter(pk=consent_id)
        .exclude(basis__in=ATTESTED_BASES)
        .first()
    )
    if grant is None or not grant.recordings.exists():
        raise NotFound
    return grant


def membership_of(user: User) -> Membership | None:
    """The person's membership of a partner, if there is one."""
    return Membership.objects.select_related("partner").filter(user=user).first()


def assigned_roles(user: User) -> frozenset[str]:
    """The staff roles a person was given, whether or not they are in effect yet (see `actors.actor_of`)."""
    return frozenset(StaffRoleGrant.objects.filter(user=user).values_list("role", flat=True))


def partners_for_operator(state: str | None = None) -> QuerySet[Partner]:
    """The partners of one state by age, or all but those who wait for a decision.

    `refused_lately` says how many of their requests for consent were refused as pestering in thirty days.
    """
    refused = (
        RefusedRequest.objects.filter(
            partner=OuterRef("pk"), created_at__gt=timezone.now() - REFUSALS_COUNT_FOR
        )
        .order_by()
        .values("partner")
        .annotate(count=Count("pk"))
        .values("count")
    )
    found = Partner.objects.annotate(refused_lately=Coalesce(Subquery(refused), 0))
    found = found.filter(state=state) if state else found.exclude(state=PartnerState.APPLIED)
    return found.order_by("applied_at", "id")


def partner_for_operator(partner_id: str) -> Partner:
    """Any partner. Raises `NotFound`."""
    partner = Partner.objects.filter(pk=partner_id).first()
    if partner is None:
        raise NotFound
    return partner


def answers_to(partner: Partner) -> dict[str, int]:
    """How many of a partner's requests to living people are in which state, by the state's label."""
    asked = ConsentGrant.objects.for_partner(partner).exclude(basis__in=ATTESTED_BASES).order_by()
    counted = dict(asked.values_list("state").annotate(Count("pk")))
    return {state.label: counted[state] for state in ConsentState if state in counted}


def refusals_of(partner: Partner) -> dict[str, int]:
    """How many of a partner's requests were refused as pestering in thirty days, by the refusal's code."""
    lately = RefusedRequest.objects.filter(
        partner=partner, created_at__gt=timezone.now() - REFUSALS_COUNT_FOR
    ).order_by()
    return dict(lately.values_list("code").annotate(Count("pk")).order_by("code"))


def namesakes_of(partner: Partner) -> QuerySet[Partner]:
    """Other organisations of the same name, in any case, unless they were refused."""
    return (
        Partner.objects.filter(name__iexact=partner.name.strip())
        .exclude(pk=partner.pk)
        .exclude(state=PartnerState.REFUSED)
        .order_by("applied_at", "id")
    )
