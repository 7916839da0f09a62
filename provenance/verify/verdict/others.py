"""The verdict on credentials of somebody else: what holds, what does not, and what they name of ours."""

from __future__ import annotations

from provenance.manifest.findings.causes import Cause, by_cause
from provenance.manifest.findings.identity import IdentityState
from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.signals import RecordFacts, Signals
from provenance.verify.verdict.kind import Decision, VerdictKind, day_of
from provenance.verify.verdict.layers import CAPTURED_OVER_OTHER_MARK, denies_a_model
from provenance.verify.verdict.messages import Message

_KNOWN = "The file carries valid credentials of somebody else, whose signer is on a list that we know."
_UNKNOWN = (
    "The file carries somebody else's credentials. They fit the file, but we do not know who "
    "signed them: anybody can sign as anybody."
)
_MISFIT_AND_UNSIGNED = (
    "The file carries credentials that do not fit it, and what they say is not as it was signed, or the "
    "signature is not good. They are not ours."
)
_ONE_PART = (
    "The file is one part of a video that is kept in several. Somebody else's credentials are in it, which "
    "can be checked only together with the other parts, and those are not here."
)
_BY_CAUSE = {
    Cause.CONTENT: (
        "The file carries somebody else's credentials, and it is not the content that they were made for: it "
        "was changed after it was signed, or the credentials were taken from another file."
    ),
    Cause.SIGNATURE: (
        "The file carries credentials whose signature is not good, or which are not as they were signed. "
        "They are not ours, and nothing that they say can be relied on. About the content that says nothing."
    ),
    Cause.INCOMPLETE: (
        "The file carries somebody else's credentials, but something that is needed to check them is not "
        "here."
    ),
    Cause.POLICY: (
        "The file carries somebody else's credentials, which are not made as the rules for them ask, so that "
        "they cannot be relied on. About the content that says nothing."
    ),
    Cause.CERTIFICATE: (
        "The file carries somebody else's credentials. The content is as it was signed, but the "
        "certificate does not hold: it ran out, was taken back, or is not one for signing."
    ),
    Cause.INPUT: (
        "The file carries somebody else's credentials. They fit the file, but those of something that it was "
        "made from do not hold."
    ),
}
_INPUT_BROKEN = "Those of something that it was made from do not hold."
_IDENTITIES = {
    IdentityState.UNKNOWN: "Who vouches for the identity that they name, we do not know.",
    IdentityState.NOT_CHECKED: "The identity that they name could not be checked here.",
    IdentityState.INVALID: "The identity that they name does not hold.",
}
_FROM_OURS = {
    "parentOf": (
        "They name a video that was made here as what it was edited from, and that video's own credentials "
        "stand in them and hold. That it was edited from that video, only whoever signed it says."
    ),
    "other": (
        "They name a video that was made here among what it was made from, and that video's own credentials "
        "stand in them and hold. That it was made from that video, only whoever signed it says."
    ),
}


def decide_others(signals: Signals, manifest: ManifestReading) -> Decision:
    """The decision on credentials that are trusted, valid or invalid, and not ours."""
    said = Message(_sentence(manifest))
    if manifest.state is not ManifestState.INVALID and _is_an_input_broken(manifest):
        said = said.followed_by(Message(_INPUT_BROKEN))
    if manifest.identity in _IDENTITIES:
        said = said.followed_by(Message(_IDENTITIES[manifest.identity]))
    if signals.generator is not None and denies_a_model(signals):
        said = said.followed_by(Message(CAPTURED_OVER_OTHER_MARK, {"generator": signals.generator}))
    named = signals.named_input
    about = about_named(signals)
    if named is None or not about:
        return VerdictKind.OTHER_CREDENTIALS, said, None
    said = said.followed_by(*about)
    is_about_this = Cause.CONTENT not in manifest.causes and named.record.is_in_log
    return VerdictKind.OTHER_CREDENTIALS, said, named.record if is_about_this else None


def _is_an_input_broken(manifest: ManifestReading) -> bool:
    return bool(by_cause(manifest.ingredient_codes).keys() - {Cause.CERTIFICATE, Cause.IDENTITY})


def _sentence(manifest: ManifestReading) -> str:
    if manifest.state is ManifestState.TRUSTED_OTHER:
        return _KNOWN
    if manifest.state is ManifestState.VALID_UNTRUSTED:
        return _UNKNOWN
    causes = manifest.causes
    if Cause.CONTENT in causes and Cause.SIGNATURE in causes:
        return _MISFIT_AND_UNSIGNED
    if manifest.is_part and Cause.INCOMPLETE in causes:
        return _ONE_PART
    return _BY_CAUSE[next(cause for cause in causes if cause is not Cause.IDENTITY)]


def about_named(signals: Signals) -> list[Message]:
    """What credentials say of a video of ours among the inputs, and what is to be said of that video.

    Nothing where the signature is not good: then nobody says it.
    """
    named, manifest = signals.named_input, signals.manifest
    if named is None or manifest is None or Cause.SIGNATURE in manifest.causes:
        return []
    sentence = Message(_FROM_OURS.get(named.reading.relationship or "", _FROM_OURS["other"]))
    return [sentence, *state_of_another(named.record)]


def state_of_another(record: RecordFacts) -> list[Message]:
    """What must be said of a video of ours that a file leads to, besides that it does; often nothing."""
    if record.is_in_log and record.state == "released":
        return []
    return [_state(record)]


def _state(record: RecordFacts) -> Message:
    if not record.is_in_log:
        return Message("Our record of that video does not agree with the public log.")
    if record.state == "sealed":
        return Message("That video was never released and should not be in circulation.")
    if record.withdrawn_at is None:
        return Message("That video was withdrawn and must not circulate any more.")
    day = day_of(record.withdrawn_at)
    return Message("That video was withdrawn on {day} and must not circulate any more.", {"day": day})
