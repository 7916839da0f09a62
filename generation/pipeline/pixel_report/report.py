"""The pixel report of one rendition: from a sample of frames as they pass, and from the finished sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.motion_track import MotionTrack
from generation.pipeline.pixel_report.bars import CLOSED, OPENED, Measures, findings
from generation.pipeline.pixel_report.face_look import RIGID, FaceLook, FaceWatcher
from generation.pipeline.pixel_report.offset import (
    HOP_S,
    picture_after_motion_s,
    sound_after_motion_s,
    vowel_energy,
)
from generation.pipeline.pixel_report.ordered_motion import choose_sample, ordered_opening, parts_at_rest
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


class PixelWatch:
    """Looks at the frames of one video on their way from the renderer to the encoder."""

    def __init__(self, portrait: NDArray[np.uint8], track: MotionTrack) -> None:
        """`portrait` (H, W, 3) uint8 RGB is what the renderer was given, `track` what it was told to show."""
        self._fps = track.fps
        self._opening = ordered_opening(track)
        self._sample = choose_sample(self._opening, track.fps)
        self._facing = facing(track, self._sample.frames)
        self._at_rest = parts_at_rest(track)
        self._portrait = portrait
        self._seen: dict[int, SeenStretch] = {}

    @property
    def looked_at(self) -> frozenset[int]:
        """The numbers of the frames in which the face is looked at."""
        return self._sample.frames

    def watch(self, frames: Iterator[NDArray[np.uint8]], first: int = 0) -> Iterator[NDArray[np.uint8]]:
        """`frames`, (H, W, 3) uint8 RGB, unchanged and in order; those of the sample are looked at.

        They are the stretch of the video that begins with frame number `first`. Each stretch is looked at by
        itself, so that it does not matter where the others are.
        """
        seen = self._seen[first] = SeenStretch(Stillness(self._fps), {})
        face: FaceWatcher | None = None
        wanted = self.looked_at
        for number, frame in enumerate(frames, first):
            seen.stillness.add(frame)
            if number in wanted:
                face = face or FaceWatcher(self._portrait)
                seen.looks[number] = face.look(frame, at_skin=number in self._facing)
            yield frame

    def seen(self, first: int) -> SeenStretch:
        """What was seen in the stretch that begins with frame number `first`."""
        return self._seen[first]

    def add(self, first: int, seen: SeenStretch) -> None:
        """Add what was seen elsewhere in the stretch that begins with frame number `first`."""
        self._seen[first] = seen

    def report(self, sound: NDArray[np.float32], sample_rate: int) -> PixelReport:
        """The report, once all frames have passed; `sound` (N,) is what the finished file plays."""
        stillness = Stillness(self._fps)
        looks: dict[int, FaceLook | None] = {}
        for _, stretch in sorted(self._seen.items()):
            stillness.extend(stretch.stillness)
            looks |= stretch.looks
        energy = vowel_energy(sound, sample_rate)
        seen = {number: look for number, look in looks.items() if look is not None}
        closures = [seen[n].lip_gap for n in self._sample.closures.tolist() if n in seen]
        openings = [seen[n].lip_gap for n in self._sample.openings.tolist() if n in seen]
        skins = [look.skin for look in seen.values() if look.skin is not None]
        edges = [
            np.where(self._at_rest[number], look.skin.new_edges, np.nan)
            for number, look in seen.items()
            if look.skin is not None
        ]
        measures = Measures(
            frames=len(looks),
            faces=len(seen),
            closures=len(closures),
            closures_kept=sum(gap <= CLOSED for gap in closures),
            openings=len(openings),
            openings_kept=sum(gap >= OPENED for gap in openings),
            sound_after_picture_s=self._sound_after_picture_s(seen, energy),
            torn=_torn(edges),
            part_apart=_typical([skin.apart[:RIGID] for skin in skins]),
            proportions_apart=_typical([np.array([skin.proportions_apart]) for skin in skins]),
            appearance_apart=_typical([np.array([skin.apart.mean()]) for skin in skins]),
            still_s=stillness.longest_s(self._speech(energy)),
        )
        return PixelReport(measures, findings(measures))

    def _sound_after_picture_s(self, seen: dict[int, FaceLook], energy: NDArray[np.floating]) -> float | None:
        sound = sound_after_motion_s(self._opening, self._fps, energy)
        numbers = np.array(sorted(seen), np.intp)
        gaps = np.array([seen[int(number)].lip_gap for number in numbers], np.float64)
        picture = picture_after_motion_s(numbers, gaps, self._opening, self._fps)
        return None if sound is None or picture is None else sound - picture

    def _speech(self, energy: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Whether the sound is loud at each frame (T,)."""
        times = (np.arange(len(self._opening)) + 0.5) / self._fps
        if not len(energy):
            return np.zeros(len(times), np.bool_)
        level = np.interp(times, (np.arange(len(energy)) + 0.5) * HOP_S, energy)
        return np.asarray(level > SPEAKS, np.bool_)


def facing(track: MotionTrack, sample: frozenset[int]) -> frozenset[int]:
    """The frames of a sample in which skin is compared: SKIN_LOOKS with the least turn, none turned far.

    Empty if there are fewer than LEAST_SKIN_LOOKS of them.
    """
    numbers = sorted(sample)
    turn = np.abs(track.head_pose[numbers, :2]).max(1)
    chosen = [
        numbers[place] for place in np.argsort(turn, kind="stable").tolist() if turn[place] < TURNED_DEG
    ]
    return frozenset(chosen[:SKIN_LOOKS] if len(chosen) >= LEAST_SKIN_LOOKS else [])


def _torn(edges: list[NDArray[np.float64]]) -> float | None:
    """The greatest over parts of the lower quartile over frames; NaN where a part is not at rest."""
    parts = [part[np.isfinite(part)] for part in np.transpose(edges)] if edges else []
    quartiles = [float(np.percentile(part, LOW)) for part in parts if len(part) >= LEAST_SKIN_LOOKS]
    return max(quartiles, default=None)


def _typical(values: list[NDArray[np.float64]]) -> float | None:
    """The greatest over parts of the median over frames; None without frames."""
    return float(np.median(values, axis=0).max()) if values else None
