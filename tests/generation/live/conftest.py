"""A portrait of partner A that may speak live, and a live server with room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.access.actors import actor_of
from accounts.models import ConsentGrant, Partner, User
from generation.models import Portrait, Voice
from generation.services.live.opening import OpenedSession, open_session
from generation.services.live.room import announce
from tests.factories import granted_consent
from tests.generation.conftest import let_out_without_review

Open = Callable[..., OpenedSession]


@pytest.fixture
def live_grant(partner_a: Partner, amara: Portrait, alice: User) -> ConsentGrant:
    """A consent that names live use; the partner's videos are released without a look."""
    grant = granted_consent(amara, alice, allows_live=True).grant
    let_out_without_review(partner_a)
    announce("live@here", 2)
    return grant


@pytest.fixture
def open_live(alice: User, amara: Portrait) -> Open:
    """Open a session of partner A; arguments of `open_session` may be given."""

    def _open(**arguments: Any) -> OpenedSession:
        values: dict[str, Any] = {"portrait_id": amara.id, "voice": Voice.SYNTHETIC, "size": 256, "seed": 7}
        return open_session(actor=actor_of(alice), **{**values, **arguments})

    return _open
