"""Metrics of a MotionTrack: blinks, saccades, head movement, nods and brow raises on accents, jerk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks

from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import MotionTrack

Values = NDArray[np.float64]
NEAR_S = 0.12
_INDEX = {name: index for index, name in enumerate(ARKIT_ACTIONS)}


@dataclass(frozen=True, eq=False)
class Reference:
    """The speech to compare with: `accents` (A,) in seconds and `activity` (T,) 0..1 at the track's
    frames."""

    accents: Values
    activity: Values


def blinks(track: MotionTrack) -> tuple[float, Values]:
    """Blinks a minute, and how long each keeps the eye more than a tenth shut, in seconds."""
    lids = track.actions[:, _INDEX["eyeBlinkLeft"]].astype(np.float64)
    lids = lids - np.median(lids)
    peaks, found = find_peaks(lids, height=0.35, distance=max(1, round(0.15 * track.fps)))
    del found
    lengths = []
    for peak in peaks:
        first = last = int(peak)
        while first > 0 and lids[first - 1] > 0.1:
            first -= 1
        while last < len(lids) - 1 and lids[last + 1] > 0.1:
            last += 1
        lengths.append((last - first + 1) / track.fps)
    return 60 * len(peaks) / track.duration_s, np.array(lengths)


def saccades(track: MotionTrack) -> tuple[Values, Values]:
    """Amplitudes in degrees and peak speeds in degrees a second of saccades; needs a high frame rate."""
    step = np.linalg.norm(np.diff(track.gaze.astype(np.float64), axis=0), axis=1)
    speed = step * track.fps
    moving = np.concatenate([[False], speed > 8.0, [False]])
    starts, ends = np.flatnonzero(moving[1:] & ~moving[:-1]), np.flatnonzero(~moving[1:] & moving[:-1])
    amplitudes = np.array(
        [np.linalg.norm(track.gaze[e] - track.gaze[s]) for s, e in zip(starts, ends, strict=True)]
    )
    return amplitudes, np.array([speed[s:e].max() for s, e in zip(starts, ends, strict=True)])


def head_spread(track: MotionTrack) -> Values:
    """Standard deviations of yaw, pitch and roll in degrees."""
    return np.asarray(track.head_pose[:, :3].astype(np.float64).std(0))


def slow_share(track: MotionTrack) -> float:
    """The share of the head angles' energy below 2 Hz."""
    angles = track.head_pose[:, :3].astype(np.float64)
    power = np.abs(np.fft.rfft(angles - angles.mean(0), axis=0)) ** 2
    hz = np.fft.rfftfreq(len(angles), 1 / track.fps)
    return float(power[hz < 2].sum() / power.sum())


def speed_ratio(track: MotionTrack, reference: Reference) -> float:
    """The head's mean speed in speech over that in pauses; not a number where there are no pauses."""
    speed = np.linalg.norm(np.gradient(track.head_pose[:, :3].astype(np.float64), axis=0), axis=1)
    speech, pause = reference.activity > 0.8, reference.activity < 0.2
    if speech.sum() < track.fps or pause.sum() < 0.5 * track.fps:
        return float("nan")
    return float(speed[speech].mean() / speed[pause].mean())


def beats(track: MotionTrack) -> tuple[Values, Values]:
    """Times in seconds of nods' lowest points and of the brows' highest."""
    smooth = 0.03 * track.fps
    pitch = gaussian_filter1d(track.head_pose[:, 1].astype(np.float64), smooth)
    brow = gaussian_filter1d(track.actions[:, _INDEX["browInnerUp"]].astype(np.float64), smooth)
    nods, _ = find_peaks(pitch, prominence=1.0)
    rises, _ = find_peaks(brow, prominence=0.08)
    return (nods + 0.5) / track.fps, (rises + 0.5) / track.fps


def near(events: Values, accents: Values) -> tuple[int, int]:
    """How many events are within NEAR_S of an accent, and how many there are."""
    if not len(events) or not len(accents):
        return 0, len(events)
    distance = np.abs(events[:, None] - accents[None]).min(1)
    return int((distance <= NEAR_S).sum()), len(events)


def jerk(track: MotionTrack) -> Values:
    """The third difference of the head's angles (T,) in degrees a second cubed."""
    third = np.diff(track.head_pose[:, :3].astype(np.float64), 3, axis=0) * track.fps**3
    return np.pad(np.linalg.norm(third, axis=1), (1, 2))
