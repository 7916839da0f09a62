"""API-key authentication for the HTTP API: key look-up, scopes, last use."""

from __future__ import annotations

import hmac
from datetime import timedelta

import structlog
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.http import HttpAuthBase

from accounts.access.actors import Actor, actor_of_key
from accounts.access.by_log import require_key_as_logged, require_partner_as_logged
from accounts.access.tokens import hash_token
from accounts.errors import KeyExpired, KeyMissing, KeyRevoked, KeyUnknown, PartnerNotActive, ScopeMissing
from accounts.models import ApiKey, Scope
from provenance.common.rate_limit import API_CALLS_PER_MINUTE, spend_call

KEY_MARK = "lk"
# A write on every call would make calls wait for each other, and nobody needs the minute.
LAST_USED_STEP = timedelta(minutes=10)


def find_key(presented: str) -> ApiKey:
    """The key that `lk_<prefix>_<secret>` names. Raises `KeyUnknown`, `KeyRevoked` or `KeyExpired`."""
    mark, _, rest = presented.strip().partition("_")
    prefix, _, secret = rest.partition("_")
    key = ApiKey.objects.select_related("partner").filter(prefix=prefix).first() if prefix else None
    expected = key.secret_sha256 if key else ""
    # Compared also when there is no such key, so that the time does not tell which prefixes exist.
    matches = hmac.compare_digest(hash_token(secret), expected)
    if mark != KEY_MARK or key is None or not matches:
        raise KeyUnknown
    if key.revoked_at is not None:
        raise KeyRevoked
    if key.expires_at <= timezone.now():
        raise KeyExpired
    return key


def record_use(key: ApiKey) -> None:
    """Record that the key was used, in steps of ten minutes."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at <= now - LAST_USED_STEP:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


class AuthenticatedRequest(HttpRequest):
    """A request that `ApiKeyAuth` let pass."""

    auth: Actor


class ApiKeyAuth(HttpAuthBase):
    """Lets a call pass with a usable key that has one of the scopes, of an approved partner.

    `request.auth` is then an `Actor` of kind "api_key".
    """

    openapi_scheme = "bearer"

    def __init__(self, *scopes: Scope | str) -> None:
        self.scopes = tuple(Scope(scope) for scope in scopes)
        super().__init__()

    def __call__(self, request: HttpRequest) -> Actor:
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise KeyMissing
        key = find_key(presented)
        structlog.contextvars.bind_contextvars(partner_id=key.partner_id, key_id=key.id)
        spend_call(request, "key", key.id, limit=API_CALLS_PER_MINUTE)
        if not key.partner.is_active:
            raise PartnerNotActive(
                f"This organisation cannot use the service: it is {key.partner.get_state_display()}."
            )
        require_key_as_logged(key)
        require_partner_as_logged(key.partner)
        if not any(scope in key.scopes for scope in self.scopes):
            names = " or ".join(scope.value for scope in self.scopes)
            raise ScopeMissing(f"This API key lacks the scope {names}.")
        record_use(key)
        return actor_of_key(key)
