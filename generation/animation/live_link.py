"""Apple Live Link Face takes: the CSV that the iPhone app writes beside its video, in and out.

The columns are Timecode (HH:MM:SS:FF.mmm), BlendshapeCount, the 52 facial actions, then HeadYaw, HeadPitch,
HeadRoll, LeftEyeYaw, LeftEyePitch, LeftEyeRoll and the same for the right eye. Angles are in radians. The app
describes the person as seen from the phone's mirror-free camera: its positive yaw turns towards the person's
left, which is the picture's right, its positive pitch looks down and its positive roll tips the crown towards
the person's left, so that no sign changes here. Head position is not in the format: on reading it is at rest,
on writing it is lost.
"""

from __future__ import annotations

import csv
import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion_track import ARKIT_ACTIONS, MotionTrack

_HEAD = ("HeadYaw", "HeadPitch", "HeadRoll")
_EYES = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")
_COLUMNS = tuple(name[0].upper() + name[1:] for name in ARKIT_ACTIONS)
_TIMECODE = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2}):(\d{1,3}(?:\.\d+)?)$")
_RATES = (24, 25, 30, 48, 50, 60)
_MAX_FRAMES = 100_000
# The eyeLook actions and their columns. Positive yaw looks to the picture's right, which is the person's
# left.
_LOOKS = {
    name: ARKIT_ACTIONS.index(f"eyeLook{name}")
    for name in ("OutLeft", "InRight", "InLeft", "OutRight", "DownLeft", "DownRight", "UpLeft", "UpRight")
}
_LOOK_RANGE_DEG = 30.0  # eye angle at which an eyeLook action reaches 1


class LiveLinkError(ValueError):
    """The file is not a Live Link Face take that can be followed; the message says where it goes wrong."""


def read_csv(path: Path) -> MotionTrack:
    """Read a take. The frame rate is told from the time codes; the eyes' angle is the mean of both.

    Raises LiveLinkError when columns are missing, a value is not a number or the take has no two frames.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        names = {name.strip().lower(): name for name in reader.fieldnames or ()}
        wanted = ("Timecode", *_COLUMNS, *_HEAD, *_EYES)
        missing = [name for name in wanted if name.lower() not in names]
        if missing:
            raise LiveLinkError(f"Columns are missing: {', '.join(missing[:5])}.")
        timecodes: list[tuple[int, float]] = []
        rows: list[list[float]] = []
        for number, row in enumerate(reader, start=2):
            if len(rows) >= _MAX_FRAMES:
                raise LiveLinkError(f"The take is longer than {_MAX_FRAMES} frames.")
            values = [row[names[name.lower()]] for name in wanted]
            timecodes.append(_parts(values[0] or "", number))
            rows.append(_numbers(values[1:], number))
    if len(rows) < 2:
        raise LiveLinkError("A take needs at least two frames.")
    table = np.array(rows, np.float64)
    count = len(ARKIT_ACTIONS)
    head_pose = np.zeros((len(table), 6))
    head_pose[:, :3] = np.degrees(table[:, count : count + 3])
    eyes = np.degrees(table[:, count + 3 :])
    table[:, list(_LOOKS.values())] = 0.0
    return MotionTrack(
        fps=_frame_rate(timecodes),
        actions=table[:, :count].astype(np.float32),
        head_pose=head_pose.astype(np.float32),
        gaze=((eyes[:, 0:2] + eyes[:, 3:5]) / 2 + head_pose[:, :2]).astype(np.float32),
    )


def write_csv(track: MotionTrack, path: Path) -> None:
    """Write a take that starts at 00:00:00:00; both eyes get the same angles."""
    fps = max(1, round(track.fps))
    eyes = track.gaze.astype(np.float64) - track.head_pose[:, :2]
    radians = np.radians(np.concatenate([track.head_pose[:, :3], eyes], axis=1))
    table = track.actions.copy()
    table[:, list(_LOOKS.values())] = _look_actions(eyes)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("Timecode", "BlendshapeCount", *_COLUMNS, *_HEAD, *_EYES))
        for index, (actions, (yaw, pitch, roll, eye_yaw, eye_pitch)) in enumerate(
            zip(table, radians, strict=True)
        ):
            angles = (yaw, pitch, roll, eye_yaw, eye_pitch, 0.0, eye_yaw, eye_pitch, 0.0)
            numbers = [f"{value:.8f}" for value in (*actions, *angles)]
            writer.writerow((_timecode(index, fps), len(ARKIT_ACTIONS) + len(_HEAD) + len(_EYES), *numbers))


def _look_actions(eyes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (T, 8) of the eyeLook actions, in the order of _LOOKS, for eye angles (T, 2) in degrees."""
    yaw, pitch = eyes.T / _LOOK_RANGE_DEG
    looks = np.stack([yaw, yaw, -yaw, -yaw, pitch, pitch, -pitch, -pitch], axis=1)
    return np.asarray(np.clip(looks, 0.0, 1.0), np.float64)


def _timecode(index: int, fps: int) -> str:
    seconds, frame = divmod(index, fps)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}.000"


def _parts(text: str, number: int) -> tuple[int, float]:
    match = _TIMECODE.match(text.strip())
    if match is None:
        raise LiveLinkError(f"Line {number}: {text[:20]!r} is not a time code like 12:34:56:07.")
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    return hours * 3600 + minutes * 60 + seconds, float(match[4])


def _numbers(values: list[str | None], number: int) -> list[float]:
    try:
        numbers = [float(value or "") for value in values]
    except ValueError:
        raise LiveLinkError(f"Line {number}: a value is missing or not a number.") from None
    if not all(math.isfinite(value) for value in numbers):
        raise LiveLinkError(f"Line {number}: a value is not finite.")
    return numbers


def _frame_rate(timecodes: list[tuple[int, float]]) -> float:
    """The rate whose frame numbers explain the time codes best.

    A take of more than a second shows its rate: the mean number of frames between its first and last time
    code. Time codes drop to the next second at the rate, so the highest frame number bounds it from below.
    """
    frames = np.array([frame for _, frame in timecodes])
    seconds = np.array([second for second, _ in timecodes])
    highest = float(np.floor(frames.max())) + 1
    if seconds[-1] > seconds[0]:
        candidates = [rate for rate in _RATES if rate >= highest]
        errors = [_misfit(seconds, frames, rate) for rate in candidates]
        return float(candidates[int(np.argmin(errors))]) if candidates else highest
    return float(next((rate for rate in (30, 60) if rate >= highest), highest))


def _misfit(seconds: NDArray[np.int64], frames: NDArray[np.float64], rate: int) -> float:
    """Mean difference between the time codes read at `rate` and evenly spaced frames at that rate."""
    times = seconds + frames / rate
    return float(np.abs(times - times[0] - np.arange(len(times)) / rate).mean())
