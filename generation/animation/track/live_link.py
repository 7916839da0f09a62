"""Reads and writes takes of Apple's Live Link Face app: CSV files of facial actions and head angles.

The columns are Timecode, BlendShapeCount (61; some versions write BlendshapeCount), the 52 facial actions,
then HeadYaw, HeadPitch, HeadRoll, LeftEyeYaw, LeftEyePitch, LeftEyeRoll and the same for the right eye.

*Time.* A time code is HH:MM:SS:FF.fff: FF counts 60 to the second whatever the take's frame rate, and .fff is
a part of a frame. A 30 Hz take steps by two, and the steps are uneven by some thousandths: the phone's clock.
Frames that the app missed are left out, or are a row with count 0 and no values.

*Angles* are in radians. The app takes yaw, pitch and roll of ARKit's face and eye transforms in Unreal's axes
(x = -z, y = x, z = y), so that positive yaw turns to the person's right, which is the picture's left,
positive pitch looks down, and positive roll tips the crown to the person's left. A MotionTrack's yaw has the
other sign. Each eye's axis points outwards by about four degrees at rest; the mean of both looks straight on.
Where head rotation was switched off in the app, its three columns are 0. Head position is not in the format:
on reading it is at rest, on writing it is lost.

Taken from six public takes, in the repositories alexdjulin/LiveLinkFace-CSV-Retarget-For-Motionbuilder (csv
and anim), JMTechArt/Pipeline-Examples and dwskillman/BlendFiles, and from Unreal's AppleARKit plug-in
(ToBlendShapeMap). In the takes, eye yaw falls as eyeLookOutLeft and eyeLookInRight rise, eye pitch rises with
eyeLookDown, and of the three angles one follows from the other two only in radians and in these axes. The
head's columns were 0 in all of them: their signs follow from the same code, not from a take. nmfisher's
importer (polyvox_filament) tells of the rows without values. With the phone held in landscape, its README
says, head yaw and pitch are inverted; such takes cannot be told from others.
"""

from __future__ import annotations

import csv
import io
import math
import re
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from generation.animation.sentences import gettext_noop as _
from generation.animation.track.arkit import ARKIT_ACTIONS

_HEAD = ("HeadYaw", "HeadPitch", "HeadRoll")
_EYES = ("LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch", "RightEyeRoll")
_COLUMNS = tuple(name[0].upper() + name[1:] for name in ARKIT_ACTIONS)
_COUNT = len(_COLUMNS) + len(_HEAD) + len(_EYES)
_TIMECODE = re.compile(r"^(\d{1,2}):(\d{2}):(\d{2})[:;](\d{1,3}(?:\.\d+)?)$")
_TIMECODE_RATE = 60
_DAY_S = 24 * 3600
_RATES = (24, 25, 30, 48, 50, 60)
_SAME_RATE = 0.02  # relative tolerance to a nominal frame rate; observed 0.002
_ON_TIME = 0.02  # of a frame: a row this close to its frame's time is not interpolated
_MAX_FRAMES = 100_000
# From a MotionTrack's yaw, pitch, roll to the app's and back.
_SIGNS = np.array([-1.0, 1.0, 1.0])
# Degrees at which an eyeLook action is 1, measured on the takes above.
_LOOK_RANGE_DEG = {"Out": 33.5, "In": 35.5, "Down": 35.0, "Up": 25.0}
_LOOKS = tuple(
    ARKIT_ACTIONS.index(f"eyeLook{way}{side}") for side in ("Left", "Right") for way in _LOOK_RANGE_DEG
)


_TOO_LONG = _("The take is longer than {frames} frames.")


class LiveLinkError(ValueError):
    """The file is not a valid Live Link Face take; the message says where and why."""


class LiveLinkTake(NamedTuple):
    """One take, with the arrays, units and signs of a MotionTrack."""

    fps: float
    actions: NDArray[np.float32]
    head_pose: NDArray[np.float32]
    gaze: NDArray[np.float32]


def read_csv(source: Path | TextIO) -> LiveLinkTake:
    """Read a take from a path or an open file, at the even frame rate nearest to the one it was recorded at.

    Rows are placed by their time codes; missed frames are interpolated linearly. Gaze is the mean of both
    eyes, added to the head's turn. In a take without head rotation it is not known where the head pointed:
    gaze then is relative to its own median, so that the performer mostly looks at the camera. Raises
    LiveLinkError when columns are missing, a value is not a number, or no two frames have a face.
    """
    if isinstance(source, Path):
        with source.open(newline="", encoding="utf-8-sig") as file:
            times, table = _read_rows(file)
    else:
        times, table = _read_rows(source)
    steps = np.diff(times)
    fps = _frame_rate(float(np.median(steps)))
    frames = (times - times[0]) * fps
    nearest = np.round(frames)
    frames = np.where(np.abs(frames - nearest) < _ON_TIME, nearest, frames)
    count = int(frames[-1] + 0.5) + 1
    if count > _MAX_FRAMES:
        raise LiveLinkError(_TOO_LONG.format(frames=_MAX_FRAMES))
    table = np.stack([np.interp(np.arange(count), frames, column) for column in table.T], axis=1)

    actions, angles = table[:, : len(_COLUMNS)], np.degrees(table[:, len(_COLUMNS) :])
    actions[:, _LOOKS] = 0.0
    head_pose = np.zeros((count, 6))
    head_pose[:, :3] = angles[:, :3] * _SIGNS
    eyes = (angles[:, 3:5] + angles[:, 6:8]) / 2 * _SIGNS[:2]
    if not head_pose.any():
        eyes -= np.median(eyes, axis=0)
    return LiveLinkTake(
        fps=fps,
        actions=actions.astype(np.float32),
        head_pose=head_pose.astype(np.float32),
        gaze=(eyes + head_pose[:, :2]).astype(np.float32),
    )


def write_csv(take: LiveLinkTake, path: Path) -> None:
    """Write a take that starts at 00:00:00:00.000; both eyes get the same angles."""
    with path.open("w", newline="", encoding="utf-8") as file:
        _write(take, file)


def take_text(take: LiveLinkTake) -> str:
    """What `write_csv` writes."""
    file = io.StringIO(newline="")
    _write(take, file)
    return file.getvalue()


def _write(take: LiveLinkTake, file: TextIO) -> None:
    eyes = take.gaze.astype(np.float64) - take.head_pose[:, :2]
    table = take.actions.copy()
    table[:, _LOOKS] = _look_actions(eyes)
    head = np.radians(take.head_pose[:, :3] * _SIGNS)
    eye = np.column_stack([np.radians(eyes * _SIGNS[:2]), np.zeros(len(take.actions))])
    writer = csv.writer(file)
    writer.writerow(("Timecode", "BlendShapeCount", *_COLUMNS, *_HEAD, *_EYES))
    for index, row in enumerate(np.concatenate([table, head, eye, eye], axis=1)):
        writer.writerow((_timecode(index / take.fps), _COUNT, *(f"{value:.10f}" for value in row)))


def _look_actions(eyes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights (T, 8) of the eyeLook actions, in the order of _LOOKS, for eye angles (T, 2) in degrees."""
    yaw, pitch = eyes.T  # positive yaw looks to the picture's right, which is the person's left
    ways = {"Out": yaw, "In": -yaw, "Down": pitch, "Up": -pitch}
    left = [ways[way] / degrees for way, degrees in _LOOK_RANGE_DEG.items()]
    ways |= {"Out": -yaw, "In": yaw}
    right = [ways[way] / degrees for way, degrees in _LOOK_RANGE_DEG.items()]
    return np.asarray(np.clip(np.stack([*left, *right], axis=1), 0.0, 1.0), np.float64)


def _timecode(time_s: float) -> str:
    seconds, thousandths = divmod(round(time_s * _TIMECODE_RATE * 1000), _TIMECODE_RATE * 1000)
    frame = f"{thousandths // 1000:02d}.{thousandths % 1000:03d}"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame}"


def _read_rows(file: TextIO) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times (N,) in seconds, increasing, and values (N, 61) of the rows that have any."""
    times: list[float] = []
    rows: list[list[float]] = []
    reader = csv.reader(file)
    names = [name.strip().lower() for name in next(reader, [])]
    wanted = ("Timecode", "BlendShapeCount", *_COLUMNS, *_HEAD, *_EYES)
    missing = [name for name in wanted if name.lower() not in names]
    if missing:
        raise LiveLinkError(_("Columns are missing: {names}.").format(names=", ".join(missing[:5])))
    columns = [names.index(name.lower()) for name in wanted]
    for number, row in enumerate(reader, start=2):
        if len(row) > columns[1] and row[columns[1]].strip() == "0":
            continue  # no face was seen in this frame
        if len(rows) >= _MAX_FRAMES:
            raise LiveLinkError(_TOO_LONG.format(frames=_MAX_FRAMES))
        values = [row[column] if column < len(row) else "" for column in columns]
        time_s = _seconds(values[0], number)
        if times and time_s < times[-1] - _DAY_S / 2:
            time_s += _DAY_S  # midnight went by
        if times and time_s <= times[-1]:
            continue  # the same frame once more
        times.append(time_s)
        rows.append(_numbers(values[2:], number))
    if len(rows) < 2:
        raise LiveLinkError(_("A take needs at least two frames with a face."))
    return np.array(times), np.array(rows, np.float64)


def _seconds(text: str, number: int) -> float:
    match = _TIMECODE.match(text.strip())
    if match is None:
        sentence = _("Line {number}: {text} is not a time code like 12:34:56:07.890.")
        raise LiveLinkError(sentence.format(number=number, text=repr(text[:20])))
    hours, minutes, seconds = (int(part) for part in match.groups()[:3])
    return hours * 3600 + minutes * 60 + seconds + float(match[4]) / _TIMECODE_RATE


def _numbers(values: list[str], number: int) -> list[float]:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        sentence = _("Line {number}: a value is missing or not a number.")
        raise LiveLinkError(sentence.format(number=number)) from None
    if not all(math.isfinite(value) for value in numbers):
        raise LiveLinkError(_("Line {number}: a value is not finite.").format(number=number))
    return numbers


def _frame_rate(step_s: float) -> float:
    """The nominal rate nearest to that of a step, or else the nearest whole number."""
    rate = 1 / step_s
    usual = min(_RATES, key=lambda candidate: abs(candidate - rate))
    return float(usual if abs(usual - rate) <= _SAME_RATE * rate else min(max(round(rate), 1), 240))
