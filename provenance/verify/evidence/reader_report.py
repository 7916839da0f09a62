"""The job and the report that cross between the service and the confined reader of a file.

The reader may have been taken over by the file. What it reports is read strictly (`strict_json`), and must
answer what was asked; anything else counts as no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from provenance.manifest.states import ManifestReading
from provenance.manifest.trust import TrustStore
from provenance.verify.evidence.media_type import FileKind
from provenance.watermark.identification.reading import Extraction

MOST_MOTION_ROWS = 15_000  # 600 s
MOST_START_S = 600.0
MOST_UNREAD = 40  # spans of one track
LAST_S = 1e6
MOST_CORNER = 1e3  # frames
Corner = tuple[float, float]
BlockOffset = tuple[int, int]  # column and row, counted from the one of the watermark's reading
_BESIDE = {(1, 0), (0, 1), (-1, 0), (0, -1)}
MOST_SIDE = 1 << 24  # pixels; frames of more than 16 megapixels are not decoded
MOST_PILOT = 1e6  # standard deviations of chance; its square is calculated with


@dataclass(frozen=True)
class ReadJob:
    """One file to read.

    Without `watermark_keys` its frames are left alone, and without `reads_sound` its sound, which is how a
    file is read again after its decoder crashed.
    """

    path: Path
    kind: FileKind
    media_type: str
    trust: TrustStore
    watermark_keys: tuple[bytes, ...] | None = None
    reads_sound: bool = False


@dataclass(frozen=True)
class PartialWatermark:
    """The watermark in some of a video's seconds: its id (0 <= id < 2^48), and what it rests on.

    `read_from`: the seconds from whose frames it was read.
    """

    watermark_id: int
    extraction: Extraction
    read_from: tuple[int, ...] = ()


@dataclass(frozen=True)
class MotionReport:
    """How the picture moves where the watermark `watermark_id` lies (None: it was read without its word).

    `levels`: those of a `FoundMotion` of `rows` rows and `blocks`, packed and compressed with zlib; `inside`
    and `seen`: its masks, eight to a byte. `corners`: of the first block, clockwise from its top left, in
    parts of the file's frame; beyond 0..1 where it was cropped. `until_s`: how far the picture was followed;
    None for all of it. `is_moving`: it moves within the frame, and the corners are those of its middle.
    `start_s`: when in the file the first row is shown, and `unread`: spans of the file that are damaged, and
    what is built on them.
    """

    watermark_id: int | None
    levels: bytes
    inside: bytes
    seen: bytes
    rows: int
    corners: tuple[Corner, Corner, Corner, Corner]
    until_s: float | None = None
    blocks: tuple[BlockOffset, ...] = ((0, 0),)
    is_moving: bool = False
    start_s: float = 0.0
    unread: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        _require_times(self.start_s, self.unread)
        if self.blocks[:1] != ((0, 0),) or not set(self.blocks[1:]) <= _BESIDE:
            raise ValueError("The first block is that of the reading, and the others are beside it.")
        if len(set(self.blocks)) != len(self.blocks):
            raise ValueError("No block is measured twice.")
        if not 0 <= self.rows <= MOST_MOTION_ROWS:
            raise ValueError("No picture is followed for as long as this.")
        if not all(abs(part) <= MOST_CORNER for corner in self.corners for part in corner):
            raise ValueError("No marked video reaches as far beyond the frame as this.")


@dataclass(frozen=True)
class WatermarkReport:
    """What the frames hold under the keys.

    `extraction` is None, and `state` says why, when there was no picture (`not_looked_for`) or it cannot be
    decoded (`inconclusive`). `generator`: the image generator whose well-known mark the first frame carries.
    `looked_at`: the seconds from which frames came. `watermarks`: those that were told apart, and `seconds`:
    pairs of a second and the number of the watermark in it. `motion`: of the picture under the clearest.
    `frame_size`: width and height of the file's frames in pixels. `read_from`: the seconds from whose frames
    `extraction` was read. `coarse`: those of `looked_at` in which a faint mark may be missed.
    """

    state: Literal["not_looked_for", "inconclusive"] | None
    extraction: Extraction | None = None
    generator: str | None = None
    duration_s: float | None = None
    looked_at: tuple[int, ...] = ()
    watermarks: tuple[PartialWatermark, ...] = ()
    seconds: tuple[tuple[int, int], ...] = ()
    motion: MotionReport | None = None
    frame_size: tuple[int, int] | None = None
    read_from: tuple[int, ...] = ()
    coarse: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.frame_size and not all(0 < side <= MOST_SIDE for side in self.frame_size):
            raise ValueError("No frame is as large as this, or has no pixels.")
        if (self.extraction is None) == (self.state is None):
            raise ValueError("A report holds either an extraction or the reason why there is none.")
        if self.extraction and abs(self.extraction.pilot) > MOST_PILOT:
            raise ValueError("No pilot is as strong as this.")

    def rests_on_keys_below(self, count: int) -> bool:
        """Whether every reading was made with one of the first `count` keys."""
        extractions = [self.extraction, *(one.extraction for one in self.watermarks)]
        return all(0 <= reading.key < count for one in extractions if one for reading in one.readings)


@dataclass(frozen=True)
class SoundReport:
    """The sound that plays by default.

    `levels` is None, and `state` says why, when there is no sound track or it cannot be decoded; otherwise it
    holds those of a `BandSpectrogram`, compressed with zlib. `until_s`: how far the file was listened to;
    None for all of it. `start_s`: when in the file it is heard first, and `unread`: spans of the file that
    are damaged.
    """

    state: Literal["no_track", "unreadable"] | None
    levels: bytes | None = None
    until_s: float | None = None
    start_s: float = 0.0
    unread: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        _require_times(self.start_s, self.unread)
        if (self.levels is None) == (self.state is None):
            raise ValueError("A report holds either levels or the reason why there are none.")


def _require_times(start_s: float, unread: tuple[tuple[float, float], ...]) -> None:
    if not 0 <= start_s <= MOST_START_S:
        raise ValueError("No track is waited for as long as this.")
    if len(unread) > MOST_UNREAD or not all(0 <= begin <= end <= LAST_S for begin, end in unread):
        raise ValueError("No spans of a track are like these.")


@dataclass(frozen=True)
class ContainerReport:
    """How a file holds what it plays.

    `pictures` and `sounds`: tracks, without covers. `is_picture_unclear` and `is_sound_unclear`: players
    differ in what they play by default. `is_cover`: its only picture is a cover, which is not played. `turn`:
    degrees by which players turn the picture, None for mirroring and other distortions. `is_cut`: an edit
    list has players show only parts, in another order or at another speed. `is_media_uncovered`: samples lie
    where no hard binding reaches. `is_elsewhere`: it names another file for its media. `texts`, `chapters`:
    tracks of subtitles, and chapters, which players can show. `is_damaged`: frames behind the first could
    not be decoded, as far as that is known.
    """

    pictures: int = 0
    sounds: int = 0
    is_picture_unclear: bool = False
    is_sound_unclear: bool = False
    is_cover: bool = False
    turn: int | None = 0
    is_cut: bool = False
    is_media_uncovered: bool = False
    is_elsewhere: bool = False
    texts: int = 0
    chapters: int = 0
    is_damaged: bool = False

    @property
    def has_text(self) -> bool:
        """Whether players can show words that are not in the picture."""
        return self.texts > 0 or self.chapters > 0


@dataclass(frozen=True)
class FileReport:
    """The raw signals of one file. `watermark` is None if the frames were left alone, `sound` if that was.

    `other_sounds`: those that some players play in place of `sound`.
    """

    manifest: ManifestReading
    has_hidden_data: bool
    watermark: WatermarkReport | None
    sound: SoundReport | None = None
    container: ContainerReport | None = None
    other_sounds: tuple[SoundReport, ...] = ()

    def is_about(self, job: ReadJob) -> bool:
        """Whether it says nothing that was not asked for."""
        if (self.sound is not None or self.other_sounds) and not job.reads_sound:
            return False
        if self.watermark is None:
            return True
        return job.watermark_keys is not None and self.watermark.rests_on_keys_below(len(job.watermark_keys))
