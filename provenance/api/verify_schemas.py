"""Response schemas of the verification API; the values are made by the verdict itself."""

from __future__ import annotations

from typing import Literal

from ninja import Schema


class VerdictReasonOut(Schema):
    signal: str
    finding: str
    sentence: str


class ErrorRateOut(Schema):
    false_match: float | None
    sentence: str


class LabelOut(Schema):
    """The visible label that the video was released with."""

    preset: str
    language: str
    place: str
    first_seconds: int | None
    sound_cue: bool


class RecordOut(Schema):
    state: Literal["sealed", "released", "withdrawn"]
    sealed_at: str
    released_at: str | None
    withdrawn_at: str | None
    withdrawal_reason: str | None
    manifest_id: str | None
    log_index: int
    visible_label: LabelOut | None
    is_live: bool


class ManifestNodeOut(Schema):
    title: str | None
    relationship: str | None
    format: str | None
    label: str | None
    generator: str | None
    signer: str | None
    signed_at: str | None
    actions: list[str]
    codes: list[str]
    state: str | None
    ingredients: list[ManifestNodeOut]


class CauseOut(Schema):
    """What is wrong with the credentials: only `content` says that content was changed."""

    cause: Literal["content", "signature", "incomplete", "policy", "certificate", "input", "identity"]
    codes: list[str]


class InputOut(Schema):
    """The manifest of something that the file was made from, validated here."""

    label: str
    relationship: str | None
    state: Literal["ours", "known_signer", "unknown_signer", "invalid", "not_checked"]
    codes: list[str]
    recorded: list[str]
    rendition_id: str | None


class CredentialsOut(Schema):
    state: str
    codes: list[str]
    ingredient_codes: list[str]
    signer: str | None
    generator: str | None
    digital_source_type: str | None
    signed_at: str | None
    is_time_stamped: bool
    tree: ManifestNodeOut | None
    is_content_bound: bool
    causes: list[CauseOut]
    identity: Literal["trusted", "unknown", "not_checked", "invalid"] | None
    inputs: list[InputOut]


class MarkPartOut(Schema):
    start_s: float
    end_s: float
    state: Literal["found", "other", "not_found"]
    rendition_id: str | None


class PixelOut(Schema):
    """A pixel of the file's frames as they are stored, before players turn them, from their top left."""

    x: int
    y: int


class FrameOut(Schema):
    """The size of the file's frames in pixels."""

    width: int
    height: int


class MarkRegionOut(Schema):
    """Where a picture that carries one of our marks is seen. Parts of it that were cropped are left out."""

    start_s: float
    end_s: float
    rendition_id: str | None
    polygon: list[PixelOut]


class SpanOut(Schema):
    """A span of the file, in seconds."""

    start_s: float
    end_s: float


class WatermarkOut(Schema):
    """The watermark. `unseen`: spans of a long video of which no frame was looked at; `coarse`: those of
    which too little was looked at to find a faint mark.
    """

    state: Literal["found", "not_found", "inconclusive", "not_looked_for"]
    frames_read: int
    parts: list[MarkPartOut]
    frame: FrameOut | None = None
    regions: list[MarkRegionOut] = []
    unseen: list[SpanOut] = []
    coarse: list[SpanOut] = []


class SoundEditOut(Schema):
    kind: Literal["replaced", "muted", "cut", "inserted", "reordered", "repeated", "reversed", "speed"]
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float


class SoundRecordOut(Schema):
    """A video of ours that has this sound, where nothing else of the file leads to one."""

    rendition_id: str
    state: Literal["released", "withdrawn"]
    log_index: int


class SoundOut(Schema):
    """The sound beside that of the video that the file is, or was made from.

    `also_in` and `also_in_others`: the videos of ours that have it, fifty at most, those first that were not
    withdrawn. Which of them the file is from, if it is from one, the sound does not say.
    """

    state: Literal["same", "changed", "other", "silent", "not_compared"]
    edits: list[SoundEditOut]
    until_s: float | None
    also_in: SoundRecordOut | None = None
    also_in_others: list[SoundRecordOut] = []


class PointOut(Schema):
    """A place in the file's frame, in parts of its width and height, from its top left."""

    x: float
    y: float


class PictureOut(Schema):
    """The motion in the picture beside that of the video whose mark it carries, and where that video lies."""

    state: Literal["same", "changed", "other", "not_compared"]
    region: list[PointOut] | None
    until_s: float | None


class TrackPartOut(Schema):
    start_s: float
    end_s: float
    state: Literal["ours", "changed", "other", "unknown"]


class FindingOut(Schema):
    """One thing that was done to the video, in seconds of the file and of the video as it was made."""

    kind: Literal[
        "cut",
        "inserted",
        "reordered",
        "repeated",
        "reversed",
        "speed",
        "replaced",
        "picture_replaced",
        "frozen",
        "other_performance",
        "swapped",
        "redubbed",
        "muted",
        "shifted",
        "mouth_replaced",
        "cropped",
        "embedded",
        "second_track",
    ]
    tracks: list[Literal["picture", "sound"]]
    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    tempo: float
    shift_s: float
    region: list[PointOut] | None
    sentence: str


class StretchOut(Schema):
    """A piece of the file that is ours, and where in the video as it was made it is."""

    start_s: float
    end_s: float
    record_start_s: float
    record_end_s: float
    is_reversed: bool


class TimelineOut(Schema):
    """Picture and sound from beginning to end, and what was done to them; empty if not compared.

    `stretches`: the pieces of the picture that are ours, or of the sound where none of the picture is.
    """

    duration_s: float
    picture: list[TrackPartOut]
    sound: list[TrackPartOut]
    findings: list[FindingOut]
    stretches: list[StretchOut] = []


class UncheckedOut(Schema):
    what: str
    sentence: str


class FileOut(Schema):
    sha256: str
    size_bytes: int
    media_type: str


class VerdictOut(Schema):
    verdict: Literal[
        "ours_intact",
        "ours_changed",
        "ours_recorded",
        "ours_withdrawn",
        "mark_transplanted",
        "other_credentials",
        "no_provenance",
        "cannot_tell",
    ]
    headline: str
    sentence: str
    reasons: list[VerdictReasonOut]
    error_rate: ErrorRateOut
    not_checked: list[UncheckedOut]
    rendition_id: str | None
    record: RecordOut | None
    credentials: CredentialsOut | None
    watermark: WatermarkOut
    sound: SoundOut
    picture: PictureOut
    timeline: TimelineOut
    file: FileOut


class VerificationProblemOut(Schema):
    code: str
    title: str
    hint: str


class VerificationOut(Schema):
    id: str
    state: Literal["waiting", "done", "refused"]
    files_ahead: int
    verdict: VerdictOut | None
    problem: VerificationProblemOut | None


class ProvenEntryOut(Schema):
    entry: str
    inclusion_proof: list[str]


class LogProofOut(Schema):
    checkpoint: str
    public_key: str
    entries: list[ProvenEntryOut]


class VerificationKeysOut(Schema):
    format: str
    log_key: str
    own_anchors_pem: str
    other_anchors_pem: str
    timestamp_anchors_pem: str


class EvidenceOut(Schema):
    format: str
    rendition_id: str
    state: Literal["released", "withdrawn"]
    file_sha256: str
    watermark_id: str
    content_prints: str
    fingerprints: str
    fingerprints_salt: str
    consent_receipt_digest: str
    manifest: str
    manifest_label: str
    log: LogProofOut
