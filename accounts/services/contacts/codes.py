"""One-time codes: what proves that the person who answers a consent request holds its contact.

A code is for one thing: the yes to a request, or a draft for it. It proves nothing else.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.contact_errors import CodeExpired, CodeWrong, TooManyCodes
from accounts.models import Contact, OneTimeCode

CODE_LASTS = timedelta(minutes=10)
DIGITS = 6
MOST_ATTEMPTS = 5
CODES_PER_HOUR = 5


YES, DRAFT = "", " draft"  # what a code is for


def _hash(about: str, code: str, use: str) -> str:
    # Keyed: a million codes are tried in a second by whoever reads a table of plain hashes.
    return salted_hmac(f"likeness one-time code {about}{use}", code, algorithm="sha256").hexdigest()


def issue_code(*, contact: Contact, about: str, use: str = YES) -> str:
    """A new code for one use of one request (its id); earlier ones end. Raises `TooManyCodes` beyond five an
    hour.
    """
    now = timezone.now()
    Contact.objects.select_for_update().get(pk=contact.pk)  # two clicks at once are counted one by one
    if contact.codes.filter(created_at__gt=now - timedelta(hours=1)).count() >= CODES_PER_HOUR:
        raise TooManyCodes
    OneTimeCode.objects.filter(about=about, used_at=None, expires_at__gt=now).update(expires_at=now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    OneTimeCode.objects.create(
        contact=contact, about=about, code_hash=_hash(about, code, use), expires_at=now + CODE_LASTS
    )
    return code


def was_sent(about: str) -> bool:
    """Whether any code was sent for a request (its id) of late."""
    return OneTimeCode.objects.filter(about=about).exists()


def count_attempt(about: str) -> OneTimeCode:
    """The newest code of a request (its id), with this attempt counted. Raises `CodeExpired`.

    Its own transaction, before the code is compared: a refusal must not take the count back.
    """
    newest = OneTimeCode.objects.filter(about=about).first()
    if newest is None:
        raise CodeExpired
    counted = OneTimeCode.objects.filter(
        pk=newest.pk, used_at=None, expires_at__gt=timezone.now(), attempts__lt=MOST_ATTEMPTS
    ).update(attempts=F("attempts") + 1)
    if not counted:
        raise CodeExpired
    return newest


def use_code(issued: OneTimeCode, presented: str, *, use: str = YES) -> None:
    """Compare what was typed in, and use the code up. Raises `CodeWrong`, or `CodeExpired` if another did."""
    typed = "".join(presented.split())
    if not hmac.compare_digest(_hash(issued.about, typed, use), issued.code_hash):
        raise CodeWrong
    if not OneTimeCode.objects.filter(pk=issued.pk, used_at=None).update(used_at=timezone.now()):
        raise CodeExpired
