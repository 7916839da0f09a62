"""Creates subjects: the people, made-up faces and paintings that portraits show."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.models import Subject
from provenance.common.errors import InvalidInput


@transaction.atomic
def name_subject(*, actor: Actor, display_name: str, email: str = "") -> Subject:
    """A new subject of the actor's partner. With an address, requests for consent are also sent there.

    Raises `PartnerNotActive`, and `InvalidInput` for an empty name or something that is not an address.
    """
    partner = policy.require_partner(actor)
    policy.require_active(partner)
    if not display_name.strip():
        raise InvalidInput("The field display_name is empty.")
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise InvalidInput("The field email does not hold an e-mail address.") from error
    return Subject.objects.create(partner=partner, display_name=display_name.strip(), email=email.strip())
