"""System checks of the accounts app. Ids are stable: accounts.E001, accounts.E002, accounts.W001."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from accounts.contact_errors import PhoneUnavailable
from accounts.notify.telephone import gateway


@register(Tags.security)
def second_factors_are_available(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Staff pages ask for a second factor, so there must be a way to set one up."""
    if apps.is_installed("allauth.mfa") and {"totp", "webauthn"} <= set(settings.MFA_SUPPORTED_TYPES):
        return []
    return [
        Error(
            "Second factors are switched off, so nobody could open the staff pages.",
            hint="Keep allauth.mfa in INSTALLED_APPS, and totp and webauthn in MFA_SUPPORTED_TYPES.",
            id="accounts.E001",
        )
    ]


@register(Tags.security, deploy=True)
def links_are_encrypted(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Links for subjects carry secrets, and passkeys work over https only."""
    if settings.LIKENESS_BASE_URL.startswith("https://"):
        return []
    return [
        Warning(
            "LIKENESS_BASE_URL is not https: consent links travel in the clear and passkeys do not work.",
            hint="Put a proxy with TLS in front and set LIKENESS_BASE_URL to its https address.",
            id="accounts.W001",
        )
    ]


@register
def the_gateway_can_be_imported(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A gateway with a wrong name would be noticed by the first subject who has no e-mail address."""
    try:
        gateway()
    except PhoneUnavailable:
        return []
    except ImportError as error:
        return [
            Error(
                f"LIKENESS_SMS_GATEWAY cannot be imported: {error}",
                hint="Give the dotted path of a function that takes a number and a text.",
                id="accounts.E002",
            )
        ]
    return []
