"""What a video says beside its picture: the caption track, and China's metadata."""

from __future__ import annotations

import re

import pytest

from generation.disclosure.aigc import aigc_metadata
from generation.disclosure.captions import SENTENCES, captions
from generation.disclosure.choice import TEXTS, Disclosure

CUE = re.compile(r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n(.+)")


def test_every_language_of_the_label_has_a_sentence() -> None:
    assert SENTENCES.keys() == TEXTS.keys()


@pytest.mark.parametrize(
    ("duration_s", "spans"),
    [
        (3.2, [("00:00:00.000", "00:00:03.200")]),
        (12.0, [("00:00:00.000", "00:00:05.000")]),
        (75.04, [("00:00:00.000", "00:00:05.000"), ("00:01:10.040", "00:01:15.040")]),
    ],
)
def test_it_stands_at_the_beginning_and_at_the_end_of_long_ones(
    duration_s: float, spans: list[tuple[str, str]]
) -> None:
    text = captions(Disclosure(language="de"), duration_s)
    assert text.startswith("WEBVTT\n\n")
    found = CUE.findall(text)
    assert [(begin, end) for begin, end, _ in found] == spans
    assert all(words == SENTENCES["de"] for *_, words in found)


def test_the_sound_cue_is_captioned() -> None:
    text = captions(Disclosure(preset="china", language="zh", sound_cue=True), 10)
    assert f"[♪ AI] {SENTENCES['zh']}" in text


def test_chinas_metadata_has_its_seven_fields() -> None:
    (name, fields), *rest = aigc_metadata(producer="Aurora", produce_id="rnd_1").items()
    assert (name, rest) == ("AIGC", [])
    assert fields["Label"] == "1"
    assert (fields["ContentProducer"], fields["ProduceID"]) == ("Aurora", "rnd_1")
    assert len(fields) == 7
