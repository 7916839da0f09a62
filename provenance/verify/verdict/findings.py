"""The reasons that a verdict lists: for each signal what was found, and a sentence about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.manifest.states import ManifestReading, ManifestState
from provenance.verify.evidence.signals import MarkState, PictureState, RecordFacts, Signals
from provenance.verify.verdict.layers import contradictions
from provenance.verify.verdict.messages import Message
from provenance.verify.verdict.parts.container_findings import container_findings
from provenance.verify.verdict.parts.credential_findings import credential_findings
from provenance.verify.verdict.parts.label_findings import label_finding
from provenance.verify.verdict.parts.shortened import does_sound_differ
from provenance.verify.verdict.parts.sound_elsewhere import sound_elsewhere_findings
from provenance.verify.verdict.parts.sound_findings import sound_findings, told_findings
from provenance.verify.verdict.timeline_messages import MOST_TOLD, finding_message, picture_reason


@dataclass(frozen=True)
class VerdictReason:
    """One signal, what it showed (a stable word) and a sentence for a person."""

    signal: str
    finding: str
    sentence: Message


_MARK_SENTENCES = {
    MarkState.FOUND: "Our watermark is in the picture.",
    MarkState.NOT_FOUND: "Our watermark was not found in the picture.",
    MarkState.INCONCLUSIVE: "Whether our watermark is in the picture cannot be decided.",
    MarkState.NOT_LOOKED_FOR: "There was no picture in which our watermark could be looked for.",
}
_NO_KEY = "Our watermark was not looked for: that takes a secret key, which only the service has."
_RECOVERED = (
    "The watermark leads to the credentials that this video had when it left. They were made for another "
    "file, so they say nothing about what was changed."
)
_RECOVERED_LIVE = "The watermark leads to the credentials that the session was sealed with when it had ended."
_GAVE_UP = "Our watermark could not be looked for: the picture could not be read."
_NO_FRAMES = "Our watermark was not looked for: that is done in videos and pictures only."
_READ_FAILURES = {
    "memory": "Reading the file needed more memory than we give to unknown files.",
    "time": "Reading the file took longer than we give to unknown files.",
    "crashed": "Reading the file made its reader stop.",
    "garbled": "Reading the file gave no usable answer.",
}


def reasons_for(signals: Signals) -> Iterator[VerdictReason]:
    """All reasons, in the order in which a person would ask."""
    if signals.read_failure is not None:
        yield _reason("reader", signals.read_failure, _READ_FAILURES[signals.read_failure])
    yield _file_reason(signals)
    for signal, finding, sentence in credential_findings(signals):
        yield VerdictReason(signal, finding, sentence)
    mark = signals.mark
    yield _reason("watermark", mark.state.value, _mark_sentence(signals))
    found = sum(part.state == "found" for part in mark.parts)
    other = sum(part.state == "other" for part in mark.parts)
    if other:
        yield _reason(
            "watermark_parts",
            "several",
            "It was found in {found} of {all} parts of the video, and the mark of another video of ours in "
            "{other}.",
            found=str(found),
            all=str(len(mark.parts)),
            other=str(other),
        )
    elif mark.parts and not found:
        yield _reason(
            "watermark_parts",
            "together",
            "It was read from all parts of the video together. In none of them alone is enough left of it to "
            "read it, so that which parts carry it cannot be told.",
        )
    elif found < len(mark.parts):
        yield _reason(
            "watermark_parts",
            "some",
            "It was found in {found} of {all} parts of the video. In the rest it could not be read: "
            "something else may stand there, or too little of it is left.",
            found=str(found),
            all=str(len(mark.parts)),
        )
    if signals.generator is not None:
        yield _reason(
            "other_watermark",
            "found",
            "The picture carries the mark that {generator} writes. Anybody can write it.",
            generator=signals.generator,
        )
    yield from _content_reason(signals)
    is_in_part = signals.mark.is_compared_in_part
    for finding, sentence in picture_reason(signals.picture, is_in_part=is_in_part):
        yield VerdictReason("picture", finding, sentence)
    is_joined = signals.picture.state is not PictureState.NOT_COMPARED
    for finding, sentence in sound_findings(signals, with_edits=not is_joined):
        yield VerdictReason("sound", finding, sentence)
    for state, sentence in sound_elsewhere_findings(signals):
        yield VerdictReason("sound_record", state, sentence)
    if is_joined:
        for one in told_findings(signals)[:MOST_TOLD]:
            yield VerdictReason("timeline", one.kind.value, finding_message(one))
    yield from _agreement_reasons(signals)
    for finding, sentence in contradictions(signals):
        yield VerdictReason("layers", finding, sentence)
    if signals.by_mark is not None and signals.by_mark.manifest_label and _is_without_ours(signals.manifest):
        yield _reason("recovered", "by_watermark", _RECOVERED_LIVE if signals.by_mark.is_live else _RECOVERED)
    record = signals.by_file or signals.by_mark or _believed(signals)
    if record is not None:
        yield _log_reason(record)
        yield _record_reason(record)
        if (told := label_finding(signals, record)) is not None:
            yield VerdictReason("label", *told)
    elif (named := signals.named_input) is not None:
        yield _log_reason(named.record)
        yield _record_reason(named.record, of_input=True)
    for finding, sentence in container_findings(signals):
        yield VerdictReason("container", finding, sentence)


def _mark_sentence(signals: Signals) -> str:
    if signals.media_type.kind == "document":
        return _NO_FRAMES
    if not signals.has_mark_key:
        return _NO_KEY
    is_looked_for = signals.mark.state is not MarkState.NOT_LOOKED_FOR
    if signals.has_unread_picture or (signals.read_failure is not None and not is_looked_for):
        return _GAVE_UP
    return _MARK_SENTENCES[signals.mark.state]


def _believed(signals: Signals) -> RecordFacts | None:
    """The manifest's record, if the manifest fits this file."""
    manifest = signals.manifest
    return signals.by_manifest if manifest and manifest.state is ManifestState.TRUSTED_OURS else None


def _file_reason(signals: Signals) -> VerdictReason:
    if signals.by_file is not None:
        return _reason("file_hash", "known", "The file is, byte for byte, one that we sealed.")
    return _reason("file_hash", "unknown", "The file is not, byte for byte, one that we sealed.")


def _agreement_reasons(signals: Signals) -> Iterator[VerdictReason]:
    by_manifest, by_mark = signals.by_manifest, signals.by_mark
    if signals.has_mark_without_record and signals.mark.is_draft:
        yield _reason(
            "watermark_record",
            "draft",
            "The watermark was read beyond doubt, and it is of the kind that drafts alone carry. Drafts are "
            "not kept and have no record; that one was made is in the public log.",
        )
    elif signals.has_mark_without_record and signals.mark.is_word_read:
        yield _reason(
            "watermark_record",
            "not_on_record",
            "The watermark was read beyond doubt, and it is none of those on record here: its record is kept "
            "elsewhere, or was lost.",
        )
    elif signals.has_mark_without_record:
        yield _reason("watermark_record", "unknown", "We have no record that this watermark leads to.")
    if by_manifest is None or not _is_ours(signals.manifest):
        return
    if by_mark is not None and by_mark.rendition_id != by_manifest.rendition_id:
        yield _reason(
            "agreement", "transplanted", "Credentials and watermark belong to two different videos of ours."
        )
    elif by_mark is not None:
        yield _reason("agreement", "same", "Credentials and watermark lead to the same record.")


def _is_without_ours(manifest: ManifestReading | None) -> bool:
    return manifest is None or manifest.state is not ManifestState.TRUSTED_OURS


def _content_reason(signals: Signals) -> Iterator[VerdictReason]:
    if signals.by_mark is None:
        return
    if signals.mark.is_same_content is None:
        yield _reason(
            "content",
            "unclear",
            "Whether the picture shows what the marked video showed could not be told: much of it is "
            "covered, cut off or changed.",
        )
    elif signals.mark.is_same_content and signals.mark.is_compared_in_part:
        yield _reason(
            "content",
            "same_in_part",
            "Where our watermark is seen, the picture shows what the marked video showed. That is about "
            "{percent} % of it: the rest was not compared, and something may lie over it or stand in its "
            "place.",
            percent=f"{min(max(5 * round(20 * signals.mark.compared), 5), 85)}",
        )
    elif signals.mark.is_same_content and does_sound_differ(signals):
        yield _reason("content", "same", "The picture shows what the marked video showed; the sound differs.")
    elif signals.mark.is_same_content:
        yield _reason("content", "same", "The picture shows what the marked video showed.")
    else:
        yield _reason("content", "differs", "The picture shows something else than the marked video did.")


def _is_ours(manifest: ManifestReading | None) -> bool:
    return manifest is not None and manifest.is_signed_by_us


def _log_reason(record: RecordFacts) -> VerdictReason:
    if record.is_in_log:
        return _reason(
            "log",
            "included",
            "The public log holds its sealing as entry {index}, under a signed checkpoint.",
            index=str(record.log_index),
        )
    return _reason("log", "not_proven", "The public log does not confirm our record of it.")


_RECORDS = {
    "released": "We released this video.",
    "withdrawn": "This video was withdrawn.",
    "sealed": "This video was made and sealed, but never released.",
}
_RECORDS_OF_INPUTS = {
    "released": "We released the video that they name.",
    "withdrawn": "The video that they name was withdrawn.",
    "sealed": "The video that they name was made and sealed, but never released.",
}


def _record_reason(record: RecordFacts, *, of_input: bool = False) -> VerdictReason:
    sentence = Message((_RECORDS_OF_INPUTS if of_input else _RECORDS)[record.state])
    if record.state == "withdrawn" and record.withdrawal_reason:
        sentence = sentence.followed_by(Message("Reason: {code}.", {"code": record.withdrawal_reason}))
    return VerdictReason("record", record.state, sentence)


def _reason(signal: str, finding: str, template: str, **params: str) -> VerdictReason:
    return VerdictReason(signal, finding, Message(template, params))
