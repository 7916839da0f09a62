"""Creates subjects: the people, made-up faces and paintings that portraits show."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from accounts.access import policy
from accounts.access.actors import Actor
from accounts.models import Subject
from accounts.notify.telephone import gateway
from accounts.services.contacts.addresses import normal_phone, require_not_of_partner
from provenance.common.errors import InvalidInput
from provenance.common.readable_text import require_readable


@transaction.atomic
def name_subject(
    *, actor: Actor, display_name: str, email: str = "", phone: str = "", language: str = "en"
) -> Subject:
    """A new subject of the actor's partner. A living one is asked at the address, or else at the number.

    Messages to them are in `language`, a code of the setting LANGUAGES, where there is a translation.
    Raises `PartnerNotActive`, `InvalidInput` for an empty name or something that is no address or number,
    `UnreadableText`, `ContactOfPartner`, and `PhoneUnavailable` where nothing reaches telephones.
    """
    partner = policy.require_partner(actor)
    policy.require_active(partner)
    if not display_name.strip():
        raise InvalidInput(_("The field display_name is empty."))
    require_readable(display_name, field="display_name")
    if language not in dict(settings.LANGUAGES):
        said = gettext("The field {field} must be one of {values}.")
        raise InvalidInput(said.format(field="language", values=", ".join(dict(settings.LANGUAGES))))
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise InvalidInput(_("The field email does not hold an e-mail address.")) from error
        require_not_of_partner(partner, email)
    if phone.strip():
        phone = normal_phone(phone)
        gateway()
    return Subject.objects.create(
        partner=partner,
        display_name=display_name.strip(),
        email=email,
        phone=phone.strip(),
        language=language,
    )
