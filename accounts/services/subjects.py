"""Naming the people, made-up faces and paintings that portraits show."""

from __future__ import annotations

from django.db import transaction

from accounts import policy
from accounts.actors import Actor
from accounts.models import Subject


@transaction.atomic
def name_subject(*, actor: Actor, display_name: str, email: str = "") -> Subject:
    """A new subject of the actor's partner. With an address, requests for consent are also sent there."""
    partner = policy.require_partner(actor)
    policy.require_active(partner)
    return Subject.objects.create(partner=partner, display_name=display_name, email=email)
