"""What was chosen for a job, in words: labels and values, for the console and the reviewers' pages."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

from generation.animation.framing.video_format import BLUR, PICTURE, SQUARE
from generation.animation.motion.controls import MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.performed import LIPS_OF_PERFORMER
from generation.disclosure.choice import TEXTS, presets

# The forms of a job show the same labels.
CONTROL_LABELS = {
    "gaze_yaw": (
        gettext_noop("Gaze, left to right"),
        gettext_noop("Degrees; positive looks towards the picture's right edge."),
    ),
    "gaze_pitch": (gettext_noop("Gaze, up to down"), gettext_noop("Degrees; positive looks down.")),
    "head_distance": (gettext_noop("Head distance"), gettext_noop("1 is as pictured, more is further away.")),
    "emotion_intensity": (gettext_noop("Strength of the emotion"), ""),
    "valence": (
        gettext_noop("Displeased to pleased"),
        gettext_noop("Added to the emotion; 0.5 adds nothing."),
    ),
    "arousal": (gettext_noop("Drowsy to excited"), gettext_noop("Added to the emotion; 0.5 adds nothing.")),
    "expressiveness": (gettext_noop("Expressiveness"), gettext_noop("How far brows, cheeks and lips go.")),
    "head_motion": (gettext_noop("Head movement"), gettext_noop("0 holds the head still.")),
    "blinks_per_minute": (gettext_noop("Blinks a minute"), ""),
}
ASPECT_LABELS = {
    SQUARE: gettext_noop("Square: head and shoulders"),
    PICTURE: gettext_noop("The whole picture, in its own shape"),
    "9:16": gettext_noop("Tall (9:16)"),
    "16:9": gettext_noop("Wide (16:9)"),
}
PLACE_LABELS = {
    "top_left": gettext_noop("Top left"),
    "top_right": gettext_noop("Top right"),
    "bottom_left": gettext_noop("Bottom left"),
    "bottom_right": gettext_noop("Bottom right"),
}


def described_format(video: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's format as labels and values, for people; empty for jobs from before it was part of them."""
    if not video:
        return []
    lines = [
        (gettext("Shape"), gettext(ASPECT_LABELS[str(video["aspect"])])),
        (gettext("Size"), gettext("{number} pixels").format(number=video["size"])),
        (gettext("Frames a second"), str(video["fps"])),
    ]
    if video["aspect"] in {"9:16", "16:9"}:
        fill = gettext("blurred") if video["fill"] == BLUR else str(video["fill"])
        lines.append((gettext("Beyond the picture"), fill))
    return lines


def described_controls(controls: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's controls as labels and values, for people."""
    shown = MotionControls.from_json(controls).to_json()
    lines = [
        (gettext("Emotion"), gettext(str(shown["emotion"]))),
        (gettext("Speaking style"), gettext(str(shown["style"]))),
    ]
    if shown["listening"]:
        lines.append((gettext("Listening"), gettext("The recording is another's voice")))
    lines += [
        (gettext(label), number_format(f"{shown[name]:g}")) for name, (label, _) in CONTROL_LABELS.items()
    ]
    return lines


def described_motion(motion: dict[str, Any]) -> list[tuple[str, str]]:
    """What moves the face of a job's video, for people; empty for the voice."""
    if not motion:
        return []
    described = gettext("a performer's track; lips from the speech")
    if motion["lips"] == LIPS_OF_PERFORMER:
        described = gettext("a performer's track; lips the performer's")
    return [(gettext("Motion"), described)]


def described_direction(direction: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's direction as labels and values, for people; empty where there is none."""
    if not direction:
        return []
    directed = Direction.from_json(direction)
    lines = [
        (gettext("Keyframes"), f"{len(directed.keyframes)}: {', '.join(directed.controls)}"),
        (gettext("Layer"), f"{len(directed.layer)}: {', '.join(directed.channels)}"),
    ]
    return [line for line, rows in zip(lines, (directed.keyframes, directed.layer), strict=True) if rows]


def described_disclosure(disclosure: dict[str, Any]) -> list[tuple[str, str]]:
    """A job's label as labels and values, for people; empty for jobs from before it was part of them."""
    if not disclosure:
        return []
    preset = presets().get(disclosure["preset"])
    if preset is None:
        return [(gettext("Label"), gettext("none"))]
    seconds = disclosure["first_seconds"]
    shown = gettext("throughout")
    if seconds is not None:
        shown = gettext("for the first {seconds} s").format(seconds=seconds)
    return [
        (gettext("Text"), TEXTS[disclosure["language"]]),
        (gettext("Rules"), gettext(preset.title)),
        (gettext("Corner"), _within(gettext(PLACE_LABELS[disclosure["place"]]))),
        (gettext("Shown"), shown),
        (gettext("Sound cue"), gettext("yes") if disclosure["sound_cue"] else gettext("no")),
    ]


def _within(words: str) -> str:
    """A choice's words as they stand behind a label."""
    return words[:1].lower() + words[1:]
