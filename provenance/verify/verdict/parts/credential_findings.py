"""What a verdict lists about credentials: their state, what is wrong by cause, identity and inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.manifest.findings.causes import UNKNOWN_SIGNER, Cause, by_cause
from provenance.manifest.findings.identity import IdentityState
from provenance.manifest.states import InputState, ManifestReading, ManifestState
from provenance.verify.evidence.signals import Signals
from provenance.verify.verdict.messages import Message

# Signal, finding (a stable word) and sentence.
Finding = tuple[str, str, Message]

_STATES = {
    ManifestState.NONE: "The file carries no Content Credentials.",
    ManifestState.UNREADABLE: "The Content Credentials in the file cannot be read.",
    ManifestState.REMOTE_ONLY: "The file names an address for its Content Credentials; it was not asked.",
    ManifestState.DETACHED: "The file is nothing but Content Credentials, for a file that is not here.",
    ManifestState.INVALID: "The Content Credentials do not hold.",
    ManifestState.VALID_UNTRUSTED: "The Content Credentials fit the file; who signed them is unknown to us.",
    ManifestState.TRUSTED_OTHER: "The Content Credentials fit the file; their signer is on a list we know.",
    ManifestState.TRUSTED_OURS: "The Content Credentials fit the file and were signed by us.",
}
_PERHAPS_THERE = "Whether the file carries Content Credentials cannot be told: it cannot be read."
_IN_PARTS = "The Content Credentials can be checked only with all parts of the video; this is one of them."
_NO_RECORD = "We have no record of a video with these credentials."
_NO_EVIDENCE = "The evidence that is at hand is not that of a video with these credentials."
_MISFIT = "The Content Credentials do not fit the file."
_FIT_ALL_THE_SAME = "The Content Credentials fit the file, but they do not hold."
_CAUSES = {
    Cause.CONTENT: "The content is not the one that was signed: {codes}.",
    Cause.SIGNATURE: "The signature is not good, or what it covers is not as it was signed: {codes}.",
    Cause.INCOMPLETE: "Something that is needed to check them is not here: {codes}.",
    Cause.POLICY: "They are not made as the rules for credentials ask: {codes}.",
    Cause.CERTIFICATE: "The signer's certificate or the time-stamp does not hold: {codes}.",
    Cause.INPUT: "The credentials of something that it was made from do not hold: {codes}.",
}
_IDENTITIES = {
    IdentityState.TRUSTED: "They name an identity beside the signer; who vouches for it we know.",
    IdentityState.UNKNOWN: "They name an identity beside the signer; who vouches for it is unknown to us.",
    IdentityState.NOT_CHECKED: "They name an identity beside the signer, which could not be checked here.",
    IdentityState.INVALID: "They name an identity beside the signer, which does not hold.",
}
_PARENT = "The video that it was edited from is ours: its credentials stand in these and are unaltered."
_NAMED_PARENT = (
    "They name a video of ours as what it was edited from: its credentials stand in these and are unaltered."
)
_NAMED_INPUT = (
    "They name a video of ours among what it was made from: its credentials stand in these and are unaltered."
)


def credential_findings(signals: Signals) -> Iterator[Finding]:
    """All that is to be said of the credentials, in the order in which a person would ask."""
    manifest = signals.manifest
    if manifest is None:
        sentence = "Whether the file carries Content Credentials could not be looked at."
        yield "manifest", "not_read", Message(sentence)
        return
    yield "manifest", manifest.state.value, _state(manifest)
    for cause, codes in manifest.causes.items():
        is_said_of_the_inputs = cause is Cause.INPUT and set(codes) <= set(manifest.ingredient_codes)
        if cause in _CAUSES and manifest.state is not ManifestState.DETACHED and not is_said_of_the_inputs:
            yield "cause", cause.value, Message(_CAUSES[cause], {"codes": ", ".join(codes) or "?"})
    if manifest.state is ManifestState.INVALID and manifest.is_signed_by_us:
        sentence = "The signature itself is ours and good, over content that is not this file's."
        yield "signature", "ours", Message(sentence)
    if manifest.identity is not None:
        yield "identity", manifest.identity.value, Message(_IDENTITIES[manifest.identity])
    yield from _inputs(manifest)
    if manifest.state is ManifestState.TRUSTED_OURS and signals.by_manifest is None:
        yield "manifest_record", "unknown", Message(_NO_RECORD if signals.has_all_records else _NO_EVIDENCE)
    yield from _ours_among(manifest)


def _state(manifest: ManifestReading) -> Message:
    sentence = Message(_STATES[manifest.state])
    if manifest.is_part and manifest.state in {ManifestState.INVALID, ManifestState.UNREADABLE}:
        sentence = Message(_IN_PARTS)
    elif manifest.state is ManifestState.UNREADABLE and not manifest.is_there:
        sentence = Message(_PERHAPS_THERE)
    elif manifest.state is ManifestState.INVALID and Cause.CONTENT in manifest.causes:
        sentence = Message(_MISFIT)
    elif manifest.state is ManifestState.INVALID and manifest.is_content_bound:
        sentence = Message(_FIT_ALL_THE_SAME)
    if manifest.codes:
        sentence = sentence.followed_by(Message("Codes: {codes}.", {"codes": ", ".join(manifest.codes)}))
    return sentence


def _inputs(manifest: ManifestReading) -> Iterator[Finding]:
    causes = by_cause(manifest.ingredient_codes)
    changed = causes.pop(Cause.CONTENT, ())
    causes.pop(Cause.IDENTITY, None)
    certificate = causes.pop(Cause.CERTIFICATE, ())
    wrong = [code for codes in causes.values() for code in codes]
    if wrong:
        broken = _naming("The credentials of an input do not hold: {codes}.", sorted(wrong))
        if any(by_cause(item.recorded) for item in manifest.inputs if item.state is InputState.INVALID):
            broken = broken.followed_by(Message("The tool that used it found so, too, and wrote it down."))
        yield "ingredients", "invalid", broken
    if changed:
        sentence = "An input did not fit its credentials, says the tool that used it: {codes}."
        yield "ingredients", "misfit", _naming(sentence, changed)
    if certificate:
        sentence = "The certificate of an input's signer does not hold: {codes}."
        yield "ingredients", "certificate", _naming(sentence, certificate)
    if not wrong and not changed and not certificate and set(manifest.ingredient_codes) & UNKNOWN_SIGNER:
        sentence = "The credentials of an input hold; their signer is unknown to us."
        yield "ingredients", "valid_untrusted", Message(sentence)


def _naming(template: str, codes: Iterable[str]) -> Message:
    return Message(template, {"codes": ", ".join(codes)})


def _ours_among(manifest: ManifestReading) -> Iterator[Finding]:
    ours = [one.relationship for one in manifest.inputs if one.state is InputState.OURS]
    if manifest.is_edited:
        yield "parent", "ours", Message(_PARENT)
    elif "parentOf" in ours:
        yield "parent", "ours", Message(_NAMED_PARENT)
    if any(relationship != "parentOf" for relationship in ours):
        yield "input", "ours", Message(_NAMED_INPUT)
