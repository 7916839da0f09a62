"""What a MotionTrack orders of lips and skin, and the sample of frames in which that is looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

SHUT: Final = 0.02  # ordered opening up to which lips are closed
OPEN: Final = 0.12  # ordered opening from which anybody would see it
WITHIN_S: Final = 0.3  # on both sides of a closure in which the mouth has been open
PER_SECOND, LEAST, MOST = 2.0, 16, 48  # frames looked at
LEAST_OF_STRETCH: Final = 4  # a closure, an opening and two others
_COLUMN: Final = {name: column for column, name in enumerate(ARKIT_ACTIONS)}
FOLDED: Final = 0.25  # of an action from which skin folds where the portrait has none
_BROWS: Final = ("browDown", "browInnerUp", "browOuterUp")
_SMILES: Final = ("mouthSmile", "cheekSquint", "noseSneer", "mouthDimple", "mouthStretch")
_FOLDING: Final = (
    _BROWS,
    _SMILES,
    _SMILES,
    (*_BROWS, "noseSneer"),
    _SMILES,
    _SMILES,
    ("mouthShrug", "mouthFrown"),
)
_LIPS_APART: Final = 0.25  # opening by lips that part, beside that of the jaw


@dataclass(frozen=True, eq=False)
class Sample:
    """Numbers of frames, ascending: lips ordered closed between open sounds, ordered open, and others."""

    closures: NDArray[np.intp]
    openings: NDArray[np.intp]
    others: NDArray[np.intp]

    @property
    def frames(self) -> frozenset[int]:
        """All of them."""
        return frozenset(int(n) for n in np.concatenate([self.closures, self.openings, self.others]))

    def later(self, frames: int) -> Sample:
        """The same, of a stretch that begins so many frames later."""
        return Sample(self.closures + frames, self.openings + frames, self.others + frames)


def ordered_opening(track: MotionTrack) -> NDArray[np.float64]:
    """How far the lips are to be apart in each frame (T,), 0 closed; about 1 is a jaw wide open."""
    actions = track.actions.astype(np.float64)
    jaw = actions[:, _COLUMN["jawOpen"]] - actions[:, _COLUMN["mouthClose"]]
    parted = [
        actions[:, _COLUMN[f"mouth{name}{side}"]]
        for name in ("LowerDown", "UpperUp")
        for side in ("Left", "Right")
    ]
    return np.asarray(np.clip(jaw + _LIPS_APART * np.mean(parted, axis=0), 0.0, None), np.float64)


def parts_at_rest(track: MotionTrack) -> NDArray[np.bool_]:
    """In which frames no expression folds a part of the skin, in the order of `face_look.PARTS`: (T, 7).

    The folds of a smile and of a frown are edges that the portrait has not either.
    """
    rests = [
        np.max(
            [track.actions[:, column] for name, column in _COLUMN.items() if name.startswith(folding)], axis=0
        )
        < FOLDED
        for folding in _FOLDING
    ]
    return np.stack(rests, axis=1)


def looks_of_stretches(cuts: Sequence[int], fps: float) -> dict[int, int]:
    """How many frames are looked at of each stretch of a video, by the number of its first frame.

    `cuts` are the numbers of the first frames of the stretches, and of all frames. Two a second, 16 to 48 in
    all. Of many stretches only so many are looked at, evenly spread, that each has LEAST_OF_STRETCH: to
    follow a face anew costs more than a look.
    """
    count = int(np.clip(PER_SECOND * (cuts[-1] - cuts[0]) / fps, LEAST, MOST))
    looked_at = min(len(cuts) - 1, max(count // LEAST_OF_STRETCH, 1))
    places = set(np.linspace(0, len(cuts) - 2, looked_at).round().astype(int).tolist())
    return {first: count // looked_at if place in places else 0 for place, first in enumerate(cuts[:-1])}


def choose_sample(opening: NDArray[np.float64], fps: float, count: int | None = None) -> Sample:
    """The frames to look at of a stretch with the ordered `opening` (T,): `count`, or as many as of a video
    that is this one stretch.

    A third each: the middles of closures with an open mouth before and after, as p, b and m have; the widest
    frames between; and frames at equal distances over the whole length.
    """
    frames = len(opening)
    if count is None:
        count = looks_of_stretches((0, frames), fps)[0]
    if not count:
        return Sample(*(np.zeros(0, np.intp) for _ in range(3)))
    closures = _closures(opening, round(WITHIN_S * fps))
    openings = _peaks(opening)
    third = count // 3
    closures, openings = _spread(closures, third), _spread(openings, third)
    others = np.unique(
        np.linspace(0, frames - 1, max(count - len(closures) - len(openings), 2)).astype(np.intp)
    )
    others = others[~np.isin(others, np.concatenate([closures, openings]))]
    return Sample(closures, openings, others)


def _closures(opening: NDArray[np.float64], reach: int) -> NDArray[np.intp]:
    """The middle of each run of closed lips that has an open mouth within `reach` frames before and after."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (opening <= SHUT).astype(np.int8), [0]])))
    middles = [
        (start + end - 1) // 2
        for start, end in edges.reshape(-1, 2)
        if opening[max(start - reach, 0) : start].max(initial=0.0) > OPEN
        and opening[end : end + reach].max(initial=0.0) > OPEN
        and end - start <= reach
    ]
    return np.array(middles, np.intp)


def _peaks(opening: NDArray[np.float64]) -> NDArray[np.intp]:
    """Where the mouth is open and wider than in the frames beside."""
    if len(opening) < 3:
        return np.zeros(0, np.intp)
    inner = opening[1:-1]
    return np.flatnonzero((inner > OPEN) & (inner >= opening[:-2]) & (inner > opening[2:])) + 1


def _spread(places: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """At most `count` of `places`, evenly over them."""
    if len(places) <= count:
        return places
    return places[np.linspace(0, len(places) - 1, count).round().astype(np.intp)]
