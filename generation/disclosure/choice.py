"""Disclosure: what a job's video says about itself to eyes and ears, by preset, with its checks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import NamedTuple

from provenance.common.errors import gettext_noop as _
from provenance.common.visible_label import PLACES, PlaceName

NONE = "none"
# How long the cue takes; generation.disclosure.sound_cue makes it.
CUE_S = 0.9
MOST_SECONDS = 600
# The text of the label. ISO 639-1; of each language only what its own speakers write.
TEXTS = {
    "en": "AI-generated",
    "de": "KI-generiert",
    "fr": "Généré par IA",
    "es": "Generado con IA",
    "it": "Generato con IA",
    "ja": "AI生成",
    "ko": "AI 생성",
    "zh": "AI生成",
}


class DisclosureInvalid(ValueError):
    """A value outside of its range. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Preset(NamedTuple):
    """The rules of one jurisdiction: `least_seconds` that a label is shown, None for the whole video.

    `language` of its label where the rules have one; `source` and `since` say where the rules stand and from
    which day they apply (YYYY-MM-DD).
    """

    title: str
    least_seconds: int | None
    has_sound_cue: bool
    language: str | None
    source: str
    since: str


@cache
def presets() -> dict[str, Preset]:
    """The presets by name."""
    data = json.loads(Path(__file__).with_name("presets.json").read_text("utf-8"))
    return {name: Preset(**values) for name, values in data.items()}


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """The label and the sound cue of one video.

    `preset` is a name of `presets()`, or "none" for a video without a label. `language` is a key of TEXTS,
    `place` one of PLACES. `first_seconds`: how long the label is shown, None for the whole video; not
    less than the preset's. `sound_cue`: whether the sound begins with "AI" in Morse code; a preset that asks
    for it has it.

    Raises DisclosureInvalid for any other value.
    """

    preset: str = "eu"
    language: str = "en"
    place: PlaceName = "top_right"
    first_seconds: int | None = None
    sound_cue: bool = False

    def __post_init__(self) -> None:
        known = [*presets(), NONE]
        if self.preset not in known:
            raise DisclosureInvalid(
                "preset", _("preset must be one of {names}.").format(names=", ".join(known))
            )
        if self.language not in TEXTS:
            raise DisclosureInvalid(
                "language", _("language must be one of {names}.").format(names=", ".join(TEXTS))
            )
        if self.place not in PLACES:
            raise DisclosureInvalid(
                "place", _("place must be one of {names}.").format(names=", ".join(PLACES))
            )
        if not isinstance(self.sound_cue, bool):
            raise DisclosureInvalid("sound_cue", _("sound_cue must be true or false."))
        seconds = self.first_seconds
        if seconds is not None and (
            not isinstance(seconds, int) or isinstance(seconds, bool) or not 1 <= seconds <= MOST_SECONDS
        ):
            sentence = _("first_seconds must be a whole number from 1 to {most}, or null.")
            raise DisclosureInvalid("first_seconds", sentence.format(most=MOST_SECONDS))
        if self.preset != NONE:
            self._require_preset(presets()[self.preset])

    def _require_preset(self, preset: Preset) -> None:
        seconds, least = self.first_seconds, preset.least_seconds
        if seconds is not None and (least is None or seconds < least):
            sentence = _("{label}: the label is shown for the whole video.")
            if least is not None:
                sentence = _("{label}: the label is shown for at least {seconds} s.")
            raise DisclosureInvalid("first_seconds", sentence.format(label=preset.title, seconds=least))
        if preset.has_sound_cue and not self.sound_cue:
            sentence = _("{label}: the sound begins with the cue.")
            raise DisclosureInvalid("sound_cue", sentence.format(label=preset.title))

    @classmethod
    def from_json(cls, values: Mapping[str, object], default: Disclosure | None = None) -> Disclosure:
        """A disclosure from decoded JSON; what is left out is the preset's, then as in `default`.

        Raises DisclosureInvalid.
        """
        known = {field.name for field in fields(cls)}
        for key in values:
            if key not in known:
                raise DisclosureInvalid(key, _("{name} is not a part of a disclosure.").format(name=key))
        start = asdict(default or cls())
        name = values.get("preset", start["preset"])
        preset = presets().get(name) if isinstance(name, str) else None
        if name != start["preset"]:
            start |= {"first_seconds": None, "sound_cue": False}
        if preset is not None and "preset" in values:
            start["language"] = preset.language or start["language"]
        if preset is not None:
            start["sound_cue"] = start["sound_cue"] or preset.has_sound_cue
        return cls(**{**start, **values})

    def to_json(self) -> dict[str, str | int | bool | None]:
        """All fields, as stored with a job."""
        return asdict(self)

    @property
    def has_label(self) -> bool:
        """Whether the frames carry a label."""
        return self.preset != NONE

    @property
    def lead_s(self) -> float:
        """How long the video lasts before the speech begins."""
        return CUE_S if self.sound_cue else 0.0

    @property
    def text(self) -> str:
        """The words of the label."""
        return TEXTS[self.language]
