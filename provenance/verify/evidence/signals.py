"""The signals a verdict is made from: what the file shows, and what our records say about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from provenance.common.visible_label import VisibleLabel
from provenance.fingerprints.edit import Edit, EditKind
from provenance.fingerprints.motion.fingerprint import MouthBox
from provenance.fingerprints.stretch import Stretch
from provenance.manifest.states import InputReading, ManifestReading
from provenance.verify.evidence.media_type import FileType
from provenance.verify.evidence.reader_report import ContainerReport, Corner


class MarkState(StrEnum):
    """What looking for our watermark gave; `not_looked_for` when there was no picture or no way to look."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    INCONCLUSIVE = "inconclusive"
    NOT_LOOKED_FOR = "not_looked_for"


@dataclass(frozen=True)
class MarkPart:
    """One part of a video, and whether the mark is there.

    `found`: the mark that the answer names; `other`: that of another video of ours. `watermark_id`: whose
    mark it is, None without one, or when it was laid over something else.
    """

    start_s: float
    end_s: float
    state: Literal["found", "other", "not_found"]
    watermark_id: str | None = None


@dataclass(frozen=True)
class MarkRegion:
    """Where a picture that carries a mark lies from `start_s` to `end_s`.

    `corners`: clockwise from its own top left, in parts of the file's frame; beyond 0..1 where it was
    cropped. `watermark_id`: whose mark it is; None when it was laid over something else, or is on no record.
    """

    start_s: float
    end_s: float
    corners: tuple[Corner, Corner, Corner, Corner]
    watermark_id: str | None = None


NEARLY_ALL: Final = 0.9  # of a marked picture; its mark ends where detail or the encoder leaves none of it


@dataclass(frozen=True)
class MarkReading:
    """The watermark in the frames.

    `false_match` bounds how often a file without our mark gives this answer. `parts` says where it was
    found, of what was looked at. `is_same_content`: whether the frames that carry it show what the marked
    video showed; None when that could not be compared. `others`: the marks of other videos of ours in it.
    `shows`: where the content is another, the mark of the video of ours that showed it.
    `wrong_record` bounds how often a file with other marks of ours is given this id. `is_word_read`: a mark
    was read beyond doubt; without `watermark_id` it is none that is known. `is_draft`: the word says that
    it is a draft's, of which there are no records. `is_everywhere`: it was looked for wherever it might
    lie, under the keys of all years. `regions`: where the marked pictures lie, as far as that could be
    told; `frame_size`: width and height of the file's frames in pixels. `unseen`: spans (start_s, end_s) of
    a long video of which no frame was looked at; `coarse`: those of which too little was looked at to find a
    faint mark. `is_light_kept`: light and dark lie about as in the marked video; otherwise how they change
    over time says nothing against it. `compared`: the share of the marked picture in which its mark
    is held. What it shows was compared there, except in cells over which something lies.
    """

    state: MarkState
    watermark_id: str | None = None
    frames_read: int = 0
    false_match: float | None = None
    parts: tuple[MarkPart, ...] = ()
    is_same_content: bool | None = None
    others: tuple[str, ...] = ()
    wrong_record: float | None = None
    shows: str | None = None
    is_word_read: bool = False
    is_draft: bool = False
    is_everywhere: bool = True
    regions: tuple[MarkRegion, ...] = ()
    frame_size: tuple[int, int] | None = None
    unseen: tuple[tuple[float, float], ...] = ()
    coarse: tuple[tuple[float, float], ...] = ()
    is_light_kept: bool = True
    compared: float = 1.0

    @property
    def is_compared_in_part(self) -> bool:
        """Whether so much of the picture carries no mark that another may stand there."""
        return self.compared < NEARLY_ALL

    @property
    def longest_unseen_s(self) -> float:
        """The longest piece that can lie where nobody looked."""
        return max((end_s - start_s for start_s, end_s in self.unseen), default=0.0)

    @property
    def coarse_s(self) -> float:
        """How much of the video was looked at too little to find a faint mark."""
        return sum(end_s - start_s for start_s, end_s in self.coarse)


# Kept as videos are, with several pictures, or sequences of them, and even sound.
IMAGES_WITH_TRACKS: Final = frozenset({"image/avif", "image/heic", "image/heif"})
LIVE_PREFIX = "lvr_"  # of the rendition ids of live sessions
RecordStateName = Literal["sealed", "released", "withdrawn"]


@dataclass(frozen=True)
class RecordFacts:
    """One of our records, with what the log says about it.

    `is_in_log`: the entry of its sealing is in the log, under a signed checkpoint, and says what the record
    says. `manifest_label`: under which name anybody can fetch its manifest; empty before the release.
    """

    rendition_id: str
    state: RecordStateName
    file_sha256: str
    watermark_id: str
    is_in_log: bool
    log_index: int
    sealed_at: datetime
    released_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawal_reason: str = ""
    manifest_label: str = ""
    fingerprints: bytes = field(default=b"", repr=False)
    visible_label: VisibleLabel | None = None

    @property
    def is_live(self) -> bool:
        """Whether it is the record of a live session."""
        return self.rendition_id.startswith(LIVE_PREFIX)


def _is_cut_alone(edits: tuple[Edit, ...]) -> bool:
    return bool(edits) and all(one.kind is EditKind.CUT for one in edits)


class SoundState(StrEnum):
    """How the sound of a file compares with the one that a video of ours was made with."""

    SAME = "same"  # from beginning to end
    CHANGED = "changed"  # ours, with edits
    OTHER = "other"  # nothing of it is ours
    SILENT = "silent"  # nothing is heard, or there is no sound track
    NOT_COMPARED = "not_compared"  # there is nothing to compare with, or it could not be read


@dataclass(frozen=True)
class SoundReading:
    """The sound of a file beside that of the video that it is, or is said to be.

    `edits` and `stretches` that are ours in the order of the file, `duration_s` its length; `until_s`: how
    far into the file it was listened to, None for all. `unread`: spans that are damaged, of which nothing is
    said.
    """

    state: SoundState
    edits: tuple[Edit, ...] = ()
    until_s: float | None = None
    stretches: tuple[Stretch, ...] = ()
    duration_s: float = 0.0
    unread: tuple[tuple[float, float], ...] = ()

    @property
    def is_shortened(self) -> bool:
        """Whether all that is heard is ours as it was made, and pieces are missing."""
        return self.state is SoundState.CHANGED and _is_cut_alone(self.edits)


class PictureState(StrEnum):
    """How the motion in the picture of a file compares with that of a video of ours."""

    SAME = "same"  # from beginning to end
    CHANGED = "changed"  # ours, with edits
    OTHER = "other"  # it moves, and nothing of it moves as ours does
    NOT_COMPARED = "not_compared"  # there is nothing to compare with, or too little moves or was seen


@dataclass(frozen=True)
class PictureReading:
    """The motion of a picture beside that of the video whose mark it carries.

    `edits` and `stretches` that are ours in the order of the file, `duration_s` its length. `mouths`: spans
    (start_s, end_s, record_start_s, record_end_s) in which the mouth moves otherwise than the rest; `mouth`:
    where in the marked video it is. `corners`: of the marked video, clockwise from its top left, in parts of
    the file's frame; None where its place is not known. `until_s`: how far it was followed, None for all.
    `is_on_record`: the record has a fingerprint of its motion. `is_moving`: the picture moves within the
    frame, and `corners` are those of the middle of the file. `unclear`: spans in which such a picture could
    not be followed. `held_s`: for how long each of its frames is shown, in the middle of the time;
    `has_few_frames`: for too long to tell whether the mouth moves as recorded. `unread`: spans
    that are damaged, of which nothing is said. `held`: spans in which one frame is shown for so long that
    nothing can be said of how it moves.
    """

    state: PictureState
    edits: tuple[Edit, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    mouths: tuple[tuple[float, float, float, float], ...] = ()
    mouth: MouthBox | None = None
    corners: tuple[Corner, Corner, Corner, Corner] | None = None
    duration_s: float = 0.0
    until_s: float | None = None
    is_on_record: bool = False
    is_moving: bool = False
    unclear: tuple[tuple[float, float], ...] = ()
    held_s: float = 0.0
    has_few_frames: bool = False
    held: tuple[tuple[float, float], ...] = ()
    unread: tuple[tuple[float, float], ...] = ()

    @property
    def is_shortened(self) -> bool:
        """Whether all that is seen moves as it was made, and pieces are missing."""
        return self.state is PictureState.CHANGED and not self.mouths and _is_cut_alone(self.edits)


@dataclass(frozen=True)
class InputRecord:
    """An input that is a video of ours, by its own credentials, and its record."""

    reading: InputReading
    record: RecordFacts


@dataclass(frozen=True)
class Signals:
    """All that is known about one file.

    `manifest` is None if the credentials could not be looked at. `by_file`, `by_manifest` and `by_mark` are
    the records that its hash, its manifest and its watermark lead to, `by_other_marks` those of other marks
    in parts of it. `read_failure`: why the reader gave no answer (memory, time, crashed, garbled), or None.
    `has_hidden_data`: bytes that are not zero in parts of the file that no C2PA signature covers.
    `container`: how it holds what it plays. `has_mark_key`: without it, as offline, the mark was not looked
    for. `by_inputs`: the videos of ours that its credentials name as inputs, the nearest first. `generator`:
    the image generator whose well-known mark is in the picture. `sound`: beside that of the record that the
    watermark, or else our signature, leads to. `by_shown`: the video of ours whose picture is under the mark
    of another. `by_sound`: the videos of ours that have this sound, where nothing else of the file leads to
    one of them.
    `sound_of_manifest`: beside that of our signature's record, where the watermark leads to another.
    `sound_of_other_marks`: beside those of `by_other_marks`.
    `other_sounds`: what players may play in its place, beside the same record. `picture`: its motion beside
    that of the record that the watermark leads to. `has_all_records`: False where only those of some bundles
    are at hand, so that a record which is not found may well exist.
    """

    sha256: str
    size_bytes: int
    media_type: FileType
    manifest: ManifestReading | None
    mark: MarkReading
    by_file: RecordFacts | None = None
    by_manifest: RecordFacts | None = None
    by_mark: RecordFacts | None = None
    by_other_marks: tuple[RecordFacts, ...] = ()
    by_inputs: tuple[InputRecord, ...] = ()
    by_shown: RecordFacts | None = None
    by_sound: tuple[RecordFacts, ...] = ()
    has_hidden_data: bool = False
    container: ContainerReport | None = None
    has_mark_key: bool = True
    has_all_records: bool = True
    read_failure: str | None = None
    generator: str | None = None
    sound: SoundReading = SoundReading(SoundState.NOT_COMPARED)
    sound_of_manifest: SoundReading = SoundReading(SoundState.NOT_COMPARED)
    sound_of_other_marks: tuple[SoundReading, ...] = ()
    other_sounds: tuple[SoundReading, ...] = ()
    picture: PictureReading = PictureReading(PictureState.NOT_COMPARED)

    @property
    def is_still(self) -> bool:
        """Whether it is a picture of which one frame was looked at: all of it, unless it may hold more."""
        return self.media_type.kind == "image" and self.mark.frames_read == 1

    @property
    def may_hold_more_pictures(self) -> bool:
        """Whether a file of this type may hold several pictures, of which a decoder may give the first."""
        return self.media_type.name in {"image/tiff", "image/gif", *IMAGES_WITH_TRACKS}

    @property
    def has_no_sound(self) -> bool:
        """Whether it is a picture that holds no sound; some types are kept as videos are, and may."""
        if self.media_type.kind != "image":
            return False
        if self.container is not None:
            return not self.container.sounds
        return self.media_type.name not in IMAGES_WITH_TRACKS

    @property
    def has_unread_picture(self) -> bool:
        """Whether there is a picture of which no frame could be decoded."""
        return self.mark.state is MarkState.INCONCLUSIVE and not self.mark.frames_read

    @property
    def has_mark_without_record(self) -> bool:
        """Whether our mark is in the picture and leads to no record."""
        return self.mark.state is MarkState.FOUND and self.by_mark is None

    @property
    def named_input(self) -> InputRecord | None:
        """The input of ours that is to be named: one that must not circulate, or else the nearest."""
        inputs = self.by_inputs
        return next((one for one in inputs if one.record.state != "released"), inputs[0] if inputs else None)

    @property
    def by_bound_input(self) -> RecordFacts | None:
        """The record of a video of ours whose own signature fits the content, under another's update."""
        return next((one.record for one in self.by_inputs if one.reading.is_bound), None)
