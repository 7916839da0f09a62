"""Coded refusals of the accounts app: API keys, roles, invitations, consent links and consent."""

from __future__ import annotations

from provenance.common.errors import CodedError


class KeyMissing(CodedError):
    """No API key was sent."""

    code = "key_missing"
    status = 401
    message = "This call needs an API key."
    hint = "Send the header: Authorization: Bearer lk_..."


class KeyUnknown(CodedError):
    """The key does not exist or its secret is wrong."""

    code = "key_unknown"
    status = 401
    message = "This API key is not known."
    hint = "Check that the whole key was copied, or create a new one on the partner page."


class KeyExpired(CodedError):
    """The key is past its date."""

    code = "key_expired"
    status = 401
    message = "This API key has expired."
    hint = "Create a new key on the partner page and revoke this one."


class KeyRevoked(CodedError):
    """The key was revoked."""

    code = "key_revoked"
    status = 401
    message = "This API key was revoked."
    hint = "Use another key of your organisation, or create a new one on the partner page."


class ScopeMissing(CodedError):
    """The key is good, but not for this call."""

    code = "scope_missing"
    status = 403
    message = "This API key may not be used for this call."
    hint = "Create a key with the scope that the message names."


class PartnerNotActive(CodedError):
    """The organisation is not approved, or is suspended or refused."""

    code = "partner_not_active"
    status = 403
    message = "This organisation is not approved to use the service at the moment."
    hint = "The partner page shows the state of the organisation and the reason."


class TooManyKeys(CodedError):
    """The partner already has as many usable keys as rotation needs."""

    code = "too_many_keys"
    status = 409
    message = "An organisation has at most two active keys."
    hint = "Revoke the one that is no longer used, then create the new one."


class RoleRequired(CodedError):
    """The person lacks the role, or has not set up the second factor that the role asks for."""

    code = "role_required"
    status = 403
    message = "This step needs a role that you do not have."
    hint = "Ask an operator for the role; roles work only with a second factor set up."


class OwnerRequired(CodedError):
    """Only an owner of the organisation may do this."""

    code = "owner_required"
    status = 403
    message = "Only an owner of the organisation may do this."
    hint = "Ask one of the owners that the team list names."


class FourEyesRequired(CodedError):
    """Nobody decides about the organisation they belong to."""

    code = "four_eyes_required"
    status = 403
    message = "You belong to this organisation, so somebody else has to decide."
    hint = "Ask a colleague who is not a member of it."


class ReasonRequired(CodedError):
    """A decision about somebody needs a reason they can be told."""

    code = "reason_required"
    status = 422
    message = "This decision needs a reason."
    hint = "Write in a sentence why; the organisation is shown it."


class AlreadyMember(CodedError):
    """An account belongs to one organisation at most."""

    code = "already_member"
    status = 409
    message = "This account already belongs to an organisation."
    hint = "Use an account with another e-mail address."


class LastOwner(CodedError):
    """An organisation keeps at least one owner."""

    code = "last_owner"
    status = 409
    message = "The last owner of an organisation cannot leave it."
    hint = "Invite another owner first."


class InvitationUnusable(CodedError):
    """The invitation was used, is too old, or was sent to another mailbox."""

    code = "invitation_unusable"
    status = 409
    message = "This invitation cannot be used with this account."
    hint = "Sign in with the e-mail address it was sent to, or ask for a new one."


class LinkUnknown(CodedError):
    """No consent has a link like this."""

    code = "link_unknown"
    status = 404
    message = "This link does not lead anywhere."
    hint = "Check that the whole link was copied, or ask the organisation for a new one."


class LinkExpired(CodedError):
    """The link or the consent it asks for is past its date."""

    code = "link_expired"
    status = 410
    message = "This link has expired."
    hint = "Nothing was agreed to. The organisation can ask again if you want it to."


class LinkAnswered(CodedError):
    """The question behind the link has its answer already."""

    code = "link_answered"
    status = 409
    message = "This request was answered already."
    hint = "The receipt that was shown with the answer has a link to withdraw."


class MediaErased(CodedError):
    """The picture, sound or video was erased; what is left are ids and digests."""

    code = "media_erased"
    status = 410
    message = "This was erased."
    hint = "Nothing brings it back. A portrait or recording can be uploaded again."


class ConsentMissing(CodedError):
    """Nobody has consented to the use of this portrait."""

    code = "consent_missing"
    status = 409
    message = "There is no consent for this portrait yet."
    hint = "Ask for consent and wait until it is granted."


class ConsentDeclined(CodedError):
    """The subject declined, or the reviewer refused."""

    code = "consent_declined"
    status = 409
    message = "Consent for this portrait was declined."
    hint = "The portrait cannot be used."


class ConsentWithdrawn(CodedError):
    """The subject has withdrawn the consent."""

    code = "consent_withdrawn"
    status = 409
    message = "Consent for this portrait was withdrawn."
    hint = "The portrait cannot be used any more."


class ConsentExpired(CodedError):
    """The consent is past its date."""

    code = "consent_expired"
    status = 409
    message = "Consent for this portrait has expired."
    hint = "Ask for consent again."


class ConsentNotLive(CodedError):
    """There is consent in force for the portrait, and none that names live use."""

    code = "consent_not_live"
    status = 403
    message = "The consent for this portrait does not name live sessions."
    hint = "Ask again with allows_live; the subject is shown that the picture may speak live."


class ConsentUsedUp(CodedError):
    """All videos that the subject agreed to were made."""

    code = "consent_used_up"
    status = 409
    message = "All videos that this consent covers were made."
    hint = "Ask for consent again, for as many videos as you need."
