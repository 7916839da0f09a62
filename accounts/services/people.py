"""Creates accounts with a password, for demonstrations and tests. Others sign up by themselves."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from accounts.models import User


@transaction.atomic
def create_account(*, email: str, name: str, password: str) -> User:
    """A person whose mailbox the caller vouches for."""
    user = User.objects.create_user(email, password, name=name)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@transaction.atomic
def enrol_totp(*, user: User) -> str:
    """Set up a new authenticator in place of an earlier one; the base32 secret for the person's app."""
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret
