"""Coded refusals about webhooks."""

from __future__ import annotations

from provenance.common.errors import CodedError


class WebhookAddressRefused(CodedError):
    """Messages cannot be sent to this address: not https, not resolvable, or inside a private network."""

    code = "webhook_address_refused"
    status = 422
    message = "Messages cannot be sent to this address."
    hint = "Give an https address on the public internet, without a user name or a fragment in it."


class TooManyWebhooks(CodedError):
    """The partner has as many endpoints as it may."""

    code = "too_many_webhooks"
    status = 409
    message = "An organisation has at most five webhooks."
    hint = "Delete one that is no longer used, then add the new one."
