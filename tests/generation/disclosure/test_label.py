"""The label: what it says, how large it is, where it stands, and that nothing else of the frame changes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFont

from generation.disclosure.choice import NONE, TEXTS, Disclosure, DisclosureInvalid, presets
from generation.disclosure.label import _FONT_OF, _FONTS, _OTHER_FONT, Label, labelled
from provenance.common.visible_label import PLACES, VisibleLabel

GREY = np.full((360, 640, 3), 128, np.uint8)
LEAST_HEIGHT = 0.05  # of the shortest side, GB 45438-2025


def changed(label: Label, frame: np.ndarray = GREY) -> np.ndarray:
    found: np.ndarray = np.any(label.drawn_on(frame) != frame, axis=2)
    return found


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("shape", [(256, 256), (512, 512), (1920, 1080), (608, 1080)])
def test_the_label_is_large_enough_and_inside_the_frame(language: str, shape: tuple[int, int]) -> None:
    width, height = shape
    label = Label(Disclosure(language=language), width, height)
    rows, columns = np.nonzero(changed(label, np.full((height, width, 3), 128, np.uint8)))
    shortest = min(shape)
    assert np.ptp(rows) + 1 >= LEAST_HEIGHT * shortest
    assert np.ptp(columns) + 1 < 0.6 * shortest
    assert rows.min() > 0
    assert columns.max() < width - 1


@pytest.mark.parametrize("language", ["ja", "ko", "zh"])
def test_letters_of_many_strokes_are_larger(language: str) -> None:
    dense, plain = (Label(Disclosure(language=one), 360, 360).facts.box for one in (language, "en"))
    assert dense[3] - dense[1] > 1.1 * (plain[3] - plain[1])


@pytest.mark.parametrize("language", TEXTS)
def test_every_letter_of_the_label_is_in_its_font(language: str) -> None:
    font = ImageFont.truetype(_FONTS / _FONT_OF.get(language, _OTHER_FONT), 40)
    missing = font.getmask("\u2603").getbbox(), bytes(font.getmask("\u2603"))
    for letter in TEXTS[language].replace(" ", ""):
        assert (font.getmask(letter).getbbox(), bytes(font.getmask(letter))) != missing, letter


@pytest.mark.parametrize("place", PLACES)
def test_the_label_stands_in_its_corner_and_the_rest_is_untouched(place: str) -> None:
    label = Label(Disclosure(place=place), 640, 360)  # type: ignore[arg-type]
    left, top, right, bottom = label.facts.box
    found = changed(label)
    rows, columns = np.nonzero(found)
    assert columns.min() == round(left * 640)
    assert rows.min() == round(top * 360)
    assert columns.max() + 1 == round(right * 640)
    assert rows.max() + 1 == round(bottom * 360)
    assert (top < 0.5) == place.startswith("top")
    assert (right > 0.9) == place.endswith("right")


@pytest.mark.parametrize("value", [0, 255])
def test_the_text_stands_out_on_black_and_on_white(value: int) -> None:
    frame = np.full((512, 512, 3), value, np.uint8)
    label = Label(Disclosure(), 512, 512)
    left, top, right, bottom = (round(edge * 512) for edge in label.facts.box)
    patch = label.drawn_on(frame)[top:bottom, left:right].astype(float) / 255
    luminance = np.where(patch <= 0.04045, patch / 12.92, ((patch + 0.055) / 1.055) ** 2.4) @ [
        0.2126,
        0.7152,
        0.0722,
    ]
    ink, plate = np.quantile(luminance, 0.98), np.median(luminance)
    assert (ink + 0.05) / (plate + 0.05) >= 7  # WCAG 2.2, 1.4.6


def test_the_frame_that_was_given_stays_as_it_was() -> None:
    frame = GREY.copy()
    Label(Disclosure(), 640, 360).drawn_on(frame)
    assert np.array_equal(frame, GREY)


def test_a_label_of_the_first_seconds_ends_with_them() -> None:
    label = Label(Disclosure(preset="china", first_seconds=2, sound_cue=True), 640, 360)
    shown = [bool((frame != GREY).any()) for frame in labelled([GREY] * 5, label, 3)]
    assert shown == [True, True, True, False, False]


@pytest.mark.parametrize("place", PLACES)
def test_the_code_of_a_label_gives_it_back(place: str) -> None:
    facts = Label(Disclosure(preset="korea", language="ko", place=place), 512, 512).facts  # type: ignore[arg-type]
    read = VisibleLabel.from_code(facts.to_code())
    assert read is not None
    assert read.to_code() == facts.to_code()
    assert (read.preset, read.language, read.place) == ("korea", "ko", place)


@pytest.mark.parametrize("code", ["", "none", "eu:en:middle:whole:silent:1-2-3-4", "v2:something"])
def test_a_code_of_no_label_or_of_a_later_version_is_none(code: str) -> None:
    assert VisibleLabel.from_code(code) is None


def test_a_preset_brings_its_language_and_its_cue() -> None:
    chosen = Disclosure.from_json({"preset": "china"}, Disclosure(language="de"))
    assert (chosen.language, chosen.sound_cue, chosen.first_seconds) == ("zh", True, None)
    assert Disclosure.from_json({"preset": "china", "language": "en"}).language == "en"
    assert Disclosure.from_json({"preset": "eu"}, Disclosure(language="de")).language == "de"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"preset": "mars"}, "preset"),
        ({"preset": 7}, "preset"),
        ({"language": "xx"}, "language"),
        ({"place": "middle"}, "place"),
        ({"first_seconds": 5}, "first_seconds"),
        ({"preset": "china", "first_seconds": 1}, "first_seconds"),
        ({"preset": "china", "first_seconds": True}, "first_seconds"),
        ({"preset": "china", "sound_cue": False}, "sound_cue"),
        ({"sound_cue": 1}, "sound_cue"),
        ({"size": 9}, "size"),
    ],
)
def test_what_a_preset_does_not_allow_is_refused(values: dict[str, object], field: str) -> None:
    with pytest.raises(DisclosureInvalid) as refused:
        Disclosure.from_json(values)
    assert refused.value.field == field


def test_every_preset_names_its_source_and_day_and_is_complete_by_itself() -> None:
    for name, preset in presets().items():
        assert len(preset.source) > 20
        assert preset.since[:4].isdigit()
        assert Disclosure.from_json({"preset": name}).has_label
    assert not Disclosure.from_json({"preset": NONE}).has_label
