"""The verdict on a file: reached here from keys and evidence, or by a service, in the same form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from likeness.errors import AnswerUnreadable, FileUnreadable
from likeness.json_files import JsonObject, json_object, read_bytes
from provenance.log.cosignature import WitnessPolicy
from provenance.log.errors import NoteRejected
from provenance.offline import verify_offline
from provenance.verify.evidence.bundle import PinnedKeys, open_bundle


@dataclass(frozen=True)
class VerificationResult:
    """A verdict with what it rests on.

    `verdict` is one of the eight words of docs/verify.md, such as `ours_intact` or `no_provenance`; `reasons`
    and `not_checked` are sentences; `to_json()` has everything, in the form in which the API gives it.
    """

    verdict: str
    headline: str
    sentence: str
    reasons: tuple[str, ...]
    not_checked: tuple[str, ...]
    error_rate: str
    rendition_id: str | None
    document: Mapping[str, Any]

    @property
    def is_intact(self) -> bool:
        """Whether the file was made by that service, released, and is unchanged."""
        return self.verdict == "ours_intact"

    def to_json(self) -> dict[str, Any]:
        """All that was found, as `POST /v1/verify` answers it."""
        return dict(self.document)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> VerificationResult:
        """Read what `to_json` gives. Raises `AnswerUnreadable`."""
        try:
            return cls(
                verdict=str(document["verdict"]),
                headline=str(document["headline"]),
                sentence=str(document["sentence"]),
                reasons=tuple(f"{reason['signal']}: {reason['sentence']}" for reason in document["reasons"]),
                not_checked=tuple(str(gap["sentence"]) for gap in document["not_checked"]),
                error_rate=str(document["error_rate"]["sentence"]),
                rendition_id=document["rendition_id"],
                document=document,
            )
        except (KeyError, TypeError) as error:
            raise AnswerUnreadable("The answer holds no verdict.") from error


def verify_file(
    path: str | PathLike[str],
    *,
    keys: JsonObject,
    bundles: Iterable[JsonObject] = (),
    witnesses: str | PathLike[str] | None = None,
) -> VerificationResult:
    """The verdict on a file without asking anybody, as far as the evidence bundles reach.

    `keys` are the public keys of the service (`/v1/verification-keys`), taken once over a way that is trusted
    and kept; `bundles` come with the video or from `/v1/evidence/`. Both as paths of JSON files or as the
    values. `witnesses` is a file with those who have to have signed the log: a line `at_least K`, then their
    public key lines. Native parsers run in a process without rights. Raises `CodedError`: `BundleRejected`
    unless keys and bundles hold, `FileUnreadable`, `UnsupportedMedia`.
    """
    pinned = PinnedKeys.from_json(json_object(keys))
    policy = witness_policy(Path(witnesses)) if witnesses is not None else None
    proven = [open_bundle(json_object(bundle), pinned.log_key, witnesses=policy) for bundle in bundles]
    try:
        found = verify_offline(Path(path), pinned, proven)
    except OSError as error:
        raise FileUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    return VerificationResult.from_json(found.to_json())


def witness_policy(file: Path) -> WitnessPolicy:
    """Who has to have signed a log, as a file says it. Raises `FileUnreadable`."""
    try:
        return WitnessPolicy.from_text(read_bytes(file).decode())
    except (NoteRejected, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{file} names no witnesses: {error}") from error
