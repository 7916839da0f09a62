"""The pixel report of one rendition: from a sample of frames as they pass, and from the finished sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.pixel_report.bars import CLOSED, OPENED, Measures, findings
from generation.pipeline.pixel_report.face_look import RIGID, FaceLook, FaceWatcher, LocatedPortrait
from generation.pipeline.pixel_report.offset import (
    HOP_S,
    picture_after_motion_s,
    sound_after_motion_s,
    vowel_energy,
)
from generation.pipeline.pixel_report.ordered_motion import (
    Sample,
    choose_sample,
    looks_of_stretches,
    ordered_opening,
    parts_at_rest,
)
from generation.pipeline.pixel_report.stillness import Stillness
from generation.quality import Finding

SPEAKS: Final = 0.5  # of the energy of loud vowels
DIGITS: Final = 4
SKIN_LOOKS: Final = 6  # frames in which skin is compared with the portrait's
# Expression and shadow make edges that come and go; those of a tear stay.
LOW: Final = 25.0
LEAST_SKIN_LOOKS: Final = 3
TURNED_DEG: Final = 8.0  # from which another side of the face is seen than in the portrait


@dataclass(frozen=True)
class PixelReport:
    """What was measured, and the bars that it does not reach."""

    measures: Measures
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """As it is stored with the rendition."""
        values = {
            name: round(value, DIGITS) if isinstance(value, float) else value
            for name, value in asdict(self.measures).items()
        }
        return {**values, "findings": [finding.value for finding in self.findings]}


@dataclass(frozen=True)
class SeenStretch:
    """What was seen in frames that follow one another: how long nothing moved, and the face in some."""

    stillness: Stillness
    looks: dict[int, FaceLook | None]


@dataclass(frozen=True)
class Looks:
    """The numbers of the frames of a stretch that are looked at, and of those in which skin is compared."""

    sample: Sample
    facing: frozenset[int]

    def later(self, frames: int) -> Looks:
        """The same, of a stretch that begins so many frames later."""
        return Looks(self.sample.later(frames), frozenset(number + frames for number in self.facing))


class PixelWatch:
    """Looks at the frames of one video on their way from the renderer to the encoder."""

    def __init__(self, portrait: NDArray[np.uint8], fps: float, cuts: Sequence[int]) -> None:
        """`portrait` (H, W, 3) uint8 RGB is what the renderer was given. The video has `fps` frames a second,
        and stretches whose first frames have the numbers `cuts`; the last of these is that of all frames."""
        self._portrait, self._fps, self._cuts = portrait, fps, tuple(cuts)
        self._counts = looks_of_stretches(cuts, fps)
        self._located: LocatedPortrait | None = None
        self._seen: dict[int, SeenStretch] = {}

    def looks_at(self, ordered: MotionTrack, first: int = 0) -> Looks:
        """Which frames are looked at in the stretch that begins with number `first`, by its own motion."""
        count = self._counts[first]
        sample = choose_sample(ordered_opening(ordered), self._fps, count)
        return Looks(sample, facing(ordered, sample.frames, self._skin_looks)).later(first)

    @property
    def _skin_looks(self) -> int:
        """In how many frames of a stretch skin is compared."""
        return max(SKIN_LOOKS // sum(count > 0 for count in self._counts.values()), 1)

    def watch(
        self, frames: Iterator[NDArray[np.uint8]], ordered: MotionTrack, first: int = 0
    ) -> Iterator[NDArray[np.uint8]]:
        """`frames`, (H, W, 3) uint8 RGB, unchanged and in order; some of them are looked at.

        They are the stretch of the video that begins with frame number `first`, `ordered` is the motion that
        the renderer was told to show in it. Each stretch is looked at by itself, so that it does not matter
        where the others are.
        """
        seen = self._seen[first] = SeenStretch(Stillness(self._fps), {})
        face: FaceWatcher | None = None
        looks = self.looks_at(ordered, first)
        wanted = looks.sample.frames
        for number, frame in enumerate(frames, first):
            seen.stillness.add(frame)
            if number in wanted:
                self._located = self._located or LocatedPortrait(self._portrait)
                face = face or FaceWatcher(self._located)
                seen.looks[number] = face.look(frame, at_skin=number in looks.facing)
            yield frame

    def seen(self, first: int) -> SeenStretch:
        """What was seen in the stretch that begins with frame number `first`."""
        return self._seen[first]

    def add(self, first: int, seen: SeenStretch) -> None:
        """Add what was seen elsewhere in the stretch that begins with frame number `first`."""
        self._seen[first] = seen

    def report(self, ordered: MotionTrack, sound: NDArray[np.float32], sample_rate: int) -> PixelReport:
        """The report, once all frames have passed; `ordered` is the motion of all of them, `sound` (N,) what
        the finished file plays."""
        stillness = Stillness(self._fps)
        found: dict[int, FaceLook | None] = {}
        for _, stretch in sorted(self._seen.items()):
            stillness.extend(stretch.stillness)
            found |= stretch.looks
        looks = [self.looks_at(ordered.between(first, stop), first) for first, stop in pairwise(self._cuts)]
        opening, at_rest = ordered_opening(ordered), parts_at_rest(ordered)
        energy = vowel_energy(sound, sample_rate)
        seen = {number: look for number, look in found.items() if look is not None}
        closures = [seen[n].lip_gap for one in looks for n in one.sample.closures.tolist() if n in seen]
        openings = [seen[n].lip_gap for one in looks for n in one.sample.openings.tolist() if n in seen]
        compared = sum(len(one.facing) for one in looks) >= LEAST_SKIN_LOOKS
        skins = {n: look.skin for n, look in seen.items() if look.skin is not None and compared}
        edges = [np.where(at_rest[number], skin.new_edges, np.nan) for number, skin in skins.items()]
        measures = Measures(
            frames=len(found),
            faces=len(seen),
            closures=len(closures),
            closures_kept=sum(gap <= CLOSED for gap in closures),
            openings=len(openings),
            openings_kept=sum(gap >= OPENED for gap in openings),
            sound_after_picture_s=_sound_after_picture_s(seen, opening, self._fps, energy),
            torn=_torn(edges),
            part_apart=_typical([skin.apart[:RIGID] for skin in skins.values()]),
            proportions_apart=_typical([np.array([skin.proportions_apart]) for skin in skins.values()]),
            appearance_apart=_typical([np.array([skin.apart.mean()]) for skin in skins.values()]),
            still_s=stillness.longest_s(_speech(len(opening), self._fps, energy)),
        )
        return PixelReport(measures, findings(measures))


def _sound_after_picture_s(
    seen: dict[int, FaceLook], opening: NDArray[np.float64], fps: float, energy: NDArray[np.floating]
) -> float | None:
    sound = sound_after_motion_s(opening, fps, energy)
    numbers = np.array(sorted(seen), np.intp)
    gaps = np.array([seen[int(number)].lip_gap for number in numbers], np.float64)
    picture = picture_after_motion_s(numbers, gaps, opening, fps)
    return None if sound is None or picture is None else sound - picture


def _speech(frames: int, fps: float, energy: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Whether the sound is loud at each frame (T,)."""
    times = (np.arange(frames) + 0.5) / fps
    if not len(energy):
        return np.zeros(len(times), np.bool_)
    level = np.interp(times, (np.arange(len(energy)) + 0.5) * HOP_S, energy)
    return np.asarray(level > SPEAKS, np.bool_)


def facing(track: MotionTrack, sample: frozenset[int], most: int = SKIN_LOOKS) -> frozenset[int]:
    """The frames of a sample in which skin is compared: at most `most`, those with the least turn, none
    turned far.

    Empty if there are fewer than `most` and than LEAST_SKIN_LOOKS of them.
    """
    numbers = sorted(sample)
    if not numbers:
        return frozenset()
    turn = np.abs(track.head_pose[numbers, :2]).max(1)
    chosen = [
        numbers[place] for place in np.argsort(turn, kind="stable").tolist() if turn[place] < TURNED_DEG
    ]
    return frozenset(chosen[:most] if len(chosen) >= min(most, LEAST_SKIN_LOOKS) else [])


def _torn(edges: list[NDArray[np.float64]]) -> float | None:
    """The greatest over parts of the lower quartile over frames; NaN where a part is not at rest."""
    parts = [part[np.isfinite(part)] for part in np.transpose(edges)] if edges else []
    quartiles = [float(np.percentile(part, LOW)) for part in parts if len(part) >= LEAST_SKIN_LOOKS]
    return max(quartiles, default=None)


def _typical(values: list[NDArray[np.float64]]) -> float | None:
    """The greatest over parts of the median over frames; None without frames."""
    return float(np.median(values, axis=0).max()) if values else None
