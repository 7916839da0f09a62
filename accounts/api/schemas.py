"""Request and response schemas of the accounts API."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from ninja import Field, Schema

from accounts.models import Basis, ConsentGrant, ConsentState, LiveCheck, Subject
from provenance.api.request_body import RequestBody
from provenance.common.listing import ListCount, ListFilters, Moment, Row


class SubjectIn(RequestBody):
    """Who or what a portrait shows."""

    display_name: str = Field(
        min_length=1, max_length=120, description="How they are addressed on their page."
    )
    email: str = Field(
        "",
        max_length=254,
        description="Where a living subject is asked: an address of their own, not of your organisation.",
    )
    phone: str = Field(
        "",
        max_length=40,
        description="Where they are asked without an e-mail address: +, country and number. Not every "
        "service sends text messages.",
    )
    language: str = Field(
        "en",
        max_length=10,
        description="Of the messages to a living subject: `en`, `de`, `fr`, `es` or `it`.",
    )


class SubjectOut(Schema):
    """A subject the partner has named."""

    id: str
    display_name: str
    email: str
    phone: str
    language: str
    created_at: datetime


class SubjectList(Schema):
    """One page of subjects, newest first."""

    items: list[SubjectOut]
    count: ListCount
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


class ConsentIn(RequestBody):
    """A request for consent to use one portrait."""

    portrait_id: str
    basis: Basis = Field(
        description="own_likeness and other_person are answered by the subject; the other two you attest "
        "and a reviewer confirms."
    )
    purpose: str = Field(min_length=1, max_length=500, description="Shown to the subject word for word.")
    valid_until: Moment = Field(description="With a time zone; within five years.")
    max_videos: int = Field(ge=1, le=10_000)
    allows_live: bool = Field(
        False, description="Whether the portrait may also speak in live sessions; each counts as a video."
    )
    statement: str = Field(
        "", max_length=2000, description="For attested bases: where the picture comes from and how you know."
    )


class ConsentFilters(ListFilters):
    """Which consents to list."""

    portrait_id: str | None = Field(None, description="Only those for one portrait.")
    subject_id: str | None = Field(None, max_length=60, description="Only those of one subject.")
    state: ConsentState | None = Field(None, description="Only those in one state now.")
    is_usable: bool | None = Field(
        None,
        description="Only those that a job can use now (true), or cannot: in force, with videos left, of a "
        "portrait that is still here.",
    )

    def chosen(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """As every list, by the state that the answers show: what is past its date has expired."""
        if self.is_usable is not None:
            usable = ConsentGrant.objects.usable(timezone.now()).values("pk")
            rows = rows.filter(pk__in=usable) if self.is_usable else rows.exclude(pk__in=usable)
            return self.model_copy(update={"is_usable": None}).chosen(rows)
        state = self.state
        if state is None:
            return super().chosen(rows)
        over = Q(pk__in=ConsentGrant.objects.due(timezone.now()).values("pk"))
        own = Q(state=state)
        rows = rows.filter(own | over if state == ConsentState.EXPIRED else own & ~over)
        return self.model_copy(update={"state": None}).chosen(rows)


class ConsentOut(Schema):
    """A consent and its present state."""

    id: str
    portrait_id: str
    subject_id: str
    basis: Basis
    purpose: str
    valid_until: datetime
    max_videos: int
    used_videos: int
    allows_live: bool
    state: ConsentState
    reason: str = Field(description="Why a reviewer refused or took it back; else empty.")
    created_at: datetime
    decided_at: datetime | None
    withdrawn_at: datetime | None
    live_check: LiveCheck | None = Field(
        description="How the person who agreed was found to be the one in the portrait: by a reviewer, or by "
        "the operator's policy (0.5.0); `none` if granted before 0.5.0; null if attested or not granted."
    )
    receipt_digest: str = Field(description="SHA-256 of the receipt, as the log and the manifest have it.")


class ConsentCreated(ConsentOut):
    """A new request. A living subject is sent a link that lasts fourteen days."""

    subject_link: str | None = Field(
        deprecated=True,
        description="Always null: the link goes to the subject and to nobody else. Removed with /v2.",
    )


class ConsentList(Schema):
    """One page of consents, newest first."""

    items: list[ConsentOut]
    count: ListCount
    next_cursor: str | None = Field(description="Leads to the next page; null on the last one.")


def subject_out(subject: Subject) -> SubjectOut:
    """The public form of a subject."""
    return SubjectOut.model_validate(subject)


def consent_out(grant: ConsentGrant) -> ConsentOut:
    """The public form of a consent."""
    return ConsentOut(
        id=grant.id,
        portrait_id=grant.portrait_id,
        subject_id=grant.subject_id,
        basis=Basis(grant.basis),
        purpose=grant.purpose,
        valid_until=grant.valid_until,
        max_videos=grant.max_videos,
        used_videos=grant.used_videos,
        allows_live=grant.allows_live,
        state=grant.current_state,
        reason=grant.reason,
        created_at=grant.created_at,
        decided_at=grant.decided_at,
        withdrawn_at=grant.withdrawn_at,
        live_check=LiveCheck(grant.live_check) if grant.live_check else None,
        receipt_digest=grant.receipt_digest,
    )


def consent_created(grant: ConsentGrant) -> ConsentCreated:
    """The answer to a new request."""
    return ConsentCreated(**consent_out(grant).model_dump(), subject_link=None)
