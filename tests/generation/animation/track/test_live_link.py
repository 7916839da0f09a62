"""Live Link Face takes go in and out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.live_link import LiveLinkError
from generation.animation.track.motion_track import MotionTrack

ANGLES = (
    *("HeadYaw", "HeadPitch", "HeadRoll", "LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll"),
    *("RightEyeYaw", "RightEyePitch", "RightEyeRoll"),
)
HEADER = ["Timecode", "BlendShapeCount", *(name[0].upper() + name[1:] for name in ARKIT_ACTIONS), *ANGLES]


def _track(frames: int = 90, fps: float = 30) -> MotionTrack:
    generator = np.random.default_rng(0)
    head_pose = np.zeros((frames, 6), np.float32)
    head_pose[:, :3] = generator.normal(0, 5, (frames, 3))
    return MotionTrack(
        fps=fps,
        actions=generator.random((frames, 52)).astype(np.float32),
        head_pose=head_pose,
        gaze=generator.normal(0, 6, (frames, 2)).astype(np.float32),
    )


def write_take(
    path: Path,
    timecodes: list[str],
    values: Callable[[int], dict[str, float]] = lambda index: {"JawOpen": 0.25},
    header: list[str] = HEADER,
) -> Path:
    """A file as the app writes it: 61 numbers with ten decimals a row, 0 for what `values` does not name."""
    rows = []
    for index, code in enumerate(timecodes):
        named = values(index)
        rows.append(",".join([code, "61", *(f"{named.get(name, 0.0):.10f}" for name in header[2:])]))
    path.write_text("\n".join([",".join(header), *rows]) + "\n")
    return path


def timecode(frame: float) -> str:
    """A time of day that many sixtieths of a second after 17:20:09."""
    second, part = divmod(frame, 60)
    return f"17:20:{9 + int(second):02d}:{part:06.3f}"


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60])
def test_a_take_comes_back_as_it_was(tmp_path: Path, fps: float) -> None:
    track = _track(fps=fps)
    track.to_csv(tmp_path / "take.csv")
    back = MotionTrack.from_csv(tmp_path / "take.csv")
    assert back.fps == fps
    looks = [name.startswith("eyeLook") for name in ARKIT_ACTIONS]
    assert np.allclose(back.actions[:, np.invert(looks)], track.actions[:, np.invert(looks)], atol=1e-6)
    assert not back.actions[:, looks].any()
    assert np.allclose(back.head_pose, track.head_pose, atol=1e-4)
    assert np.allclose(back.gaze, track.gaze, atol=1e-4)


def test_the_columns_are_those_of_the_app(tmp_path: Path) -> None:
    _track(3, fps=25).to_csv(tmp_path / "take.csv")
    header, *rows = (line.split(",") for line in (tmp_path / "take.csv").read_text().splitlines())
    assert header == HEADER
    assert header[16:20] == ["JawForward", "JawRight", "JawLeft", "JawOpen"]
    assert [row[0] for row in rows] == ["00:00:00:00.000", "00:00:00:02.400", "00:00:00:04.800"]
    assert {row[1] for row in rows} == {"61"}


def test_the_eye_columns_are_angles_in_the_head(tmp_path: Path) -> None:
    track = MotionTrack.neutral(3, 30)
    track.head_pose[:, 0] = 12.0  # the head turns to the picture's right, the look stays on the camera
    track.to_csv(tmp_path / "take.csv")
    with (tmp_path / "take.csv").open() as file:
        row = next(csv.DictReader(file))
    # The app's yaw is positive to the person's right, which is the picture's left.
    assert float(row["HeadYaw"]) == pytest.approx(np.radians(-12), abs=1e-6)
    assert float(row["LeftEyeYaw"]) == pytest.approx(np.radians(12), abs=1e-6)
    assert float(row["EyeLookInLeft"]) == pytest.approx(12 / 35.5, abs=1e-6)
    assert float(row["EyeLookOutRight"]) == pytest.approx(12 / 33.5, abs=1e-6)
    assert float(row["EyeLookOutLeft"]) == 0


def test_eyes_that_look_to_the_persons_left_look_to_the_pictures_right(tmp_path: Path) -> None:
    # As a performer's eyes did: with both eyes ahead for most of a take, then up and to their left.
    ahead = {"LeftEyeYaw": -0.065, "RightEyeYaw": 0.065, "LeftEyePitch": 0.13, "RightEyePitch": 0.13}
    aside = {"LeftEyeYaw": -0.277, "RightEyeYaw": -0.215, "LeftEyePitch": -0.115, "RightEyePitch": -0.115}
    looking = {
        "EyeLookOutLeft": 0.355,
        "EyeLookInRight": 0.456,
        "EyeLookUpLeft": 0.258,
        "EyeLookUpRight": 0.254,
    }
    take = write_take(
        tmp_path / "take.csv",
        [timecode(index) for index in range(60)],
        lambda index: ahead if index < 40 else {**aside, **looking},
    )
    track = MotionTrack.from_csv(take)
    # Without the head's angles, what the eyes mostly do counts as looking at the camera.
    assert track.gaze[:40] == pytest.approx(np.zeros((40, 2)), abs=1e-4)
    assert track.gaze[50] == pytest.approx(np.degrees([0.246, -0.245]), abs=1e-4)


def test_a_head_with_angles_turns_the_gaze_with_it(tmp_path: Path) -> None:
    angles = {"HeadYaw": 0.1, "HeadPitch": -0.05, "HeadRoll": 0.2, "LeftEyeYaw": 0.1, "RightEyeYaw": 0.2}
    take = write_take(tmp_path / "take.csv", [timecode(index) for index in range(3)], lambda index: angles)
    track = MotionTrack.from_csv(take)
    assert track.head_pose[0, :3] == pytest.approx(np.degrees([-0.1, -0.05, 0.2]), abs=1e-4)
    assert track.gaze[0] == pytest.approx(np.degrees([-0.1 - 0.15, -0.05]), abs=1e-4)


@pytest.mark.parametrize(("step", "fps"), [(1.0, 60), (1.0016, 60), (2.0, 30), (1.9997, 30), (2.5, 24)])
def test_the_frame_rate_is_told_from_steps_of_sixtieths(tmp_path: Path, step: float, fps: float) -> None:
    codes = [timecode(44.867 + step * index) for index in range(200)]
    track = MotionTrack.from_csv(write_take(tmp_path / "take.csv", codes))
    assert track.fps == fps
    assert len(track) == pytest.approx(200, abs=1)
    assert track.duration_s == pytest.approx(200 * step / 60, abs=1 / fps)


def test_missed_frames_lie_between_their_neighbours(tmp_path: Path) -> None:
    missed = {4, 5, 11}
    frames = [index for index in range(20) if index not in missed]
    path = write_take(
        tmp_path / "take.csv",
        [timecode(index) for index in frames],
        lambda row: {"JawOpen": frames[row] / 20},
    )
    # A frame without a face, and one that is written twice.
    lines = path.read_text().splitlines()
    lines.insert(12, f"{timecode(11)},0")
    lines.insert(3, lines[2])
    path.write_text("\n".join(lines))
    track = MotionTrack.from_csv(path)
    assert track.fps == 60
    assert track.actions[:, ARKIT_ACTIONS.index("jawOpen")] == pytest.approx(np.arange(20) / 20, abs=1e-6)


def test_a_take_goes_on_after_midnight(tmp_path: Path) -> None:
    codes = ["23:59:59:58.500", "23:59:59:59.500", "00:00:00:00.500", "00:00:00:01.500"]
    assert len(MotionTrack.from_csv(write_take(tmp_path / "take.csv", codes))) == 4


def test_another_spelling_and_order_of_the_columns_is_read(tmp_path: Path) -> None:
    header = [HEADER[0], "BlendshapeCount", *reversed(HEADER[2:])]
    take = write_take(tmp_path / "take.csv", ["00:00:00:00", "00:00:00:01"], header=header)
    track = MotionTrack.from_csv(take)
    assert (track.actions[:, ARKIT_ACTIONS.index("jawOpen")] == 0.25).all()
    assert track.actions.sum() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("codes", "values", "header", "complaint"),
    [
        (["00:00:00:00"], {}, HEADER, "two frames"),
        (["00:00:00:00", "soon"], {}, HEADER, "Line 3"),
        (["00:00:00:00", "00:00:00:01"], {}, [name for name in HEADER if name != "JawOpen"], "JawOpen"),
        (["00:00:00:00", "00:00:00:01"], {"JawOpen": float("nan")}, HEADER, "not finite"),
        (["00:00:00:00", "00:00:00:01", "00:00:00:02", "11:00:00:00"], {}, HEADER, "longer than"),
    ],
)
def test_it_says_what_is_wrong_with_a_take(
    tmp_path: Path, codes: list[str], values: dict[str, float], header: list[str], complaint: str
) -> None:
    path = write_take(tmp_path / "take.csv", codes, lambda index: values, header)
    with pytest.raises(LiveLinkError, match=complaint):
        MotionTrack.from_csv(path)


@pytest.mark.parametrize("cut", [-1, -30])
def test_a_row_that_breaks_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = write_take(tmp_path / "take.csv", ["00:00:00:00", "00:00:00:01", "00:00:00:02"])
    lines = path.read_text().splitlines()
    lines[2] = ",".join(lines[2].split(",")[:cut])
    path.write_text("\n".join(lines))
    with pytest.raises(LiveLinkError, match="Line 3: a value is missing"):
        MotionTrack.from_csv(path)
