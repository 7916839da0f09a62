"""Direction: a performance directed over time, as plain values that come from JSON and go back to it.

*Keyframes* set controls at a time. A control without keyframes is what `MotionControls` says throughout; one
with keyframes is as its first keyframe says before it and as its last says after it. The *layer* adds to
facial actions, head pose and gaze whatever the voice makes of them; its channels are at their first keyframe
before it and at their last after it. Between two keyframes numbers go from one to the other in a
minimum-jerk course. `control_curves` says what happens to the controls that are no such numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from generation.animation.motion.controls import EMOTIONS, RANGES, SPEAKING_STYLES
from generation.animation.sentences import gettext_noop as _
from generation.animation.track.arkit import ARKIT_ACTIONS

VERSION: Final = 1
MOST_KEYFRAMES: Final = 1000  # of the controls, and of the layer
LATEST_S: Final = 3600.0

NAMES: Final = {"emotion": EMOTIONS, "style": SPEAKING_STYLES}  # controls that are words
# Gaze is a channel of its own, which the eyeLook actions would say once more, and mouthClose follows from the
# speech, whose closures nothing opens.
LAYER_ACTIONS: Final = tuple(
    name for name in ARKIT_ACTIONS if not name.startswith("eyeLook") and name != "mouthClose"
)
LAYER_RANGES: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "actions": dict.fromkeys(LAYER_ACTIONS, (-1.0, 1.0)),
    "head_pose": {
        "yaw": (-30.0, 30.0), "pitch": (-20.0, 20.0), "roll": (-20.0, 20.0),
        "x": (-0.3, 0.3), "y": (-0.3, 0.3), "z": (-1.0, 1.0),
    },
    "gaze": {"yaw": (-30.0, 30.0), "pitch": (-20.0, 20.0)},
}  # fmt: skip


class DirectionInvalid(ValueError):
    """A direction cannot be used. `path` is the place in its JSON as a JSON Pointer (RFC 6901), `message`
    says what is wrong there and `hint` what may stand there."""

    def __init__(self, path: str, message: str, hint: str) -> None:
        super().__init__(f"{path or '/'}: {message}")
        self.path, self.message, self.hint = path, message, hint


class DirectionNotTaken(ValueError):
    """The motion source makes a performance from the voice alone."""

    def __init__(self) -> None:
        super().__init__("This motion source takes no direction.")


@dataclass(frozen=True)
class Keyframe:
    """`values` at `time_s` seconds: of controls by their names, of the layer by (part, channel)."""

    time_s: float
    values: Mapping[Any, Any]


@dataclass(frozen=True)
class Direction:
    """Keyframes of controls, and of the layer; both by rising time, and either may be empty.

    Built by `from_json`, which is where everything is checked. An empty direction changes nothing.
    """

    keyframes: tuple[Keyframe, ...] = ()
    layer: tuple[Keyframe, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it directs nothing."""
        return not self.keyframes and not self.layer

    @classmethod
    def from_json(cls, values: object) -> Direction:
        """Build a direction from decoded JSON, see `json_schema`. Raises DirectionInvalid."""
        known = ("version", "keyframes", "layer")
        given = _object(values, "", known)
        version = given.get("version")
        if isinstance(version, bool) or version != VERSION:
            raise DirectionInvalid(
                "/version",
                _("This version of a direction is not known."),
                _("Write version {number}.").format(number=VERSION),
            )
        return cls(
            keyframes=_keyframes(given.get("keyframes", []), "/keyframes", _controls_at),
            layer=_keyframes(given.get("layer", []), "/layer", _layer_at),
        )

    def to_json(self) -> dict[str, Any]:
        """The direction as plain JSON values, numbers as floats; equal directions give equal JSON."""
        layer = []
        for keyframe in self.layer:
            row: dict[str, Any] = {"time_s": keyframe.time_s}
            for (part, channel), value in keyframe.values.items():
                row.setdefault(part, {})[channel] = value
            layer.append(row)
        keyframes = [{"time_s": keyframe.time_s, **keyframe.values} for keyframe in self.keyframes]
        return {"version": VERSION, "keyframes": keyframes, "layer": layer}

    @property
    def controls(self) -> tuple[str, ...]:
        """The names of the controls that have keyframes, sorted."""
        return tuple(sorted({name for keyframe in self.keyframes for name in keyframe.values}))

    @property
    def channels(self) -> tuple[str, ...]:
        """What the layer adds to: names of actions, `head_pose.yaw`, `gaze.pitch` and the like, sorted."""
        found = {key for keyframe in self.layer for key in keyframe.values}
        return tuple(sorted(channel if part == "actions" else f"{part}.{channel}" for part, channel in found))


def _keyframes(rows: object, path: str, read: Any) -> tuple[Keyframe, ...]:
    if not isinstance(rows, list):
        raise DirectionInvalid(path, _("This must be a list of keyframes."), _("Write [] for none."))
    if len(rows) > MOST_KEYFRAMES:
        raise DirectionInvalid(
            path,
            _("There are more than {number} keyframes.").format(number=MOST_KEYFRAMES),
            _("Leave out those that change nothing."),
        )
    found: list[Keyframe] = []
    for index, row in enumerate(rows):
        place = f"{path}/{index}"
        if not isinstance(row, dict):
            raise DirectionInvalid(
                place, _("A keyframe must be an object."), _('Such as {"time_s": 1.5, ...}.')
            )
        time_s = _number(row.get("time_s"), f"{place}/time_s", (0.0, LATEST_S))
        if found and time_s <= found[-1].time_s:
            raise DirectionInvalid(
                f"{place}/time_s",
                _("Keyframes must follow each other in time, no two at the same."),
                _("Write a time after {seconds} seconds, or put both into one keyframe.").format(
                    seconds=f"{found[-1].time_s:g}"
                ),
            )
        values = read(row, place)
        if not values:
            raise DirectionInvalid(
                place, _("The keyframe sets nothing."), _("Name what it sets, or leave it out.")
            )
        found.append(Keyframe(time_s, MappingProxyType(values)))
    return tuple(found)


def _controls_at(row: dict[str, object], place: str) -> dict[str, float | str]:
    _object(row, place, ("time_s", *NAMES, *RANGES))
    values: dict[str, float | str] = {}
    for name in sorted(row.keys() - {"time_s"}):
        path, value = f"{place}/{name}", row[name]
        if name in RANGES:
            values[name] = _number(value, path, RANGES[name])
        elif isinstance(value, str) and value in NAMES[name]:
            values[name] = value
        else:
            raise DirectionInvalid(
                path,
                _("There is no {name} with this name.").format(name=name),
                _("Write one of {names}.").format(names=", ".join(NAMES[name])),
            )
    return values


def _layer_at(row: dict[str, object], place: str) -> dict[tuple[str, str], float]:
    _object(row, place, ("time_s", *LAYER_RANGES))
    values: dict[tuple[str, str], float] = {}
    for part, ranges in LAYER_RANGES.items():
        channels = _object(row.get(part, {}), f"{place}/{part}", tuple(ranges))
        for name in sorted(channels):
            values[part, name] = _number(channels[name], f"{place}/{part}/{name}", ranges[name])
    return values


def _object(value: object, path: str, known: tuple[str, ...]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise DirectionInvalid(
            path, _("This must be an object."), _("It may have {names}.").format(names=", ".join(known))
        )
    for name in value:
        if name not in known:
            place = str(name).replace("~", "~0").replace("/", "~1")
            raise DirectionInvalid(
                f"{path}/{place}"[:200],
                _("There is no such field."),
                _("Known are {names}.").format(names=", ".join(known)),
            )
    return value


def _number(value: object, path: str, allowed: tuple[float, float]) -> float:
    low, high = allowed
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not is_number or not low <= value <= high:  # type: ignore[operator]
        values = {"least": f"{low:g}", "most": f"{high:g}"}
        raise DirectionInvalid(
            path,
            _("This must be a number from {least} to {most}.").format(**values),
            _("Write a number from {least} to {most}.").format(**values),
        )
    return float(value)  # type: ignore[arg-type]
