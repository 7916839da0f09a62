"""A link that says what the answer on a file was. The link holds all of it: nothing is kept for it here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from django.core import signing
from django.utils import timezone

from provenance.verify.verdict.verdict_json import FindingJson, VerdictJson

SALT: Final = "provenance.verdict"
MOST_FINDINGS, MOST_EDITS = 24, 12


class NotSaidHere(ValueError):
    """The text is no link of this service, or it was altered."""


@dataclass(frozen=True)
class SharedVerdict:
    """What a link says: the file's SHA-256, the answer and its headline, the day (UTC, ISO), the video that
    was named, the findings as (signal, finding), and edits as (kind, start_s, end_s, missing_s): how much of
    our video is missing there, 0 where nothing is or a link of an earlier version does not say it.
    """

    sha256: str
    kind: str
    headline: str
    day: str
    rendition_id: str
    findings: tuple[tuple[str, str], ...]
    edits: tuple[tuple[str, float, float, float], ...]

    @classmethod
    def of(cls, answer: VerdictJson) -> SharedVerdict:
        """What a link to this answer says, if it is made today."""
        stored: Mapping[str, object] = answer  # that of an earlier version may have no timeline
        edits = answer["timeline"]["findings"] if "timeline" in stored else []
        return cls(
            sha256=answer["file"]["sha256"],
            kind=answer["verdict"],
            headline=answer["headline"],
            day=timezone.now().date().isoformat(),
            rendition_id=answer["rendition_id"] or "",
            findings=tuple((one["signal"], one["finding"]) for one in answer["reasons"][:MOST_FINDINGS]),
            edits=tuple(
                (one["kind"], one["start_s"], one["end_s"], _missing_s(one)) for one in edits[:MOST_EDITS]
            ),
        )

    def token(self) -> str:
        """The text in the link, signed."""
        return signing.dumps(list(asdict(self).values()), salt=SALT, compress=True)

    @classmethod
    def from_token(cls, token: str) -> SharedVerdict:
        """What a link says. Raises `NotSaidHere`."""
        try:
            sha256, kind, headline, day, rendition_id, findings, edits = signing.loads(token, salt=SALT)
        except (signing.BadSignature, ValueError) as error:
            raise NotSaidHere from error
        return cls(
            sha256,
            kind,
            headline,
            day,
            rendition_id,
            tuple((signal, finding) for signal, finding in findings),
            tuple(
                (kind, start_s, end_s, missing[0] if missing else 0.0)
                for kind, start_s, end_s, *missing in edits
            ),
        )


def _missing_s(finding: FindingJson) -> float:
    if finding["kind"] != "cut":
        return 0.0
    return round(finding["record_end_s"] - finding["record_start_s"], 2)
