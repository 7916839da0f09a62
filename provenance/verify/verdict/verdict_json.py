"""The verdict's JSON: the one form in which page, API, command and storage give it. Its keys are public."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import TypedDict

from provenance.common.visible_label import VisibleLabel
from provenance.manifest.states import ManifestReading
from provenance.manifest.tree import ManifestNodeJson, node_json
from provenance.verify.evidence.signals import (
    MarkReading,
    PictureReading,
    RecordFacts,
    Signals,
    SoundReading,
)
from provenance.verify.verdict.frame_places import Polygon, visible_region
from provenance.verify.verdict.parts.sound_findings import told_findings
from provenance.verify.verdict.timeline import findings_of
from provenance.verify.verdict.timeline_messages import finding_message
from provenance.verify.verdict.track_parts import TrackPart, track_parts


class ReasonJson(TypedDict):
    signal: str
    finding: str
    sentence: str


class ErrorRateJson(TypedDict):
    false_match: float | None
    sentence: str


class UncheckedJson(TypedDict):
    what: str
    sentence: str


class RecordJson(TypedDict):
    state: str
    sealed_at: str | None
    released_at: str | None
    withdrawn_at: str | None
    withdrawal_reason: str | None
    manifest_id: str | None
    log_index: int
    visible_label: LabelJson | None
    is_live: bool


class LabelJson(TypedDict):
    preset: str
    language: str
    place: str
    first_seconds: int | None
    sound_cue: bool


class CauseJson(TypedDict):
    cause: str
    codes: list[str]


class InputJson(TypedDict):
    label: str
    relationship: str | None
    state: str
    codes: list[str]
    recorded: list[str]
    rendition_id: str | None


class CredentialsJson(TypedDict):
    state: str
    codes: list[str]
    ingredient_codes: list[str]
    signer: str | None
    generator: str | None
    digital_source_type: str | None
    signed_at: str | None
    is_time_stamped: bool
    tree: ManifestNodeJson | None
    is_content_bound: bool
    causes: list[CauseJson]
    identity: str | None
    inputs: list[InputJson]


class PartJson(TypedDict):
    start_s: float
    end_s: float
    state: str
    rendition_id: str | None


class PixelJson(TypedDict):
    x: int
    y: int


class RegionJson(TypedDict):
    """A picture that carries a mark, in pixels of the file's frames."""

    start_s: float
    end_s: float
    rendition_id: str | None
    polygon: list[PixelJson]


class FrameJson(TypedDict):
    width: int
    height: int


class SpanJson(TypedDict):
    start_s: float
    end_s: float


class WatermarkJson(TypedDict):
    state: str
    frames_read: int
    parts: list[PartJson]
    frame: FrameJson | None
    regions: list[RegionJson]
    unseen: list[SpanJson]
    coarse: list[SpanJson]


class SoundEditJson(TypedDict):
    kind: str
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float


class SoundRecordJson(TypedDict):
    """A video of ours that has this sound, where nothing else of the file leads to one."""

    rendition_id: str
    state: str
    log_index: int


class SoundJson(TypedDict):
    state: str
    edits: list[SoundEditJson]
    until_s: float | None
    also_in: SoundRecordJson | None
    also_in_others: list[SoundRecordJson]


class PointJson(TypedDict):
    x: float
    y: float


class PictureJson(TypedDict):
    state: str
    region: list[PointJson] | None
    until_s: float | None


class TrackPartJson(TypedDict):
    start_s: float
    end_s: float
    state: str


class FindingJson(TypedDict):
    kind: str
    tracks: list[str]
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float
    shift_s: float
    region: list[PointJson] | None
    sentence: str


class StretchJson(TypedDict):
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    is_reversed: bool


class TimelineJson(TypedDict):
    duration_s: float
    picture: list[TrackPartJson]
    sound: list[TrackPartJson]
    findings: list[FindingJson]
    stretches: list[StretchJson]


class FileJson(TypedDict):
    sha256: str
    size_bytes: int
    media_type: str


class VerdictJson(TypedDict):
    verdict: str
    headline: str
    sentence: str
    reasons: list[ReasonJson]
    error_rate: ErrorRateJson
    not_checked: list[UncheckedJson]
    rendition_id: str | None
    record: RecordJson | None
    credentials: CredentialsJson | None
    watermark: WatermarkJson
    sound: SoundJson
    picture: PictureJson
    timeline: TimelineJson
    file: FileJson


def record_json(record: RecordFacts) -> RecordJson:
    """A record as a verdict shows it; times in UTC to the second."""
    sealed_at, released_at, withdrawn_at = (
        time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time else None
        for time in (record.sealed_at, record.released_at, record.withdrawn_at)
    )
    return {
        "state": record.state,
        "sealed_at": sealed_at,
        "released_at": released_at,
        "withdrawn_at": withdrawn_at,
        "withdrawal_reason": record.withdrawal_reason or None,
        "manifest_id": record.manifest_label or None,
        "log_index": record.log_index,
        "visible_label": _label_json(record.visible_label),
        "is_live": record.is_live,
    }


def _label_json(label: VisibleLabel | None) -> LabelJson | None:
    if label is None:
        return None
    return {
        "preset": label.preset,
        "language": label.language,
        "place": label.place,
        "first_seconds": label.first_seconds,
        "sound_cue": label.has_sound_cue,
    }


def sound_json(sound: SoundReading, by_sound: Sequence[RecordFacts]) -> SoundJson:
    """The sound as a verdict shows it; seconds of the file, and of the video as it was made."""
    return {
        "state": sound.state.value,
        "edits": [
            {
                "kind": edit.kind.value,
                "start_s": edit.start_s,
                "end_s": edit.end_s,
                "record_start_s": edit.record_start_s,
                "record_end_s": edit.record_end_s,
                "tempo": edit.tempo,
            }
            for edit in sound.edits
        ],
        "until_s": sound.until_s,
        "also_in": next((_sound_record(one) for one in by_sound), None),
        "also_in_others": [_sound_record(one) for one in by_sound[1:]],
    }


def _sound_record(record: RecordFacts) -> SoundRecordJson:
    return {"rendition_id": record.rendition_id, "state": record.state, "log_index": record.log_index}


def picture_json(picture: PictureReading) -> PictureJson:
    """The motion in the picture as a verdict shows it; where the marked video lies, in parts of the frame."""
    region = None if picture.corners is None else visible_region(picture.corners)
    return {
        "state": picture.state.value,
        "region": None if region is None else _places(region),
        "until_s": picture.until_s,
    }


def frame_json(mark: MarkReading) -> FrameJson | None:
    """The size of the file's frames in pixels, where they were decoded."""
    return None if mark.frame_size is None else {"width": mark.frame_size[0], "height": mark.frame_size[1]}


def regions_json(mark: MarkReading, named: Mapping[str, str]) -> list[RegionJson]:
    """Where marked pictures are seen; `named`: the videos that may be named, by their watermarks."""
    if mark.frame_size is None:
        return []
    width, height = mark.frame_size
    return [
        {
            "start_s": region.start_s,
            "end_s": region.end_s,
            "rendition_id": named.get(region.watermark_id) if region.watermark_id else None,
            "polygon": [{"x": round(x * width), "y": round(y * height)} for x, y in seen],
        }
        for region in mark.regions
        if len(seen := visible_region(region.corners)) > 2
    ]


def timeline_json(signals: Signals) -> TimelineJson:
    """What was done to picture and sound, in seconds of the file and of the video as it was made."""
    findings = findings_of(signals)
    return {
        "duration_s": max(signals.picture.duration_s, signals.sound.duration_s),
        "picture": [_part(part) for part in track_parts("picture", signals, findings)],
        "sound": [_part(part) for part in track_parts("sound", signals, findings)],
        "findings": [
            {
                "kind": one.kind.value,
                "tracks": list(one.tracks),
                "start_s": one.start_s,
                "end_s": one.end_s,
                "record_start_s": one.record_start_s,
                "record_end_s": one.record_end_s,
                "tempo": one.tempo,
                "shift_s": one.shift_s,
                "region": None if one.region is None else _places(one.region),
                "sentence": finding_message(one).render(),
            }
            for one in told_findings(signals)
        ],
        # The clock of the picture, or else of the sound, which goes along with another performance.
        "stretches": [
            {
                "start_s": one.start_s,
                "end_s": one.end_s,
                "record_start_s": one.record_start_s,
                "record_end_s": one.record_end_s,
                "is_reversed": one.change.is_reversed,
            }
            for one in signals.picture.stretches or signals.sound.stretches
        ],
    }


def _part(part: TrackPart) -> TrackPartJson:
    return {"start_s": part.start_s, "end_s": part.end_s, "state": part.state}


def _places(region: Polygon) -> list[PointJson]:
    return [{"x": x, "y": y} for x, y in region]


def credentials_json(manifest: ManifestReading) -> CredentialsJson:
    """The credentials of a file as a verdict shows them."""
    return {
        "state": manifest.state.value,
        "codes": list(manifest.codes),
        "ingredient_codes": list(manifest.ingredient_codes),
        "signer": manifest.signer_name,
        "generator": manifest.generator,
        "digital_source_type": manifest.digital_source_type,
        "signed_at": manifest.signed_at,
        "is_time_stamped": manifest.is_time_stamped,
        "tree": node_json(manifest.tree) if manifest.tree else None,
        "is_content_bound": manifest.is_content_bound,
        "causes": [{"cause": cause.value, "codes": list(codes)} for cause, codes in manifest.causes.items()],
        "identity": manifest.identity.value if manifest.identity else None,
        "inputs": [
            {
                "label": item.label,
                "relationship": item.relationship,
                "state": item.state.value,
                "codes": list(item.codes),
                "recorded": list(item.recorded),
                "rendition_id": item.rendition_id,
            }
            for item in manifest.inputs
        ],
    }
