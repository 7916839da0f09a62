"""What the scripts of the studio and the live page say stands in their pages, in the language of the page."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from accounts.models import Partner, User
from generation.animation.motion.direction.direction import LAYER_RANGES, NAMES
from generation.choices.control_names import CHANNELS, EMOTIONS, STYLES, title_of
from generation.disclosure.choice import presets
from generation.models import DrivingAudio, Portrait
from generation.pages.forms.job import DrivingAudioField
from generation.pages.forms.label import PRESET_TITLES
from generation.pages.live import page as live_page
from generation.pages.live.words import FROM_ELSEWHERE, live_words
from generation.pages.studio import drafts
from generation.pages.studio.words import studio_words
from provenance.common.errors import InvalidInput
from provenance.common.readable_text import UnreadableText
from tests.factories import granted_consent
from tests.generation.conftest import let_out_without_review

ROOT = Path(__file__).resolve().parents[3]
STUDIO = sorted((ROOT / "static/studio").glob("*.js"))
LIVE = [ROOT / "static/live.js"]


@pytest.mark.parametrize(
    ("scripts", "words"), [(STUDIO, studio_words()), (LIVE, live_words())], ids=["studio", "live"]
)
def test_a_script_asks_for_the_words_that_its_page_has(scripts: list[Path], words: dict[str, Any]) -> None:
    asked = {name for path in scripts for name in re.findall(r"(?<!/)\bwords\.(\w+)", path.read_text())}
    assert asked == set(words)


def test_lanes_gestures_and_presets_have_their_words() -> None:
    text = {path.name: path.read_text() for path in STUDIO}
    words = studio_words()
    assert re.findall(r'{ name: "(\w+)"', text["direction.js"]) == list(words["lanes"])
    gestures = text["direction.js"].split("export const GESTURES = {")[1].split("\n};")[0]
    assert [*re.findall(r"^  (\w+): \[\[", gestures, re.MULTILINE), "listen"] == list(words["gestures"])
    offered = text["studio.js"].split("const PRESETS = {")[1].split("\n};")[0]
    assert re.findall(r"^  (\w+): {", offered, re.MULTILINE) == list(words["presets"])


def test_whatever_can_be_directed_has_a_word() -> None:
    channels = {channel for ranges in LAYER_RANGES.values() for channel in ranges}
    assert {name for name in channels if len(name) > 1} <= set(CHANNELS)
    assert set(EMOTIONS) == set(NAMES["emotion"])
    assert set(STYLES) == set(NAMES["style"])


def test_the_english_words_are_the_names_of_the_data() -> None:
    for name, word in CHANNELS.items():
        assert re.sub(r"([a-z])([A-Z])", r"\1 \2", name).replace("_", " ").lower() == word
    assert [title_of(name) for name in EMOTIONS] == [name.capitalize() for name in EMOTIONS]
    assert {preset.title for preset in presets().values()} == set(PRESET_TITLES)


@pytest.mark.parametrize(
    ("address", "module", "name"),
    [("/console/studio/open/", drafts, "open_studio"), ("/console/live/open/", live_page, "open_session")],
    ids=["studio", "live"],
)
def test_a_refusal_is_shown_in_the_language_of_the_page(
    alice_browser: Client, monkeypatch: pytest.MonkeyPatch, address: str, module: Any, name: str
) -> None:
    def refuse(**_: object) -> None:
        raise InvalidInput("The character U+202E cannot be seen.", hint=UnreadableText.hint)

    monkeypatch.setattr(module, name, refuse)
    english, spanish = (
        alice_browser.post(address, headers={"Accept-Language": code}).json() for code in ("en", "es")
    )
    assert (english["title"], english["hint"]) == (
        "The character U+202E cannot be seen.",
        UnreadableText.hint,
    )
    assert spanish["title"] == "El carácter U+202E no se ve."
    assert spanish["hint"] != english["hint"]
    assert {**spanish, "title": "", "hint": ""} == {**english, "title": "", "hint": ""}


@pytest.mark.usefixtures("recording")
def test_numbers_that_a_program_reads_are_the_same_in_every_language(
    alice: User,
    alice_browser: Client,
    partner_a: Partner,
    amara: Portrait,
) -> None:
    granted_consent(amara, alice, allows_live=True)
    let_out_without_review(partner_a)
    for address in ("/console/studio/", "/console/live/"):
        read = [
            _read_by_programs(alice_browser.get(address, headers={"Accept-Language": code}))
            for code in ("en", "de")
        ]
        assert read[0] == read[1]
        assert len(read[0]) > 10


def _read_by_programs(page: Any) -> list[tuple[str, str]]:
    assert page.status_code == 200
    return re.findall(r'\b(min|max|step|data-cue)="([^"]*)"', page.content.decode())


def test_a_recording_without_a_name_is_told_by_its_day(recording: DrivingAudio) -> None:
    field = DrivingAudioField(queryset=DrivingAudio.objects.all())
    recording.title, recording.duration_s = "", 2.5
    recording.created_at = recording.created_at.replace(month=3, day=7, hour=9, minute=5)
    with override("en"):
        assert field.label_from_instance(recording) == f"Uploaded 7 March at 09:05 ({recording.pk}), 2.5 s"
    with override("de"):
        assert field.label_from_instance(recording).endswith("2,5 s")


def test_the_sentences_of_the_gateway_and_of_a_sessions_process_are_known_to_the_page() -> None:
    texts = {
        str(node.value)
        for path in ("generation/live/webrtc/peer.py", "generation/services/live/streaming.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Constant)
    }
    assert set(FROM_ELSEWHERE) <= texts
    assert json.dumps(live_words()["said"])
