"""The quick subset of the attack suite: what moves the picture must not lose the mark."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.synchronisation.candidates import common_candidates
from provenance.watermark.synchronisation.framing import is_large_enough, picture_on_page
from tests.generation.pipeline.moving_portrait import CAST
from tests.provenance.watermark.marked import (
    PAYLOAD,
    Luma,
    extraction,
    lumas,
    marked,
    scaled,
    turned,
    warped,
    watermark_id,
)


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas("maya", 4))


def framed(planes: list[Luma], width: int, height: int, *, blurred: bool) -> list[Luma]:
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    sheets = []
    for plane in planes:
        sheet = np.zeros((height, width), np.uint8)
        if blurred:
            sheet = np.asarray(cv2.resize(cv2.GaussianBlur(plane, (0, 0), 20), (width, height)), np.uint8)
        sheet[top : top + side, left : left + side] = cv2.resize(plane, (side, side))
        sheets.append(sheet)
    return sheets


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: [p[50:460, 30:440] for p in c], id="cropped by a fifth"),
        pytest.param(lambda c: scaled([p[60:420, 100:460] for p in c], 512, 512), id="cropped and blown up"),
        pytest.param(lambda c: [p[200:456, 100:356] for p in c], id="cropped by half"),
        pytest.param(lambda c: [p[:, ::-1] for p in c], id="mirrored"),
        pytest.param(lambda c: [p[50:460, 440:30:-1] for p in c], id="mirrored and cropped"),
        pytest.param(
            lambda c: [np.rot90(p[90:480, 60:400]) for p in c], id="cropped and turned by a quarter"
        ),
        pytest.param(lambda c: [p[::-1, ::-1] for p in c], id="turned by half"),
        pytest.param(lambda c: [np.rot90(p) for p in c], id="turned by a quarter"),
        pytest.param(lambda c: [np.rot90(p[:, ::-1]) for p in c], id="mirrored and turned by a quarter"),
        pytest.param(lambda c: turned(c, 3), id="turned 3 degrees"),
        pytest.param(lambda c: turned(c, -10), id="turned -10 degrees"),
        pytest.param(lambda c: turned(c, 7, 1.2), id="turned and zoomed"),
        pytest.param(lambda c: scaled(c, 300, 300), id="scaled down"),
        pytest.param(lambda c: scaled(c, 1000, 1000), id="scaled up"),
        pytest.param(lambda c: scaled(c, 640, 420), id="stretched"),
        pytest.param(lambda c: framed(c, 1280, 720, blurred=False), id="letterboxed"),
        pytest.param(lambda c: framed(c, 720, 1280, blurred=True), id="in portrait format"),
    ],
)
def test_it_is_found_again(clip: list[Luma], change) -> None:
    assert watermark_id(change(clip)) == PAYLOAD.watermark_id


@pytest.mark.slow
def test_a_slanted_view_is_straightened(clip: list[Luma]) -> None:
    corners = np.array([[0, 0], [512, 0], [512, 512], [0, 512]], np.float32)
    seen = np.array([[18, 9], [505, 0], [512, 500], [10, 512]], np.float32)
    slanted = warped(clip, cv2.getPerspectiveTransform(corners, seen), (512, 512))
    assert watermark_id(slanted) == PAYLOAD.watermark_id


def test_a_frame_filmed_a_little_askew_is_among_the_likely_changes() -> None:
    cosine, sine = np.cos(np.deg2rad(1.5)), np.sin(np.deg2rad(1.5))
    askew = 1.05 * 620 / 512 * np.array([[cosine, sine], [-sine, cosine]])
    assert np.abs(common_candidates((620, 620)) - askew).max((1, 2)).min() < 0.01


@pytest.mark.slow
def test_the_geometry_leads_back_to_the_frame_as_it_was(clip: list[Luma]) -> None:
    """Canonical pixels through the geometry are where a crop and a scale put them."""
    found = extraction(scaled([p[60:420, 100:460] for p in clip], 720, 720)).readings[0]
    place = found.geometry @ np.array([256.0, 256.0, 1.0])
    assert place[:2] / place[2] == pytest.approx([2 * (256 - 100), 2 * (256 - 60)], abs=2)


def mean_of(planes: list[Luma]) -> np.ndarray:
    residuals = ResidualSum(*planes[0].shape)
    for plane in planes:
        residuals.add(plane, 0)
    return residuals.mean_picture()


def on_a_screen(planes: list[Luma], side: int, *, blurred: bool) -> list[Luma]:
    sheets = []
    for plane in scaled(planes, side, side):
        sheet = np.full((720, 1280), 30, np.uint8)
        if blurred:
            sheet = np.asarray(cv2.resize(cv2.GaussianBlur(plane, (0, 0), 20), (1280, 720)), np.uint8)
        sheet[120 : 120 + side, 500 : 500 + side] = plane
        sheets.append(sheet)
    return sheets


@pytest.mark.parametrize("blurred", [True, False])
@pytest.mark.parametrize("name", CAST)
def test_a_small_window_on_a_screen_is_too_small_to_rule_a_mark_out(name: str, *, blurred: bool) -> None:
    """Also where a smooth wall passes into its own blur and the window has no edge that can be seen."""
    assert not is_large_enough(mean_of(on_a_screen(lumas(name, 2), 280, blurred=blurred)))


@pytest.mark.slow
def test_what_is_too_small_is_not_judged() -> None:
    assert not extraction(on_a_screen(lumas("tomas", 2), 280, blurred=True)).is_judged


@pytest.mark.parametrize("name", CAST)
def test_a_large_window_is_judged(name: str) -> None:
    assert is_large_enough(mean_of(on_a_screen(lumas(name, 2), 560, blurred=True)))


@pytest.mark.parametrize("name", CAST)
def test_a_portrait_that_fills_the_frame_is_judged(name: str) -> None:
    assert is_large_enough(mean_of(lumas(name, 2)))


def test_a_frame_without_any_detail_is_judged() -> None:
    assert is_large_enough(np.full((512, 512), 90, np.float32))


def words(width: int, height: int) -> Luma:
    sheet = np.full((height, width), 244, np.uint8)
    for line in range(40, height, 28):
        cv2.putText(sheet, "what was said in the hall that evening " * 3, (16, line), 0, 0.55, (60,), 1)
    return sheet


@pytest.mark.parametrize("place", [(300, 200), (649, 1300)])
def test_the_picture_on_a_page_of_words_is_told_from_the_words(place: tuple[int, int]) -> None:
    sheet, (left, top) = words(1080, 1920), place
    sheet[top - 10 : top + 422] = 244
    sheet[top : top + 412, left : left + 412] = cv2.resize(lumas("maya", 1)[0], (412, 412))
    mean = mean_of([sheet])
    found, scale = picture_on_page(mean), len(mean) / 1920
    assert found is not None
    assert np.abs(np.array(found) - np.array([left, top, left + 412, top + 412]) * scale).max() <= 2


def test_words_alone_and_a_head_alone_are_no_picture_on_a_page() -> None:
    assert picture_on_page(mean_of([words(1080, 1920)])) is None
    assert all(picture_on_page(mean_of(lumas(name, 2))) is None for name in CAST)
