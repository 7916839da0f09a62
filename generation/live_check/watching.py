"""Watches the one face of a recording: where it is, how it turns, opens its mouth and shuts its eyes.

Everything here is measured on landmarks in about ten frames a second. A picture that is held up moves as a
plane does: one homography explains all its landmarks. A head that turns shows parallax beside that.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float32Array, Float64Array, UInt8Array
from generation.animation.face.landmarks import detect_faces, follow_landmarks

STILL_THERE: Final = 0.5  # presence of a face that is followed
LEAST_PRESENCE: Final = 0.7  # of a face that is found
OTHER_FACE: Final = 0.4  # a second face at least so large, beside the first, is another person
LOOK_AROUND: Final = 12  # frames between two searches for other faces
MOST_DESCRIBED: Final = 7
FACE_SIDE: Final = 256  # pixels of the picture of a face
FACE_MARGIN: Final = 1.6  # of the landmarks' extent
SPEAKING: Final = 0.15  # of the largest opening that was heard
LEAST_SPOKEN: Final = 12  # frames
STILL_MOUTH: Final = 0.004  # standard deviation of the opening in eye distances; speech has 0.03 and more
MOST_SHIFT_S: Final = 0.2  # between picture and sound, by the devices
# Corners of the eyes, bridge and tip of the nose, forehead and sides of the face: they move with the skull.
_RIGID: Final = (33, 133, 362, 263, 168, 6, 197, 1, 4, 10, 151, 9, 234, 454, 127, 356, 93, 323)
_LEFT_EYE, _RIGHT_EYE = (159, 145, 33, 133), (386, 374, 362, 263)  # upper lid, lower lid, corners
_LIPS: Final = (13, 14)
_THUMBNAIL: Final = (32, 24)


@dataclass(eq=False)
class Watched:
    """What was seen: T frames, of which N had a face.

    `times` (N,) in seconds; `yaw` (N,) in degrees, positive towards the picture's right edge; `mouth` and
    `lids` (N,) openings in eye distances; `rigid` (N, 18, 2) landmarks of the skull in picture pixels;
    `changes` (T - 1,) mean difference of grey levels from a frame to the next; `others`: looks around that
    found a second face, of `looks`; `loneliest_step`: of all frames, see `cuts.FrameSteps`.
    """

    frames: int = 0
    looks: int = 0
    others: int = 0
    times: list[float] = field(default_factory=list)
    yaw: list[float] = field(default_factory=list)
    mouth: list[float] = field(default_factory=list)
    lids: list[float] = field(default_factory=list)
    rigid: list[Float32Array] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)
    views: list[tuple[UInt8Array, Float32Array]] = field(default_factory=list)
    loneliest_step: float = 0.0

    @property
    def share(self) -> float:
        """The share of the frames with a face."""
        return len(self.times) / self.frames if self.frames else 0.0


def watch(frames: Iterable[tuple[float, UInt8Array]]) -> Watched:
    """Follow the largest face through frames ((H, W, 3) uint8 RGB) with their times in seconds."""
    seen = Watched()
    before: Float32Array | None = None
    last: NDArray[np.float32] | None = None
    for time_s, image in frames:
        small = cv2.cvtColor(cv2.resize(image, _THUMBNAIL, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        if last is not None:
            seen.changes.append(float(np.abs(small - last).mean()))
        last = small.astype(np.float32)
        if before is None or seen.frames % LOOK_AROUND == 0:
            before = _look_around(seen, image, before)
        seen.frames += 1
        if before is None:
            continue
        face = follow_landmarks(image, before)
        before = face.points if face.presence >= STILL_THERE else None
        if before is not None:
            _measure(seen, time_s, image, before)
    return seen


def _look_around(seen: Watched, image: UInt8Array, before: Float32Array | None) -> Float32Array | None:
    faces = [face for face in detect_faces(image) if face.presence >= LEAST_PRESENCE]
    seen.looks += 1
    if not faces:
        return before
    sizes = [max(face.box[2:]) for face in faces]
    seen.others += any(size >= OTHER_FACE * sizes[0] for size in sizes[1:])
    return faces[0].points if before is None else before


def _measure(seen: Watched, time_s: float, image: UInt8Array, points: Float32Array) -> None:
    across = points[263] - points[33]
    eyes = max(float(np.linalg.norm(across)), 1.0)
    seen.times.append(time_s)
    # Where the outer corner at the picture's right is further away, the face looks to the right.
    seen.yaw.append(float(np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))))
    seen.mouth.append(float(np.linalg.norm(points[_LIPS[0], :2] - points[_LIPS[1], :2])) / eyes)
    openings = [
        np.linalg.norm(points[upper, :2] - points[lower, :2]) / np.linalg.norm(points[a, :2] - points[b, :2])
        for upper, lower, a, b in (_LEFT_EYE, _RIGHT_EYE)
    ]
    seen.lids.append(float(np.mean(openings)))
    seen.rigid.append(points[list(_RIGID), :2].astype(np.float32))
    seen.views.append((image, points))


def turns(seen: Watched) -> tuple[float, float]:
    """How far the head turned towards the picture's left and right edge from where it mostly looked, in
    degrees."""
    if not seen.yaw:
        return 0.0, 0.0
    yaw = _smoothed(np.asarray(seen.yaw))
    usual = float(np.median(yaw))
    return max(0.0, usual - float(yaw.min())), max(0.0, float(yaw.max()) - usual)


def parallax(seen: Watched) -> float:
    """How far the skull's landmarks are from moving as one plane, at most, in parts of the eye distance.

    The frame that looks most straight ahead is compared with those that are turned most, left and right.
    """
    if len(seen.yaw) < 3:
        return 0.0
    yaw = _smoothed(np.asarray(seen.yaw))
    straight = int(np.argmin(np.abs(yaw - np.median(yaw))))
    return max(_off_plane(seen, straight, int(index)) for index in (yaw.argmin(), yaw.argmax()))


def _off_plane(seen: Watched, one: int, other: int) -> float:
    # A mean of three frames halves what the landmarks jitter by.
    here, there = (np.mean(seen.rigid[max(0, i - 1) : i + 2], axis=0) for i in (one, other))
    eyes = float(np.linalg.norm(there[0] - there[3]))
    plane, _ = cv2.findHomography(here, there, 0)
    if plane is None or eyes < 1.0:
        return 0.0
    moved = cv2.perspectiveTransform(here[None].astype(np.float32), plane)[0]
    return float(np.sqrt(((moved - there) ** 2).sum(1).mean())) / eyes


def largest_jump(seen: Watched) -> float:
    """The largest step of the head between two frames that follow each other, in eye distances, beside what
    its movement before and after explains."""
    if len(seen.rigid) < 4:
        return 0.0
    centres = np.stack([points.mean(0) for points in seen.rigid])
    eyes = np.array([np.linalg.norm(points[0] - points[3]) for points in seen.rigid])
    gaps = np.diff(seen.times)
    steps = np.linalg.norm(np.diff(centres, axis=0), axis=1) / eyes[1:]
    steps = np.where(gaps < 2 * np.median(gaps), steps, 0.0)
    around = np.maximum(np.r_[0.0, steps[:-1]], np.r_[steps[1:], 0.0])
    return float((steps - around).max())


def largest_change(seen: Watched) -> float:
    """The largest change of the whole picture from a frame to the next, as a multiple of the usual ones."""
    if len(seen.changes) < 4:
        return 0.0
    changes = np.asarray(seen.changes)
    return float(changes.max() / max(float(np.percentile(changes, 90)), 0.5))


def distance_to(seen: Watched, descriptor: Float32Array) -> float:
    """How far the face is from a descriptor (128,): the median over frames that look straight ahead."""
    return float(np.median([np.linalg.norm(one - descriptor) for one in _descriptors(seen)]))


def face_of(seen: Watched) -> tuple[Float32Array, UInt8Array]:
    """The mean of the descriptors (128,) of frames that look straight ahead, and the face (256, 256, 3) uint8
    RGB as one of them shows it."""
    image, points = seen.views[_ahead(seen)[0]]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    side = float((high - low).max()) * FACE_MARGIN
    corner = (low + high - side) / 2
    place = np.array([[1, 0, -corner[0]], [0, 1, -corner[1]]], np.float64) * (FACE_SIDE / side)
    face = cv2.warpAffine(image, place, (FACE_SIDE, FACE_SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.mean(_descriptors(seen), axis=0, dtype=np.float32), np.asarray(face, np.uint8)


def _descriptors(seen: Watched) -> list[Float32Array]:
    # Imported here: torch takes longer to load than a recording without a face is worth.
    from generation.animation.face.face_descriptor import describe_face  # noqa: PLC0415

    chosen = np.sort(_ahead(seen))
    chosen = chosen[np.linspace(0, len(chosen) - 1, min(MOST_DESCRIBED, len(chosen))).astype(int)]
    return [describe_face(*seen.views[i]) for i in chosen]


def _ahead(seen: Watched) -> NDArray[np.intp]:
    """The frames that look most straight ahead, nearest first: half of all, or seven."""
    yaw = np.abs(np.asarray(seen.yaw) - np.median(seen.yaw))
    return np.argsort(yaw, kind="stable")[: max(MOST_DESCRIBED, len(yaw) // 2)]


def lips_fit(seen: Watched, heard: Float64Array, rate: float) -> float:
    """How well the seen mouth follows an opening (M,) that was heard at `rate` a second: the best correlation
    at a shift of 0.2 s at most, while somebody speaks; 0 where nobody does or the mouth keeps still."""
    sounding = np.flatnonzero(heard > SPEAKING * heard.max(initial=0.0))
    if not len(sounding):
        return 0.0
    times, mouth = np.asarray(seen.times), np.asarray(seen.mouth)
    spoken = (times >= sounding[0] / rate) & (times <= sounding[-1] / rate)
    times, mouth = times[spoken], mouth[spoken]
    if len(times) < LEAST_SPOKEN or mouth.std() < STILL_MOUTH:
        return 0.0
    grid = np.arange(len(heard)) / rate
    found = [np.interp(times + shift, grid, heard) for shift in np.arange(-MOST_SHIFT_S, MOST_SHIFT_S, 0.04)]
    return max(float(np.corrcoef(one, mouth)[0, 1]) for one in found if one.std() > 0)


def _smoothed(values: Float64Array) -> Float64Array:
    """A running median of three: a frame that is measured wrongly is no turn."""
    if len(values) < 3:
        return values
    return np.asarray(np.median(np.stack([values[:-2], values[1:-1], values[2:]]), axis=0), np.float64)
