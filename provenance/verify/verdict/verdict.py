"""The verdict on a file, made from its signals by a pure function.

Pure: the same signals give the same verdict on the page, in the API and by command.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.verify.evidence.signals import MarkPart, RecordFacts, Signals
from provenance.verify.verdict.decide import DRAFT, MARK_WITHOUT_RECORD, decide
from provenance.verify.verdict.error_rate import ErrorRate, error_rate
from provenance.verify.verdict.findings import VerdictReason, reasons_for
from provenance.verify.verdict.kind import OURS, VerdictKind
from provenance.verify.verdict.messages import Message, messages_by_text
from provenance.verify.verdict.parts.live_recording import LIVE
from provenance.verify.verdict.parts.sound_elsewhere import sound_elsewhere
from provenance.verify.verdict.timeline import findings_of
from provenance.verify.verdict.timeline_messages import finding_message
from provenance.verify.verdict.unchecked import Unchecked, unchecked
from provenance.verify.verdict.verdict_json import (
    PartJson,
    VerdictJson,
    credentials_json,
    frame_json,
    picture_json,
    record_json,
    regions_json,
    sound_json,
    timeline_json,
)

__all__ = ["Verdict", "VerdictKind", "verdict"]


@dataclass(frozen=True)
class Verdict:
    """One answer: `headline` and `sentence` for people, the rest for whoever wants to know why."""

    kind: VerdictKind
    headline: Message
    sentence: Message
    reasons: tuple[VerdictReason, ...]
    error_rate: ErrorRate
    unchecked: tuple[Unchecked, ...]
    record: RecordFacts | None
    signals: Signals

    @property
    def rendition_id(self) -> str | None:
        """Which of our videos this is about."""
        return self.record.rendition_id if self.record else None

    @property
    def messages(self) -> dict[str, Message]:
        """Every sentence of the verdict under the English text that `to_json` renders it to."""
        return messages_by_text(
            [
                self.headline,
                self.sentence,
                self.error_rate.sentence,
                *(reason.sentence for reason in self.reasons),
                *(gap.sentence for gap in self.unchecked),
                *(finding_message(one) for one in findings_of(self.signals)),
            ]
        )

    def to_json(self) -> VerdictJson:
        """The one form in which page, API and command give the verdict, its sentences rendered in English."""
        manifest = self.signals.manifest
        return {
            "verdict": self.kind.value,
            "headline": self.headline.render(),
            "sentence": self.sentence.render(),
            "reasons": [
                {"signal": reason.signal, "finding": reason.finding, "sentence": reason.sentence.render()}
                for reason in self.reasons
            ],
            "error_rate": {
                "false_match": self.error_rate.false_match,
                "sentence": self.error_rate.sentence.render(),
            },
            "not_checked": [{"what": gap.what, "sentence": gap.sentence.render()} for gap in self.unchecked],
            "rendition_id": self.rendition_id,
            "record": record_json(self.record) if self.record else None,
            "credentials": credentials_json(manifest) if manifest else None,
            "watermark": {
                "state": self.signals.mark.state.value,
                "frames_read": self.signals.mark.frames_read,
                "parts": [self._part_json(part) for part in self.signals.mark.parts],
                "frame": frame_json(self.signals.mark),
                "regions": regions_json(self.signals.mark, self._named),
                "unseen": [
                    {"start_s": start_s, "end_s": end_s} for start_s, end_s in self.signals.mark.unseen
                ],
                "coarse": [
                    {"start_s": start_s, "end_s": end_s} for start_s, end_s in self.signals.mark.coarse
                ],
            },
            "sound": sound_json(self.signals.sound, self.signals.by_sound),
            "picture": picture_json(self.signals.picture),
            "timeline": timeline_json(self.signals),
            "file": {
                "sha256": self.signals.sha256,
                "size_bytes": self.signals.size_bytes,
                "media_type": self.signals.media_type.name,
            },
        }

    @property
    def _named(self) -> dict[str, str]:
        """The videos by their watermarks. Where the verdict names none, neither do timeline and regions."""
        known = (self.signals.by_mark, *self.signals.by_other_marks) if self.record else ()
        return {record.watermark_id: record.rendition_id for record in known if record}

    def _part_json(self, part: MarkPart) -> PartJson:
        return {
            "start_s": part.start_s,
            "end_s": part.end_s,
            "state": part.state,
            "rendition_id": self._named.get(part.watermark_id) if part.watermark_id else None,
        }


_HEADLINES = {
    VerdictKind.OURS_INTACT: "Made here, and unchanged",
    VerdictKind.OURS_CHANGED: "Made here, but changed since",
    VerdictKind.OURS_RECORDED: "Made here, recorded from a live session",
    VerdictKind.OURS_WITHDRAWN: "Made here, but withdrawn",
    VerdictKind.MARK_TRANSPLANTED: "Our mark, on something else",
    VerdictKind.OTHER_CREDENTIALS: "Somebody else's credentials",
    VerdictKind.NO_PROVENANCE: "No provenance found",
    VerdictKind.CANNOT_TELL: "We cannot tell",
}


def verdict(signals: Signals) -> Verdict:
    """The verdict that follows from the signals; `decide` says what counts, and how much."""
    kind, sentence, record = decide(signals)
    headline = _HEADLINES[kind]
    if kind is VerdictKind.OURS_WITHDRAWN and record is not None and record.withdrawn_at is None:
        headline = "Made here, but never released"
    if kind is VerdictKind.OTHER_CREDENTIALS and record is not None:
        headline = "Signed by somebody else, from a video made here"
        if record.state == "withdrawn":
            headline = "Signed by somebody else, from a video that was withdrawn"
    if record is not None and record.is_live:
        sentence = sentence.followed_by(Message(LIVE))
    is_unknown_mark = sentence.template in MARK_WITHOUT_RECORD
    if is_unknown_mark:
        headline = "Our mark, record unknown"
    is_draft = sentence.template == DRAFT
    if is_draft:
        headline = "A draft of ours, never released"
    if (elsewhere := sound_elsewhere(signals)) is not None:
        sentence = sentence.followed_by(elsewhere)
    return Verdict(
        kind=kind,
        headline=Message(headline),
        sentence=sentence,
        reasons=tuple(reasons_for(signals)),
        error_rate=error_rate(
            signals,
            is_ours=kind in OURS,
            is_nothing=kind is VerdictKind.NO_PROVENANCE,
            is_unknown_mark=is_unknown_mark or is_draft,
        ),
        unchecked=tuple(unchecked(signals)),
        record=record,
        signals=signals,
    )
