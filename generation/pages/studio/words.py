"""The words that the studio's scripts show, under the names that they ask for, in the page's language.

A word in braces is a value that the script puts there. `tests/generation/pages/test_words_of_scripts.py`
compares the names with the scripts.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from generation.choices.control_names import CHANNELS, EMOTIONS, STYLES, translated

Words = dict[str, str | dict[str, str]]


def studio_words() -> Words:
    """What static/studio/ shows beyond the page's template."""
    return {
        "lanes": _lanes(),
        "gestures": _gestures(),
        "presets": _presets(),
        "channels": translated(CHANNELS),
        "values": translated(EMOTIONS | STYLES),
        **_of_the_timeline(),
        **_of_drafts(),
    }


def _lanes() -> dict[str, str]:
    return {
        "emotion": _("Feeling"),
        "mood": _("Mood"),
        "gaze": _("Gaze"),
        "distance": _("Distance"),
        "manner": _("Manner"),
        "listening": _("Listens"),
        "head": _("Head"),
        "actions": _("Face"),
        "eyes": _("Eyes"),
    }


def _gestures() -> dict[str, str]:
    return {
        "nod": _("Nod"),
        "shake": _("Shake the head"),
        "tilt": _("Tilt the head"),
        "brows": _("Raise the brows"),
        "frown": _("Frown"),
        "smile": _("Smile"),
        "blink": _("Blink"),
        "wink": _("Wink"),
        "listen": _("Listen for 2 s"),
    }


def _presets() -> dict[str, str]:
    return {
        "natural": _("Natural"),
        "newsreader": _("Newsreader"),
        "warm": _("Warm"),
        "lively": _("Lively"),
        "grave": _("Grave"),
        "close": _("Close and quiet"),
    }


def _of_the_timeline() -> dict[str, str]:
    return {
        "voice": _("Voice"),
        "phones": _("Phones"),
        "cursor": _("Cursor"),
        "cursor_at": _("{time} seconds"),
        "add_key": _("Add a keyframe at the cursor"),
        "add_key_to": _("Add a keyframe at the cursor: {lane}"),
        "keys_of": _("Keyframes: {lane}"),
        "key_at": _("{lane} at {time} s: {values}"),
        "key_of": _("{lane}: keyframe"),
        "key_added": _("Keyframe added to {lane} at {time} seconds."),
        "key_deleted": _("Keyframe of {lane} deleted."),
        "key_copied": _("Keyframe copied."),
        "key_pasted": _("Keyframe pasted at {time} seconds."),
        "gesture_added": _("{gesture}: added at {time} seconds."),
        "preset_set": _("{preset}: set."),
        "second": _("Second"),
        "set_beside": _(
            "The controls beside the picture change what this keyframe sets while the cursor is behind it."
        ),
        "take_out": _("Take out"),
        "take_out_named": _("Take out {channel}"),
        "choose": _("Choose"),
        "add": _("Add"),
    }


def _of_drafts() -> dict[str, str]:
    return {
        "draft_at": _("Draft at {time} seconds"),
        "getting_ready": _("Getting the portrait ready …"),
        "play": _("Play 3 s"),
        "making": _("Making it …"),
        "stop": _("Stop"),
        "not_played": _("The recording cannot be played here."),
        "not_json": _("The direction is not JSON that can be used."),
        "no_answer": _("The service does not answer."),
        "signed_out": _("You are signed out. Load the page again."),
        "went_wrong": _("Something went wrong."),
    }
