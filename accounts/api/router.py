"""HTTP API for subjects and consent grants, for partners with an API key."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router, Status

from accounts import selectors
from accounts.access import policy
from accounts.access.auth import ApiKeyAuth, AuthenticatedRequest
from accounts.api.schemas import (
    ConsentCreated,
    ConsentFilters,
    ConsentIn,
    ConsentList,
    ConsentOut,
    SubjectIn,
    SubjectList,
    SubjectOut,
    consent_created,
    consent_out,
    subject_out,
)
from accounts.models import Scope
from accounts.portraits import portrait_of
from accounts.services import consent, subjects
from provenance.api.problem_schemas import Problem
from provenance.common.listing import ListFilters, filtered_page
from provenance.common.pages import Cursor, PageNumber

router = Router(tags=["consents"])

REFUSALS: dict[Any, Any] = {401: Problem, 403: Problem, 422: Problem, 429: Problem}


@router.post(
    "/subjects",
    auth=ApiKeyAuth(Scope.CONSENTS),
    response={201: SubjectOut, **REFUSALS},
    summary="Name a subject",
)
def create_subject(request: AuthenticatedRequest, payload: SubjectIn) -> Status[SubjectOut]:
    """Name the person, the made-up face or the artwork that portraits will show."""
    subject = subjects.name_subject(
        actor=request.auth,
        display_name=payload.display_name,
        email=payload.email,
        phone=payload.phone,
        language=payload.language,
    )
    return Status(201, subject_out(subject))


@router.get(
    "/subjects",
    auth=ApiKeyAuth(Scope.CONSENTS),
    response={200: SubjectList, **REFUSALS},
    summary="List subjects",
)
def list_subjects(
    request: AuthenticatedRequest,
    filters: Query[ListFilters],
    cursor: Cursor = None,
    page: PageNumber = 1,
) -> SubjectList:
    """The subjects you have named, newest first, fifty to a page. `next_cursor` leads on, with the same
    filters."""
    partner = policy.require_partner(request.auth)
    rows = selectors.subjects_of(partner)
    found = filtered_page(rows, filters, page=page, cursor=cursor, name=f"subjects:{partner.id}")
    return SubjectList(
        items=[subject_out(subject) for subject in found],
        count=found.count or 0,
        next_cursor=found.next_cursor,
    )


@router.post(
    "/consents",
    auth=ApiKeyAuth(Scope.CONSENTS),
    response={201: ConsentCreated, 404: Problem, 409: Problem, 410: Problem, **REFUSALS},
    summary="Ask for consent",
)
def create_consent(request: AuthenticatedRequest, payload: ConsentIn) -> Status[ConsentCreated]:
    """Ask the subject of a portrait, or a reviewer where there is nobody to ask.

    A living subject is sent a link to the address or number that you named, records there that they are the
    person in the portrait, and answers with a code that is sent there too; a reviewer looks at the recording.
    None of this is in any answer to you. Nobody is asked twice at a time, nor soon after a no.
    """
    partner = policy.require_partner(request.auth)
    portrait = portrait_of(partner, payload.portrait_id)
    grant = consent.request_consent(
        actor=request.auth,
        portrait=portrait,
        subject=selectors.subject_of(partner, portrait.subject_id),
        basis=payload.basis,
        purpose=payload.purpose,
        valid_until=payload.valid_until,
        max_videos=payload.max_videos,
        statement=payload.statement,
    )
    return Status(201, consent_created(grant))


@router.get(
    "/consents",
    auth=ApiKeyAuth(Scope.CONSENTS),
    response={200: ConsentList, **REFUSALS},
    summary="List consents",
)
def list_consents(
    request: AuthenticatedRequest,
    filters: Query[ConsentFilters],
    cursor: Cursor = None,
    page: PageNumber = 1,
) -> ConsentList:
    """The consents you asked for, newest first, fifty to a page. `next_cursor` leads on, with the same
    filters."""
    partner = policy.require_partner(request.auth)
    rows = selectors.consents_of(partner)
    found = filtered_page(rows, filters, page=page, cursor=cursor, name=f"consents:{partner.id}:")
    return ConsentList(
        items=[consent_out(grant) for grant in found],
        count=found.count or 0,
        next_cursor=found.next_cursor,
    )


@router.get(
    "/consents/{consent_id}",
    auth=ApiKeyAuth(Scope.CONSENTS),
    response={200: ConsentOut, 404: Problem, **REFUSALS},
    summary="Read a consent",
)
def read_consent(request: AuthenticatedRequest, consent_id: str) -> ConsentOut:
    """One consent and its state now."""
    return consent_out(selectors.consent_of(policy.require_partner(request.auth), consent_id))
