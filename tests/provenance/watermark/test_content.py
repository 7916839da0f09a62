from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from provenance.watermark.content.fingerprint import fingerprint_of_found, fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import (
    FINGERPRINT_BYTES,
    is_same,
    is_surely_same,
    keeps_light,
    resemblance,
)
from tests.generation.pipeline.moving_portrait import CAST
from tests.provenance.watermark.marked import Luma, extraction, lumas, marked, turned


def of_record(planes: list[Luma]) -> bytes:
    return b"".join(fingerprint_of_marked(plane).tobytes() for plane in planes)


def found_prints(planes: list[Luma]) -> np.ndarray:
    return extraction(planes, per_second=2).readings[0].fingerprints


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas("maya", 8))


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda c: c, id="untouched"),
        pytest.param(lambda c: [p[80:480, 60:460] for p in c], id="cropped"),
        pytest.param(lambda c: [p[:, ::-1] for p in c], id="mirrored"),
        pytest.param(lambda c: turned(c, 6), id="turned"),
        pytest.param(lambda c: [(p * 0.7 + 30).astype(np.uint8) for p in c], id="paler"),
    ],
)
def test_a_copy_shows_the_same(clip: list[Luma], change) -> None:
    assert is_same(found_prints(change(clip)), of_record(clip))


@pytest.mark.parametrize(
    ("name", "of"),
    [("maya", "amara"), ("kenji", "amara"), ("tomas", "amara"), ("kenji", "maya"), ("tomas", "maya")],
)
def test_another_portrait_shows_something_else(name: str, of: str) -> None:
    other = np.stack([fingerprint_of_found(plane, np.eye(3)) for plane in lumas(name, 3)])
    record = of_record(marked(lumas(of, 8)))
    assert is_same(other, record) is False
    assert is_same(other, record, is_of_a_part=True) is None


def test_portraits_whose_lines_run_alike_are_never_the_same(clip: list[Luma]) -> None:
    # No more is left of one in the other than of some pictures whose tones were folded: undecided at worst.
    other = [fingerprint_of_found(plane, np.eye(3)) for plane in lumas("amara", 3)]
    assert is_same(np.stack(other), of_record(clip)) is not True


@pytest.mark.slow
def test_a_banner_over_a_video_does_not_make_it_another_one(clip: list[Luma]) -> None:
    covered = [plane.copy() for plane in clip]
    for plane in covered:
        plane[:62] = 40
        plane[420:] = 200
    assert is_same(found_prints(covered), of_record(clip)) is not False


def dithered(plane: Luma) -> Luma:
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) * 16 + 8
    return np.where(plane > np.tile(bayer, (128, 128)), 255, 0).astype(np.uint8)


def folded_tones(plane: Luma) -> Luma:
    """Through a curve that rises and falls three times, as the colour tables of thermal cameras do."""
    curve = np.interp(np.arange(256), [0, 60, 100, 150, 200, 255], [40, 220, 90, 240, 60, 200])
    return curve[plane].astype(np.uint8)


def folded_many_times(plane: Luma) -> Luma:
    """Through a zigzag that turns eight times, in which every slope occurs beside its opposite."""
    way = np.arange(256) / 255 * 9 % 2
    return (255 * np.minimum(way, 2 - way)).astype(np.uint8)[plane]


def locally_stretched(plane: Luma) -> Luma:
    return np.asarray(cv2.createCLAHE(40, (16, 16)).apply(plane), np.uint8)


def sketched(plane: Luma) -> Luma:
    blurred = cv2.GaussianBlur(255 - plane, (0, 0), 10)
    return np.asarray(cv2.divide(plane, 255 - blurred, scale=256), np.uint8)


def under_a_face(plane: Luma) -> Luma:
    return np.asarray(cv2.circle(plane.copy(), (256, 230), 200, (200,), -1, cv2.LINE_AA), np.uint8)


DESTRUCTIVE: dict[str, Callable[[Luma], Luma]] = {
    "dithered": dithered,
    "two levels": lambda plane: np.where(plane > 110, 220, 30).astype(np.uint8),
    "three levels": lambda plane: (plane // 86 * 100).astype(np.uint8),
    "solarised": lambda plane: np.where(plane >= 64, 255 - plane, plane).astype(np.uint8),
    "tones folded": folded_tones,
    "tones folded many times": folded_many_times,
    "locally stretched": locally_stretched,
    "sketched": sketched,
    "negative": lambda plane: np.asarray(255 - plane, np.uint8),
}


@pytest.mark.parametrize("name", CAST)
@pytest.mark.parametrize("edit", DESTRUCTIVE)
def test_an_edit_that_exchanges_light_and_dark_is_not_another_content(edit: str, name: str) -> None:
    planes = lumas(name, 3)
    found = [fingerprint_of_found(DESTRUCTIVE[edit](plane), np.eye(3)) for plane in planes[::2]]
    assert is_same(np.stack(found), of_record(planes)) is not False


def test_lines_that_run_as_in_the_record_are_told_whatever_the_curve() -> None:
    planes = lumas("maya", 3)
    record = np.frombuffer(of_record(planes), np.uint8).reshape(-1, FINGERPRINT_BYTES)

    def lines(name: str, change: Callable[[Luma], Luma]) -> float:
        found = [fingerprint_of_found(change(plane), np.eye(3)) for plane in lumas(name, 3)]
        like = resemblance(np.stack(found), record)
        assert like is not None
        return like.lines

    assert min(lines("maya", folded_many_times), lines("maya", folded_tones)) > 0.25
    assert max(lines(name, lambda plane: plane) for name in CAST if name != "maya") < 0.22


def test_changes_over_time_count_only_where_light_and_dark_are_kept() -> None:
    planes = lumas("maya", 3)

    def is_kept(change: Callable[[Luma], Luma]) -> bool:
        return keeps_light(np.stack([fingerprint_of_found(change(planes[0]), np.eye(3))]), of_record(planes))

    assert is_kept(dithered)
    assert not is_kept(DESTRUCTIVE["solarised"])
    assert not keeps_light(np.zeros((0, FINGERPRINT_BYTES), np.uint8), of_record(planes))


def test_a_face_that_is_covered_is_not_another_content() -> None:
    # Of the picture half is left, and it is looked at only where the mark is.
    planes = marked(lumas("maya", 8), strength=71)
    assert is_same(found_prints([under_a_face(plane) for plane in planes]), of_record(planes)) is not False


def test_what_is_surely_the_same_is_the_same() -> None:
    planes = lumas("maya", 2)
    record = of_record(planes)
    for change in (lambda plane: plane, DESTRUCTIVE["solarised"]):
        found = np.stack([fingerprint_of_found(change(plane), np.eye(3)) for plane in planes])
        assert is_surely_same(found, record) == (is_same(found, record) is True)


def test_a_dithered_copy_shows_the_same() -> None:
    planes = lumas("kenji", 3)
    found = [fingerprint_of_found(dithered(plane), np.eye(3)) for plane in planes]
    assert is_same(np.stack(found), of_record(planes)) is True


def test_nothing_is_said_without_enough_to_compare(clip: list[Luma]) -> None:
    assert is_same(np.zeros((0, FINGERPRINT_BYTES), np.uint8), of_record(clip)) is None
    assert is_same(np.zeros((3, FINGERPRINT_BYTES), np.uint8), of_record(clip)) is None
    assert is_same(found_prints(clip), b"") is None
