"""Coded refusals about contacts: where a living subject is asked, how often, and what proves their answer."""

from __future__ import annotations

from provenance.common.errors import CodedError


class ContactMissing(CodedError):
    """There is no address at which the living subject could be asked."""

    code = "contact_missing"
    status = 422
    message = "This subject has no e-mail address or telephone number to be asked at."
    hint = "Name the subject again with an address of their own. Nobody is asked through your organisation."


class ContactOfPartner(CodedError):
    """The address belongs to the partner that asks, so its answer would be the partner's own."""

    code = "contact_of_partner"
    status = 422
    message = "This address belongs to your organisation or to one of its members."
    hint = "Give an address that is the subject's own and that nobody else of your organisation can read."


class PhoneUnavailable(CodedError):
    """This service has no gateway to telephones."""

    code = "phone_unavailable"
    status = 422
    message = "This service cannot send messages to telephones."
    hint = "Give an e-mail address of the subject."


class RequestOpen(CodedError):
    """The person was asked by this partner and has not answered yet."""

    code = "request_open"
    status = 409
    message = "This person has an open request of your organisation already."
    hint = "Wait for their answer. The request expires by itself."


class AskedTooSoon(CodedError):
    """The person said no to this partner, or withdrew, a short time ago."""

    code = "asked_too_soon"
    status = 409
    message = "This person said no to your organisation a short time ago."
    hint = "Thirty days after a no or a withdrawal they can be asked again."


class AskedTooOften(CodedError):
    """The person was asked as often as anybody may be."""

    code = "asked_too_often"
    status = 409
    message = "This person was asked too often lately."
    hint = "Ask them later; put several uses into one request."


class AskingStopped(CodedError):
    """The person does not want to be asked, by this partner or by anybody."""

    code = "asking_stopped"
    status = 409
    message = "This person does not want to be asked again."
    hint = "They can change that themselves, on their own page. Nothing is sent to them."


class CodeWrong(CodedError):
    """What was typed in is not the newest code."""

    code = "code_wrong"
    status = 422
    message = "This is not the code that we sent last."
    hint = "Look at the newest message, or have another code sent."


class CodeExpired(CodedError):
    """There is no code that could be used: none was sent, it is too old, or it was tried too often."""

    code = "code_expired"
    status = 410
    message = "This code cannot be used any more."
    hint = "Have another code sent to you."


class TooManyCodes(CodedError):
    """Enough codes were sent to this contact for now."""

    code = "too_many_codes"
    status = 429
    message = "Too many codes were sent in the last hour."
    hint = "Wait an hour. Nothing was agreed to meanwhile."


class MessageNotSent(CodedError):
    """The mail server or the telephone gateway did not take the message."""

    code = "message_not_sent"
    status = 503
    message = "The message could not be sent."
    hint = "Try again in a few minutes."
