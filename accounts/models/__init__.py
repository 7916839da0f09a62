"""Database models of accounts: people, partners, keys, subjects, contacts, consent grants, webhooks."""

from __future__ import annotations

from accounts.models.api_key import ApiKey, Scope
from accounts.models.consent import ATTESTED_BASES, Basis, ConsentGrant, LiveCheck
from accounts.models.contact import (
    AskingStop,
    Channel,
    Contact,
    ContactLink,
    OneTimeCode,
    RefusedRequest,
)
from accounts.models.partner import Invitation, LabelPolicy, MemberRole, Membership, Partner, ReviewPolicy
from accounts.models.subject import Subject
from accounts.models.user import StaffRole, StaffRoleGrant, User
from accounts.models.webhook import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEventType
from accounts.states import OPEN_CONSENT_STATES, ConsentState, PartnerState

__all__ = [
    "ATTESTED_BASES",
    "OPEN_CONSENT_STATES",
    "ApiKey",
    "AskingStop",
    "Basis",
    "Channel",
    "ConsentGrant",
    "ConsentState",
    "Contact",
    "ContactLink",
    "DeliveryState",
    "Invitation",
    "LabelPolicy",
    "LiveCheck",
    "MemberRole",
    "Membership",
    "OneTimeCode",
    "Partner",
    "PartnerState",
    "RefusedRequest",
    "ReviewPolicy",
    "Scope",
    "StaffRole",
    "StaffRoleGrant",
    "Subject",
    "User",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEventType",
]
