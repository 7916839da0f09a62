"""Create and revoke API keys; for owners of the partner."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.access.auth import KEY_MARK
from accounts.access.by_log import key_digest
from accounts.access.tokens import hash_token, new_token
from accounts.errors import TooManyKeys
from accounts.models import ApiKey, Partner, Scope, WebhookEventType
from accounts.services.webhooks.recording import tell_partner
from accounts.states import StateConflict
from provenance.common.errors import InvalidInput, NotFound
from provenance.common.readable_text import require_readable
from provenance.log.entries import LogEvent
from provenance.services import log

MAX_ACTIVE_KEYS = 2  # the one in use and the one it is being replaced by
LONGEST_LIFE = timedelta(days=366)


@transaction.atomic
def create_key(
    *, partner: Partner, name: str, scopes: Collection[Scope], expires_at: datetime, actor: Actor
) -> tuple[ApiKey, str]:
    """A new key and its only copy, `lk_<prefix>_<secret>`.

    Raises `TooManyKeys` beyond two active ones, `PartnerNotActive`, `UnreadableText`, and `InvalidInput` for
    no scope or an expiry that is past or more than a year away.
    """
    policy.require_owner(actor, partner)
    policy.require_active(partner)
    require_readable(name, field="name")
    now = timezone.now()
    if not scopes:
        raise InvalidInput(_("A key needs at least one scope."))
    if not now < expires_at <= now + LONGEST_LIFE:
        raise InvalidInput(_("A key expires in the future, and within a year."))
    # The partner's row is the lock under which keys are counted.
    Partner.objects.select_for_update().get(pk=partner.pk)
    if ApiKey.objects.for_partner(partner).usable(now).count() >= MAX_ACTIVE_KEYS:
        raise TooManyKeys
    secret = new_token()
    key = ApiKey.objects.create(
        partner=partner,
        name=name,
        prefix=secrets.token_hex(6),
        secret_sha256=hash_token(secret),
        scopes=sorted(Scope(scope).value for scope in scopes),
        created_by=actor.user,
        expires_at=expires_at,
    )
    log.append(
        LogEvent.API_KEY_CREATED,
        actor=actor.id,
        data={"partner_id": partner.id, "key_id": key.id, "key_digest": key_digest(key)},
    )
    _tell(key, WebhookEventType.API_KEY_CREATED)
    return key, f"{KEY_MARK}_{key.prefix}_{secret}"


@transaction.atomic
def revoke_key(*, partner: Partner, key_id: str, actor: Actor) -> ApiKey:
    """Revoke a key. Raises `NotFound`, or `StateConflict` if it was revoked before."""
    policy.require_owner(actor, partner)
    revoked = ApiKey.objects.filter(pk=key_id, partner=partner, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    key = ApiKey.objects.filter(pk=key_id, partner=partner).first()
    if key is None:
        raise NotFound
    if not revoked:
        raise StateConflict(_("This key was revoked already."))
    log.append(LogEvent.API_KEY_REVOKED, actor=actor.id, data={"partner_id": partner.id, "key_id": key.id})
    _tell(key, WebhookEventType.API_KEY_REVOKED)
    return key


def _tell(key: ApiKey, event_type: WebhookEventType) -> None:
    tell_partner(
        partner_id=key.partner_id,
        event_type=event_type,
        subject=key.id,
        data={"api_key_id": key.id, "name": key.name},
        at=timezone.now(),
    )
