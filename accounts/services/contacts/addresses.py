"""Finds the contact of a subject, and refuses one that belongs to the partner that asks."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop as _

from accounts.access.members_by_log import members_in_log
from accounts.contact_errors import ContactMissing, ContactOfPartner
from accounts.models import Channel, Contact, Membership, Partner, Subject, User
from accounts.notify.telephone import gateway
from provenance.common.errors import InvalidInput
from provenance.keys.service_keys import keyed_digests

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_WRITTEN = re.compile(r"[\s().\-/]")
# Mailboxes for everybody: that a member has one there says nothing about others.
# fmt: off
PUBLIC_MAIL_DOMAINS = frozenset({
    "aol.com", "fastmail.com", "gmail.com", "gmx.at", "gmx.ch", "gmx.de", "gmx.net", "googlemail.com",
    "hotmail.com", "icloud.com", "laposte.net", "libero.it", "live.com", "mail.com", "mail.ru", "me.com",
    "msn.com", "orange.fr", "outlook.com", "outlook.de", "proton.me", "protonmail.com", "qq.com",
    "t-online.de", "tutanota.com", "web.de", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.ru", "zoho.com",
})
# fmt: on


def normal_phone(written: str) -> str:
    """A telephone number in E.164 form: a plus, the country and 7 to 15 digits. Raises `InvalidInput`."""
    number = _WRITTEN.sub("", written)
    if not _E164.fullmatch(number):
        raise InvalidInput(
            _("The field phone does not hold a telephone number."),
            hint=_("Write it with the country: +44 20 ..."),
        )
    return number


def identity_of_email(address: str) -> str:
    """What addresses share that may lead to one mailbox: lower case, without the part after a plus."""
    name, _, domain = address.strip().lower().rpartition("@")
    return f"{name.partition('+')[0]}@{domain}"


def tombstone(channel: str, text: str) -> str:
    """What an erased address or identity is kept as: a keyed digest, to know it when it is named again."""
    return tombstones(channel, text)[-1]


def tombstones(channel: str, text: str) -> list[str]:
    """What it may have been erased to, under each secret that there was."""
    digests = keyed_digests("likeness erased contact", f"{channel} {text}")
    return [f"erased:{digest}" for digest in digests]


def find_contact(channel: Channel, address: str) -> Contact | None:
    """The contact with an address, if somebody named it before. Raises `InvalidInput` for no number."""
    return Contact.objects.filter(channel=channel, address=_normal(channel, address)).first()


def require_email(address: str) -> None:
    """Require that messages can be addressed there. Raises `InvalidInput`."""
    try:
        validate_email(address.strip())
    except ValidationError as error:
        raise InvalidInput(_("This is no e-mail address.")) from error


def find_or_make_contact(channel: Channel, address: str) -> Contact:
    """The contact with an address, which may be new here. Raises `InvalidInput` for no number."""
    return _contact(channel, address)


def contact_of(subject: Subject) -> Contact:
    """The contact a living subject is asked at; the e-mail address before the telephone.

    Raises `ContactMissing`, `ContactOfPartner`, or `PhoneUnavailable` where nothing reaches telephones.
    """
    if subject.email:
        require_not_of_partner(subject.partner, subject.email)
        return _contact(Channel.EMAIL, subject.email)
    if subject.phone:
        gateway()
        return _contact(Channel.PHONE, subject.phone)
    raise ContactMissing


def require_not_of_partner(partner: Partner, email: str) -> None:
    """Refuse an address of the partner's contact, members and invitations, and of their and its own domains.

    Raises `ContactOfPartner`. What the partner owns without anybody's knowledge is beyond this check.
    """
    identity = identity_of_email(email)
    theirs = {identity_of_email(address) for address in _addresses_of(partner)}
    domains = {address.rpartition("@")[2] for address in theirs} - PUBLIC_MAIL_DOMAINS
    domains.add((urlsplit(partner.website).hostname or "").lower().removeprefix("www."))
    domain = identity.rpartition("@")[2]
    is_in_domain = any(own and (domain == own or domain.endswith(f".{own}")) for own in domains)
    if identity in theirs or is_in_domain:
        raise ContactOfPartner


def _addresses_of(partner: Partner) -> set[str]:
    """All of them as they were typed in. Two queries."""
    rows = Membership.objects.filter(partner=partner).order_by().values_list("user_id", flat=True)
    members = {*rows, *members_in_log(partner.pk)}  # a row that was taken out would let a member be asked
    own = User.objects.filter(pk__in=members).order_by().values_list("email", flat=True)
    stored = own.union(
        EmailAddress.objects.filter(user__in=members).order_by().values_list("email", flat=True),
        partner.invitations.order_by().values_list("email", flat=True),
    )
    return {partner.contact_email, *stored}


def _normal(channel: Channel, address: str) -> str:
    return address.strip().lower() if channel == Channel.EMAIL else normal_phone(address)


def _contact(channel: Channel, address: str) -> Contact:
    normal = _normal(channel, address)
    identity = identity_of_email(normal) if channel == Channel.EMAIL else normal
    contact, _ = Contact.objects.get_or_create(
        channel=channel, address=normal, defaults={"identity": identity}
    )
    return contact
