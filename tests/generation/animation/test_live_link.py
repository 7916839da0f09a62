"""Live Link Face takes go in and out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from generation.animation.live_link import LiveLinkError
from generation.animation.motion_track import ARKIT_ACTIONS, MotionTrack


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
    _track(2).to_csv(tmp_path / "take.csv")
    columns = (tmp_path / "take.csv").read_text().splitlines()[0].split(",")
    assert columns[:3] == ["Timecode", "BlendshapeCount", "EyeBlinkLeft"]
    assert columns[-9:-6] == ["HeadYaw", "HeadPitch", "HeadRoll"]
    assert columns[-6] == "LeftEyeYaw"
    assert len(columns) == 2 + 52 + 9


def test_the_eye_columns_are_angles_in_the_head(tmp_path: Path) -> None:
    track = MotionTrack.neutral(3, 30)
    track.head_pose[:, 0] = 12.0  # the head turns to the picture's right, the look stays on the camera
    track.to_csv(tmp_path / "take.csv")
    with (tmp_path / "take.csv").open() as file:
        row = next(csv.DictReader(file))
    assert float(row["LeftEyeYaw"]) == pytest.approx(np.radians(-12), abs=1e-6)
    assert float(row["EyeLookInLeft"]) == float(row["EyeLookOutRight"]) == pytest.approx(0.4, abs=1e-6)
    assert float(row["EyeLookOutLeft"]) == 0


def _write_take(path: Path, timecodes: list[str], *, eyes: str = "0.1,0,0,0.2,0,0", drop: str = "") -> Path:
    names = [name[0].upper() + name[1:] for name in ARKIT_ACTIONS]
    axes = ("Yaw", "Pitch", "Roll")
    eyes_named = ",".join(f"{side}Eye{axis}" for side in ("Left", "Right") for axis in axes)
    header = f"Timecode,BlendshapeCount,{','.join(names)},HeadYaw,HeadPitch,HeadRoll,{eyes_named}"
    header = header.replace(drop, "Other") if drop else header
    rows = [f"{code},61,{','.join(['0.25'] * 52)},0.1,-0.05,0,{eyes}" for code in timecodes]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_a_take_with_fractional_time_codes_at_60_frames_is_read(tmp_path: Path) -> None:
    codes = [f"17:20:{10 + i // 60:02d}:{i % 60:02d}.{i * 7 % 1000:03d}" for i in range(40, 140)]
    track = MotionTrack.from_csv(_write_take(tmp_path / "take.csv", codes))
    assert track.fps == 60
    assert len(track) == 100
    assert track.gaze[0] == pytest.approx(np.degrees([0.1 + 0.15, -0.05]), abs=1e-4)
    assert track.head_pose[0, :2] == pytest.approx(np.degrees([0.1, -0.05]), abs=1e-4)


@pytest.mark.parametrize(
    ("codes", "options", "complaint"),
    [
        (["00:00:00:00"], {}, "two frames"),
        (["00:00:00:00", "soon"], {}, "Line 3"),
        (["00:00:00:00", "00:00:00:01"], {"drop": "JawOpen"}, "JawOpen"),
        (["00:00:00:00", "00:00:00:01"], {"eyes": "x,0,0,0,0,0"}, "not a number"),
        (["00:00:00:00", "00:00:00:01"], {"eyes": "nan,0,0,0,0,0"}, "not finite"),
        (["00:00:00:00", "00:00:00:01"], {"eyes": "0"}, "missing"),
    ],
)
def test_it_says_what_is_wrong_with_a_take(
    tmp_path: Path, codes: list[str], options: dict[str, str], complaint: str
) -> None:
    path = _write_take(tmp_path / "take.csv", codes, **options)
    with pytest.raises(LiveLinkError, match=complaint):
        MotionTrack.from_csv(path)
