from __future__ import annotations

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest

from provenance.common.strict_json import from_plain, to_plain
from provenance.watermark import Embedder, Extractor, WatermarkKey, WatermarkPayload
from provenance.watermark.carrier.pattern import Carriers
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.embedder import FrameTooSmall
from provenance.watermark.identification.reading import Extraction
from tests.generation.pipeline.moving_portrait import CAST
from tests.provenance.watermark.marked import (
    KEY,
    OTHER_KEY,
    PAYLOAD,
    Luma,
    extraction,
    lumas,
    marked,
    watermark_id,
)


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas())


def decibels(first: Luma, second: Luma) -> float:
    return float(10 * np.log10(255**2 / np.mean((first.astype(float) - second) ** 2)))


def test_it_finds_the_exact_watermark_id(clip: list[Luma]) -> None:
    assert watermark_id(clip) == PAYLOAD.watermark_id


def test_one_frame_is_enough_before_encoding(clip: list[Luma]) -> None:
    assert watermark_id(clip[4:5]) == PAYLOAD.watermark_id


@pytest.mark.slow
def test_another_key_reads_nothing(clip: list[Luma]) -> None:
    found = extraction(clip, OTHER_KEY)
    assert all(reading.payload != PAYLOAD for reading in found.readings)
    assert found.pilot < 8


def test_of_several_keys_the_right_one_reads_it(clip: list[Luma]) -> None:
    best = extraction(clip, OTHER_KEY, KEY).readings[0]
    assert (best.key, best.payload) == (1, PAYLOAD)


@pytest.mark.slow
def test_unmarked_frames_have_no_pilot() -> None:
    assert extraction(lumas()).pilot < 8


@pytest.mark.parametrize("name", CAST)
def test_it_is_hardly_there(name: str) -> None:
    before = lumas(name, 2)
    after = marked(before)
    assert min(decibels(*pair) for pair in zip(before, after, strict=True)) > 46


def test_flat_areas_change_by_two_levels_at_most() -> None:
    """No grain on a drawing: where nothing is, hardly anything is added."""
    flat = np.full((512, 512), 120, np.uint8)
    change = np.abs(marked([flat])[0].astype(int) - flat)
    assert change.max() <= 2
    assert change.mean() < 0.8


def test_the_flat_side_of_an_edge_gets_no_more_than_flat_areas() -> None:
    edge = np.full((512, 512), 60, np.uint8)
    edge[:, 256:] = 200
    change = np.abs(marked([edge])[0].astype(int) - edge)
    assert change[:, np.abs(np.arange(512) - 255.5) > 6].max() <= 2


def test_texture_gets_more_than_flat_areas() -> None:
    plane = np.full((512, 512), 120, np.uint8)
    plane[:, 256:] = np.clip(np.random.default_rng(0).normal(120, 40, (512, 256)), 0, 255)
    change = np.abs(marked([plane])[0].astype(int) - plane)
    assert change[:, 300:].mean() > 1.5 * change[:, :220].mean()


def test_what_moves_gets_less_than_what_stands_still() -> None:
    rng = np.random.default_rng(0)
    still = np.clip(cv2.GaussianBlur(rng.normal(120, 60, (512, 512)), (0, 0), 3), 0, 255).astype(np.uint8)
    moving = still.copy()
    moving[:, 350:] = np.roll(still[:, 350:], 9, axis=0)
    change = np.abs(marked([still, moving])[1].astype(int) - moving)
    assert change[:, 380:].mean() < 0.9 * change[:, :320].mean()


@pytest.mark.parametrize(
    ("height", "width", "moved", "version", "golden"),
    [
        (300, 400, 0, 1, "3ae2ba1861518881ac67f307a671b87cc79d48a2c76ae186f001ef445b5f6230"),
        (512, 512, 5, 1, "676cd6b3afade459b83c4bf238dcfd05cbb6232f0854e292281985e1f1debd49"),
        (512, 512, 5, 2, "101e0bdb09bb114bf6e0af08938ce8b5b998c1168820f71eeab9f059e6c1d597"),
    ],
)
def test_the_mark_is_the_same_on_every_machine(
    height: int, width: int, moved: int, version: int, golden: str
) -> None:
    """Golden values: whole numbers only, so another processor must not change a single pixel."""
    ramp = np.tile(np.arange(256, dtype=np.uint8), (height, 2))[:, :width]
    payload = replace(PAYLOAD, version=version)
    planes = marked([ramp, np.roll(ramp, moved, axis=1)], payload)
    digest = hashlib.sha256(b"".join(plane.tobytes() for plane in planes)).hexdigest()
    assert digest == golden


@pytest.mark.slow
def test_reading_twice_gives_the_same_reading(clip: list[Luma]) -> None:
    assert to_plain(extraction(clip)) == to_plain(extraction(clip))


def test_an_extraction_survives_its_journey_as_json(clip: list[Luma]) -> None:
    before = extraction(clip)
    after = from_plain(Extraction, to_plain(before))
    assert after.readings[0].payload == PAYLOAD
    assert np.allclose(after.readings[0].soft_bits, before.readings[0].soft_bits, atol=1e-2)
    assert (after.pilot, after.attempts) == (before.pilot, before.attempts)
    assert (after.readings[0].fingerprints == before.readings[0].fingerprints).all()


@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), [(256, 256), (320, 320), (640, 480), (480, 854), (1280, 720)])
def test_it_marks_other_sizes(width: int, height: int) -> None:
    planes = [cv2.resize(plane, (width, height)) for plane in lumas("maya", 4)]
    assert watermark_id(marked(planes)) == PAYLOAD.watermark_id


def test_it_says_which_seconds_carry_the_mark() -> None:
    planes = lumas("maya", 12)
    found = extraction([*planes[:4], *marked(planes[4:8]), *planes[8:]], per_second=4)
    assert found.readings[0].payload == PAYLOAD
    assert found.readings[0].seconds == (1,)


def test_no_frames_and_tiny_frames_are_not_judged() -> None:
    assert not extraction([]).is_judged
    assert not extraction([np.zeros((64, 64), np.uint8)]).is_judged


def test_frames_of_another_size_are_passed_over(clip: list[Luma]) -> None:
    found = extraction([clip[0], np.zeros((256, 256), np.uint8), clip[1]])
    assert (found.frames_read, found.readings[0].payload) == (2, PAYLOAD)


@pytest.mark.slow
@pytest.mark.parametrize(("frames", "key"), [(4, KEY), (1, KEY), (4, OTHER_KEY)])
def test_words_are_those_of_a_whole_reading(clip: list[Luma], frames: int, key: WatermarkKey) -> None:
    extractor = Extractor()
    for luma in clip[:frames]:
        extractor.add(luma)
    whole = [one for one in extractor.read([key]).readings if one.payload is not None]
    words = extractor.words([key])
    assert [(one.payload, one.soft_bits.tobytes()) for one in words] == [
        (one.payload, one.soft_bits.tobytes()) for one in whole
    ]
    assert all(not one.regions and not len(one.fingerprints) for one in words)


def test_there_are_no_words_in_no_frames() -> None:
    assert Extractor().words([KEY]) == []


def test_the_fit_of_a_known_payload_needs_no_search(clip: list[Luma]) -> None:
    extractor = Extractor()
    assert extractor.fit(PAYLOAD, KEY) == (0.0, 0.0)
    extractor.add(clip[0])
    pilot, score = extractor.fit(PAYLOAD, KEY)
    assert pilot > 10
    assert score > 30
    assert abs(extractor.fit(WatermarkPayload(5), KEY)[1]) < 20


def test_however_strong_the_pattern_of_a_payload_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, make = [], Carriers.pattern

    def counted(carriers: Carriers, coded: np.ndarray) -> np.ndarray:
        made.append(coded)
        return make(carriers, coded)

    monkeypatch.setattr(Carriers, "pattern", counted)
    payload, key = WatermarkPayload(77), WatermarkKey(b"p" * 32).for_year(2026)
    luma = lumas("maya", 1)[0]
    weak, strong = (Embedder(payload, key, strength).mark(luma) for strength in (32, 64))
    assert len(made) == 1
    assert (weak != strong).any()
    assert (strong == Embedder(payload, key, 64).mark(luma)).all()


def test_it_refuses_to_mark_frames_that_are_too_small() -> None:
    with pytest.raises(FrameTooSmall, match="168x168"):
        Embedder(PAYLOAD, KEY).mark(np.zeros((168, 168), np.uint8))


@pytest.mark.parametrize(
    "plane",
    [np.zeros((512, 512), np.float32), np.zeros((512, 511), np.uint8), np.zeros((512, 512, 3), np.uint8)],
)
def test_it_refuses_planes_of_another_form(plane: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Embedder(PAYLOAD, KEY).mark(plane)


@pytest.mark.slow
def test_a_mark_whose_pilot_was_taken_off_is_still_read(clip: list[Luma]) -> None:
    """The pilot repeats and can be averaged out of a single clip; the payload does not."""
    total = ResidualSum(512, 512)
    for plane in clip:
        total.add(plane, 0)
    tile = total.total().reshape(4, 128, 4, 128).mean((0, 2))
    pilot = np.tile(tile / tile.std(), (4, 4)) * 0.75
    cleaned = [np.clip(np.rint(plane - pilot), 0, 255).astype(np.uint8) for plane in clip]
    found = extraction(cleaned)
    assert PAYLOAD in [reading.payload for reading in found.readings]
