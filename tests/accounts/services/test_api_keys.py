from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.access.actors import actor_of
from accounts.access.by_log import key_digest
from accounts.access.tokens import hash_token
from accounts.errors import OwnerRequired, PartnerNotActive, TooManyKeys
from accounts.models import ApiKey, Partner, PartnerState, Scope, User
from accounts.services import api_keys
from accounts.states import StateConflict
from provenance.common.errors import InvalidInput, NotFound
from tests.accounts.log_entries import newest_entry


def make(partner: Partner, user: User, **fields) -> tuple[ApiKey, str]:
    values = {
        "name": "production",
        "scopes": [Scope.JOBS, Scope.AUDIO],
        "expires_at": timezone.now() + timedelta(days=30),
        **fields,
    }
    return api_keys.create_key(partner=partner, actor=actor_of(user), **values)


def test_the_secret_is_given_once_and_only_its_hash_is_kept(alice, partner_a):
    key, text = make(partner_a, alice)

    mark, prefix, secret = text.split("_", 2)
    assert (mark, prefix) == ("lk", key.prefix)
    assert len(secret) == 43  # 256 bits
    assert key.secret_sha256 == hash_token(secret)
    assert secret not in str(ApiKey.objects.filter(pk=key.pk).values().get())
    assert key.scopes == ["audio", "jobs"]
    assert newest_entry()["event"] == "api_key.created"
    assert newest_entry()["data"] == {
        "partner_id": partner_a.id,
        "key_id": key.id,
        "key_digest": key_digest(key),
    }


def test_there_are_two_active_keys_at_most(alice, partner_a):
    first, _ = make(partner_a, alice)
    make(partner_a, alice)
    with pytest.raises(TooManyKeys):
        make(partner_a, alice)

    api_keys.revoke_key(partner=partner_a, key_id=first.id, actor=actor_of(alice))

    make(partner_a, alice)


def test_an_expired_key_does_not_count(alice, partner_a):
    for _ in range(2):
        key, _ = make(partner_a, alice)
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now())

    make(partner_a, alice)


@pytest.mark.parametrize(
    "fields",
    [
        {"scopes": []},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"expires_at": timezone.now() + timedelta(days=400)},
    ],
)
def test_it_refuses_keys_for_nothing_or_for_ever(alice, partner_a, fields):
    with pytest.raises(InvalidInput):
        make(partner_a, alice, **fields)


def test_only_owners_make_and_revoke_keys(alice, bob, charlie, partner_a):
    key, _ = make(partner_a, alice)

    with pytest.raises(OwnerRequired):
        make(partner_a, bob)
    with pytest.raises(OwnerRequired):
        api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(bob))
    with pytest.raises(NotFound):
        make(partner_a, charlie)
    with pytest.raises(NotFound):
        api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(charlie))


def test_an_owner_cannot_revoke_another_partners_key(alice, charlie, partner_a, partner_b):
    key, _ = make(partner_b, charlie)

    with pytest.raises(NotFound):
        api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(alice))
    key.refresh_from_db()
    assert key.revoked_at is None


def test_a_suspended_partner_gets_no_key_but_can_revoke(alice, partner_a):
    key, _ = make(partner_a, alice)
    partner_a.state = PartnerState.SUSPENDED
    partner_a.save()

    with pytest.raises(PartnerNotActive):
        make(partner_a, alice)
    revoked = api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(alice))
    assert revoked.revoked_at is not None
    assert newest_entry()["event"] == "api_key.revoked"


def test_a_key_is_revoked_once(alice, partner_a):
    key, _ = make(partner_a, alice)
    api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(alice))

    with pytest.raises(StateConflict):
        api_keys.revoke_key(partner=partner_a, key_id=key.id, actor=actor_of(alice))
