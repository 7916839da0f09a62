"""Create the demonstration's people, partner and API key, and print them as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.access.actors import Actor, actor_of
from accounts.models import ApiKey, Partner, ReviewPolicy, Scope, StaffRole, User
from accounts.services import api_keys, partners, people, staff

PARTNER_NAME = "Harbour Stories (demonstration)"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in to a demonstration."""

    role: str
    email: str
    password: str
    totp_secret: str = ""


class Command(BaseCommand):
    help = "Make an approved demonstration partner, its owner and staff with second factors (localhost only)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Everything goes through the services that everybody else uses."""
        if not settings.LIKENESS_BASE_URL.startswith("http://localhost:"):
            raise CommandError(
                "Demonstration accounts are for localhost only; LIKENESS_BASE_URL is another address."
            )
        with transaction.atomic():
            owner, owner_login = self._person("owner", "olivia@harbour.example")
            _, reviewer_login = self._staff(StaffRole.REVIEWER, "rita@likeness.example")
            operator, operator_login = self._staff(StaffRole.OPERATOR, "otto@likeness.example")
            _, auditor_login = self._staff(StaffRole.AUDITOR, "anouk@likeness.example")
            partner = self._partner(owner, actor_of(operator))
            secret = self._key(partner, actor_of(owner))
        logins = [owner_login, reviewer_login, operator_login, auditor_login]
        self.stdout.write(
            json.dumps(
                {"partner_id": partner.id, "api_key": secret, "people": [login.__dict__ for login in logins]}
            )
        )

    def _person(self, role: str, email: str) -> tuple[User, Person]:
        password = f"demonstration-{role}"
        user = User.objects.filter(email=email).first()
        if user is None:
            user = people.create_account(email=email, name=role.capitalize(), password=password)
        return user, Person(role, email, password)

    def _staff(self, role: StaffRole, email: str) -> tuple[User, Person]:
        user, login = self._person(role.value, email)
        secret = people.enrol_totp(user=user)
        staff.grant_role(user=user, role=role)
        return user, Person(login.role, login.email, login.password, secret)

    def _partner(self, owner: User, operator: Actor) -> Partner:
        partner = Partner.objects.filter(name=PARTNER_NAME).first()
        if partner is None:
            partner = partners.apply(
                name=PARTNER_NAME,
                website="https://harbour.example",
                contact_name="Olivia",
                contact_email=owner.email,
                purpose="Short stories told by presenters who said yes.",
                user=owner,
            )
            partner = partners.approve(
                partner_id=partner.id, actor=operator, reason="Demonstration on localhost."
            )
            partner = partners.set_review_policy(
                partner_id=partner.id, review_policy=ReviewPolicy.RELEASE, actor=operator
            )
        return partner

    def _key(self, partner: Partner, owner: Actor) -> str:
        for key in ApiKey.objects.for_partner(partner).usable(timezone.now()):
            api_keys.revoke_key(partner=partner, key_id=key.id, actor=owner)
        expires_at = timezone.now() + timedelta(days=30)
        _, secret = api_keys.create_key(
            partner=partner, name="demonstration", scopes=list(Scope), expires_at=expires_at, actor=owner
        )
        return secret
