"""A direction is data: it is checked to the last field, says where it is wrong, and comes back as it was."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from generation.animation.motion.direction.direction import MOST_KEYFRAMES, Direction, DirectionInvalid
from generation.animation.motion.direction.json_schema import EXAMPLE, direction_schema

REFUSED: dict[str, tuple[object, str]] = {
    "no object": ([], ""),
    "no version": ({"keyframes": []}, "/version"),
    "another version": ({"version": 2}, "/version"),
    "true is no version": ({"version": True}, "/version"),
    "an unknown field": ({"version": 1, "keyframe": []}, "/keyframe"),
    "an unknown field with a slash": ({"version": 1, "a/b": []}, "/a~1b"),
    "no list": ({"version": 1, "keyframes": {}}, "/keyframes"),
    "too many": ({"version": 1, "layer": [{}] * (MOST_KEYFRAMES + 1)}, "/layer"),
    "no keyframe": ({"version": 1, "keyframes": [7]}, "/keyframes/0"),
    "no time": ({"version": 1, "keyframes": [{"gaze_yaw": 1}]}, "/keyframes/0/time_s"),
    "a time before the video": ({"version": 1, "keyframes": [{"time_s": -1}]}, "/keyframes/0/time_s"),
    "nothing set": ({"version": 1, "keyframes": [{"time_s": 0}]}, "/keyframes/0"),
    "two at one time": (
        {"version": 1, "keyframes": [{"time_s": 1, "valence": 0}, {"time_s": 1, "arousal": 0}]},
        "/keyframes/1/time_s",
    ),
    "an unknown control": ({"version": 1, "keyframes": [{"time_s": 0, "gaze": 1}]}, "/keyframes/0/gaze"),
    "out of range": ({"version": 1, "keyframes": [{"time_s": 0, "gaze_yaw": 31}]}, "/keyframes/0/gaze_yaw"),
    "no number": ({"version": 1, "keyframes": [{"time_s": 0, "valence": "1"}]}, "/keyframes/0/valence"),
    "not finite": ({"version": 1, "keyframes": [{"time_s": float("nan")}]}, "/keyframes/0/time_s"),
    "an unknown style": ({"version": 1, "keyframes": [{"time_s": 0, "style": "x"}]}, "/keyframes/0/style"),
    "an emotion that is a list": (
        {"version": 1, "keyframes": [{"time_s": 0, "emotion": ["happy"]}]},
        "/keyframes/0/emotion",
    ),
    "an unknown action": (
        {"version": 1, "layer": [{"time_s": 0, "actions": {"earWiggle": 1}}]},
        "/layer/0/actions/earWiggle",
    ),
    "an action that the speech decides": (
        {"version": 1, "layer": [{"time_s": 0, "actions": {"mouthClose": 1}}]},
        "/layer/0/actions/mouthClose",
    ),
    "a turn that is too far": (
        {"version": 1, "layer": [{"time_s": 0, "head_pose": {"yaw": 90}}]},
        "/layer/0/head_pose/yaw",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_the_place(name: str) -> None:
    values, path = REFUSED[name]
    with pytest.raises(DirectionInvalid) as refused:
        Direction.from_json(values)
    assert refused.value.path == path
    assert refused.value.message.endswith(".")
    assert refused.value.hint


def test_it_comes_back_as_it_was() -> None:
    direction = Direction.from_json(EXAMPLE)
    again = json.loads(json.dumps(direction.to_json()))
    assert again == EXAMPLE
    assert Direction.from_json(again) == direction
    assert direction.controls == ("emotion", "emotion_intensity", "gaze_yaw", "head_distance")
    assert direction.channels == ("browInnerUp", "head_pose.pitch")


def test_whole_numbers_and_fractions_are_the_same_direction() -> None:
    whole, fraction = ({"version": 1, "keyframes": [{"time_s": t, "valence": t}]} for t in (1, 1.0))
    assert json.dumps(Direction.from_json(whole).to_json()) == json.dumps(
        Direction.from_json(fraction).to_json()
    )


def test_the_schema_takes_the_same_as_the_check() -> None:
    validator = jsonschema.Draft202012Validator(direction_schema())
    jsonschema.Draft202012Validator.check_schema(direction_schema())
    assert validator.is_valid(EXAMPLE)
    # What follows from several keyframes, or is no JSON, is beyond a schema.
    beyond = {"true is no version", "nothing set", "two at one time", "not finite"}
    assert [name for name in REFUSED.keys() - beyond if validator.is_valid(REFUSED[name][0])] == []


def test_an_empty_direction_is_none() -> None:
    nothing: dict[str, Any] = {"version": 1}
    assert Direction.from_json(copy.deepcopy(nothing)).is_empty
    assert not Direction.from_json(EXAMPLE).is_empty
