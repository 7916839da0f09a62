"""What controls, emotions, styles and the layer's channels are called for people, beside their names in JSON.

English is its own id in the catalogues of translations; pages translate it.
"""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

EMOTIONS = {
    "neutral": _("neutral"),
    "happy": _("happy"),
    "sad": _("sad"),
    "angry": _("angry"),
    "surprised": _("surprised"),
    "afraid": _("afraid"),
    "disgusted": _("disgusted"),
    "content": _("content"),
}
STYLES = {"calm": _("calm"), "neutral": _("neutral"), "lively": _("lively")}
# Controls and, by ARKit's names, the actions of a face; what is left out is called as in JSON.
CHANNELS = {
    "emotion": _("emotion"),
    "style": _("style"),
    "gaze_yaw": _("gaze yaw"),
    "gaze_pitch": _("gaze pitch"),
    "head_distance": _("head distance"),
    "emotion_intensity": _("emotion intensity"),
    "valence": _("valence"),
    "arousal": _("arousal"),
    "expressiveness": _("expressiveness"),
    "head_motion": _("head motion"),
    "blinks_per_minute": _("blinks per minute"),
    "listening": _("listening"),
    "eyeBlinkLeft": _("eye blink left"),
    "eyeSquintLeft": _("eye squint left"),
    "eyeWideLeft": _("eye wide left"),
    "eyeBlinkRight": _("eye blink right"),
    "eyeSquintRight": _("eye squint right"),
    "eyeWideRight": _("eye wide right"),
    "jawForward": _("jaw forward"),
    "jawRight": _("jaw right"),
    "jawLeft": _("jaw left"),
    "jawOpen": _("jaw open"),
    "mouthFunnel": _("mouth funnel"),
    "mouthPucker": _("mouth pucker"),
    "mouthRight": _("mouth right"),
    "mouthLeft": _("mouth left"),
    "mouthSmileLeft": _("mouth smile left"),
    "mouthSmileRight": _("mouth smile right"),
    "mouthFrownLeft": _("mouth frown left"),
    "mouthFrownRight": _("mouth frown right"),
    "mouthDimpleLeft": _("mouth dimple left"),
    "mouthDimpleRight": _("mouth dimple right"),
    "mouthStretchLeft": _("mouth stretch left"),
    "mouthStretchRight": _("mouth stretch right"),
    "mouthRollLower": _("mouth roll lower"),
    "mouthRollUpper": _("mouth roll upper"),
    "mouthShrugLower": _("mouth shrug lower"),
    "mouthShrugUpper": _("mouth shrug upper"),
    "mouthPressLeft": _("mouth press left"),
    "mouthPressRight": _("mouth press right"),
    "mouthLowerDownLeft": _("mouth lower down left"),
    "mouthLowerDownRight": _("mouth lower down right"),
    "mouthUpperUpLeft": _("mouth upper up left"),
    "mouthUpperUpRight": _("mouth upper up right"),
    "browDownLeft": _("brow down left"),
    "browDownRight": _("brow down right"),
    "browInnerUp": _("brow inner up"),
    "browOuterUpLeft": _("brow outer up left"),
    "browOuterUpRight": _("brow outer up right"),
    "cheekPuff": _("cheek puff"),
    "cheekSquintLeft": _("cheek squint left"),
    "cheekSquintRight": _("cheek squint right"),
    "noseSneerLeft": _("nose sneer left"),
    "noseSneerRight": _("nose sneer right"),
    "tongueOut": _("tongue out"),
    "yaw": _("yaw"),
    "pitch": _("pitch"),
    "roll": _("roll"),
}


def translated(words: dict[str, str]) -> dict[str, str]:
    """The same names with their words in the page's language."""
    return {name: gettext(word) for name, word in words.items()}


def word_of(name: str) -> str:
    """An emotion or a style in the page's language."""
    word = EMOTIONS.get(name) or STYLES.get(name)
    return gettext(word) if word else name


def title_of(name: str) -> str:
    """An emotion or a style as the label of a choice, in the page's language."""
    word = word_of(name)
    return word[:1].upper() + word[1:]
