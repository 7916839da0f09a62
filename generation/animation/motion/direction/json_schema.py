"""The JSON Schema of a direction, made from the same tables that check one."""

from __future__ import annotations

from typing import Any

from generation.animation.motion.controls import RANGES
from generation.animation.motion.direction.direction import (
    LATEST_S,
    LAYER_RANGES,
    MOST_KEYFRAMES,
    NAMES,
    VERSION,
)

EXAMPLE: dict[str, Any] = {
    "version": VERSION,
    "keyframes": [
        {"time_s": 0.0, "emotion": "neutral", "gaze_yaw": -12.0, "head_distance": 1.1},
        {"time_s": 1.5, "emotion": "happy", "emotion_intensity": 0.8, "gaze_yaw": 0.0, "head_distance": 0.95},
    ],
    "layer": [
        {"time_s": 0.8, "actions": {"browInnerUp": 0.0}, "head_pose": {"pitch": 0.0}},
        {"time_s": 1.1, "actions": {"browInnerUp": 0.5}, "head_pose": {"pitch": 5.0}},
        {"time_s": 1.6, "actions": {"browInnerUp": 0.0}, "head_pose": {"pitch": 0.0}},
    ],
}


def direction_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12, no references) of what `Direction.from_json` takes."""
    time_s = {"type": "number", "minimum": 0, "maximum": LATEST_S, "description": "Seconds of the video."}
    controls: dict[str, Any] = {
        name: {"type": "string", "enum": list(words)} for name, words in NAMES.items()
    }
    controls |= _numbers(RANGES)
    layer = {part: _object(_numbers(ranges)) for part, ranges in LAYER_RANGES.items()}
    return {
        "type": "object",
        "title": "Direction",
        "description": "The performance over time (docs/direction.md). Keyframes follow each other in time.",
        "properties": {
            "version": {"type": "integer", "const": VERSION},
            "keyframes": _list(_object({"time_s": time_s, **controls}, required=["time_s"])),
            "layer": _list(_object({"time_s": time_s, **layer}, required=["time_s"])),
        },
        "required": ["version"],
        "additionalProperties": False,
    }


def _numbers(ranges: dict[str, tuple[float, float]]) -> dict[str, Any]:
    return {name: {"type": "number", "minimum": low, "maximum": high} for name, (low, high) in ranges.items()}


def _object(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    found = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": MOST_KEYFRAMES}
