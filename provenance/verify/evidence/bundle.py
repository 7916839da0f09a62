"""Evidence bundles: one JSON file per rendition, from which anybody can check it without the service.

A bundle proves, under a checkpoint signed with the log's key, what was sealed and every step since. What it
cannot prove is that nothing happened after that checkpoint: it is as new as it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import NotRequired, TypedDict, cast

from provenance.common.errors import CodedError
from provenance.common.visible_label import VisibleLabel
from provenance.fingerprints.record_fingerprints import salted_digest
from provenance.log.checkpoint import Checkpoint, open_checkpoint
from provenance.log.cosignature import TooFewWitnesses, WitnessPolicy
from provenance.log.entries import Entry, LogEvent, parse_entry
from provenance.log.errors import LogCheckFailed
from provenance.log.keys import LogVerifyKey
from provenance.log.merkle import verify_entry
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.signals import RecordFacts, RecordStateName

BUNDLE_FORMAT = "likeness-evidence/1"
KEYS_FORMAT = "likeness-verification-keys/1"

_STATES: dict[LogEvent, RecordStateName] = {
    LogEvent.RENDITION_SEALED: "sealed",
    LogEvent.RENDITION_RELEASED: "released",
    LogEvent.RENDITION_REVOKED: "withdrawn",
    LogEvent.RENDITION_REJECTED: "withdrawn",
}


class ProvenEntryJson(TypedDict):
    entry: str
    inclusion_proof: list[str]


class LogProofJson(TypedDict):
    checkpoint: str
    public_key: str
    entries: list[ProvenEntryJson]


class EvidenceJson(TypedDict):
    """A bundle's keys: public and lasting. Binary values are in Base64."""

    format: str
    rendition_id: str
    state: str
    file_sha256: str
    watermark_id: str
    content_prints: str
    fingerprints: NotRequired[str]  # since 0.3.0; empty where a video has none
    fingerprints_salt: NotRequired[str]
    consent_receipt_digest: str
    manifest: str
    manifest_label: str
    log: LogProofJson


_NO_KEYS = "This is no file with verification keys."
KEYS_FROM = "Take them from /v1/verification-keys of the service, over a way that you trust."


class BundleRejected(CodedError):
    """The bundle does not prove what it says, or is none."""

    code = "bundle_rejected"
    status = 422
    message = "The evidence bundle does not hold."
    hint = "Fetch it anew from /v1/evidence/, and check that the keys are those of the service it is from."


@dataclass(frozen=True)
class PinnedKeys:
    """The public keys of a service, fetched once over a way that is trusted, and kept."""

    log_key: LogVerifyKey
    trust: TrustStore

    def to_json(self) -> dict[str, str]:
        """The form in which they are kept."""
        return {"format": KEYS_FORMAT, "log_key": self.log_key.vkey, **asdict(self.trust)}

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> PinnedKeys:
        """The keys that `to_json` described. Raises `BundleRejected`."""
        try:
            names = ("format", "log_key", *(field.name for field in fields(TrustStore)))
            texts = {name: value for name in names if isinstance(value := values[name], str)}
            if len(texts) != len(names) or texts.pop("format") != KEYS_FORMAT:
                raise BundleRejected(_NO_KEYS, hint=KEYS_FROM)
            return cls(LogVerifyKey.from_vkey(texts.pop("log_key")), TrustStore(**texts))
        except (KeyError, TypeError, LogCheckFailed) as error:
            raise BundleRejected(_NO_KEYS, hint=KEYS_FROM) from error


@dataclass(frozen=True)
class ProvenRendition:
    """What a bundle proves: the record as of a checkpoint, the entries, and the manifest as it was sealed.

    `watermark_year` is the year whose key marked the video, `watermark_version` the version of the payload
    that carries its id, `content_prints` what it shows.
    """

    record: RecordFacts
    checkpoint: Checkpoint
    entries: tuple[Entry, ...]
    manifest: bytes
    watermark_year: int
    watermark_version: int
    content_prints: bytes


class WitnessesMissing(BundleRejected):
    """The bundle's checkpoint lacks the signatures of witnesses that were asked for."""

    code = "witnesses_missing"
    message = "Too few of the chosen witnesses signed the log that the evidence bundle is from."
    hint = "Fetch it anew in some minutes. If that does not help, the log may show others another history."


def open_bundle(
    values: Mapping[str, object], key: LogVerifyKey, *, witnesses: WitnessPolicy | None = None
) -> ProvenRendition:
    """Check a bundle, as JSON, against the log's pinned key. Raises `BundleRejected` unless all of it holds.

    With `witnesses`, its checkpoint has to be signed by as many of them as they ask for (`WitnessesMissing`).

    Keys that it does not know are passed over: later versions may say more.
    """
    bundle = cast("EvidenceJson", values)  # a claim, which each use of it below puts to the test
    try:
        if bundle["format"] != BUNDLE_FORMAT:
            raise BundleRejected("This is no evidence bundle of a version that we know.")
        checkpoint = open_checkpoint(bundle["log"]["checkpoint"], key)
        if witnesses is not None:
            witnesses.require(bundle["log"]["checkpoint"])
        entries = tuple(_proven_entries(bundle["log"]["entries"], checkpoint))
        manifest = _bytes(bundle["manifest"])
        prints = _bytes(bundle["content_prints"])
        label = str(bundle["manifest_label"])
        record = replace(_record(entries, str(bundle["rendition_id"])), manifest_label=label)
        sealed = entries[0].data
        fingerprints = _bytes(bundle.get("fingerprints", ""))
        salt = _bytes(bundle.get("fingerprints_salt", ""))
        year = int(str(sealed["watermark_year"]))
        version = int(str(sealed.get("watermark_version", 1)))
    except BundleRejected:
        raise
    except TooFewWitnesses as error:
        raise WitnessesMissing(str(error)) from error
    except LogCheckFailed as error:
        raise BundleRejected(f"The evidence bundle does not hold: {error}") from error
    except (KeyError, TypeError, AttributeError, IndexError, binascii.Error, ValueError) as error:
        raise BundleRejected("The evidence bundle is malformed.") from error
    if sealed["manifest_digest"] != hashlib.sha256(manifest).hexdigest():
        raise BundleRejected("The manifest in the bundle is not the one that was sealed.")
    if sealed["content_prints_digest"] != hashlib.sha256(prints).hexdigest():
        raise BundleRejected("The content prints in the bundle are not those that were sealed.")
    sealed_digest = salted_digest(fingerprints, salt) if fingerprints else None
    if sealed.get("fingerprints_digest") != sealed_digest:
        raise BundleRejected("The fingerprints in the bundle are not those that were sealed.")
    if label.encode() not in manifest:
        raise BundleRejected("The manifest in the bundle bears another name.")
    if sealed["consent_receipt_digest"] != bundle.get("consent_receipt_digest"):
        raise BundleRejected("The consent receipt in the bundle is not the one that was sealed.")
    record = replace(record, fingerprints=fingerprints)
    return ProvenRendition(record, checkpoint, entries, manifest, year, version, prints)


def _proven_entries(entries: Iterable[ProvenEntryJson], checkpoint: Checkpoint) -> Iterator[Entry]:
    for item in entries:
        body = _bytes(item["entry"])
        entry = parse_entry(body)
        verify_entry(
            body=body,
            index=entry.index,
            tree_size=checkpoint.size,
            root=checkpoint.root,
            proof=[_bytes(node) for node in item["inclusion_proof"]],
        )
        yield entry


def _record(entries: tuple[Entry, ...], rendition_id: str) -> RecordFacts:
    if any(entry.data.get("rendition_id") != rendition_id for entry in entries):
        raise BundleRejected("An entry in the bundle is about another video.")
    if [entry.index for entry in entries] != sorted({entry.index for entry in entries}):
        raise BundleRejected("The entries in the bundle are not in the order of the log.")
    states = [_STATES[entry.event] for entry in entries]
    if states[0] != "sealed" or len(set(states)) != len(states):
        raise BundleRejected("The entries in the bundle are not the life of one video.")
    times = {state: entry.time for state, entry in zip(states, entries, strict=True)}
    sealed = entries[0]
    return RecordFacts(
        rendition_id=rendition_id,
        state=states[-1],
        file_sha256=str(sealed.data["file_digest"]),
        watermark_id=str(sealed.data["watermark_id"]),
        is_in_log=True,
        log_index=sealed.index,
        sealed_at=sealed.time,
        released_at=times.get("released"),
        withdrawn_at=times.get("withdrawn"),
        withdrawal_reason=str(entries[-1].data.get("reason_code", "")),
        visible_label=VisibleLabel.from_code(str(sealed.data.get("visible_label", ""))),
    )


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
