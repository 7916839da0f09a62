"""A picture that moves within the frame, or lies aslant in it, is read where it lies at each moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from provenance.verify.reader.watermark_by_part import ReadFrames, _fits, read_all, watermarks_by_second
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.rectification import mapped
from provenance.watermark.completion import WordFit
from provenance.watermark.content.fingerprint import fingerprint_of_marked
from provenance.watermark.content.fingerprint_match import is_same
from provenance.watermark.identification.decision import WatermarkState, decide
from provenance.watermark.identification.reading import WatermarkReading
from provenance.watermark.identification.registry import Registry
from provenance.watermark.synchronisation.camera_motion import is_moving
from provenance.watermark.synchronisation.tracking import Group, Tracker
from tests.provenance.watermark.marked import KEY, PAYLOAD, Luma, extraction, lumas, marked

pytestmark = pytest.mark.slow  # each looks for a mark in frames through and through

FRAMES, PER_SECOND = 24, 8
PLACES = np.array([[60.0, 60.0], [450.0, 60.0], [450.0, 450.0], [60.0, 450.0]])


def travelling() -> Iterator[NDArray[np.float64]]:
    """A window of 0.8 of the picture that travels 60 pixels and closes in."""
    for way in np.linspace(-0.5, 0.5, FRAMES):
        zoom = 1.25 + 0.1 * way
        yield np.array(
            [[zoom, 0, 256 - zoom * (256 + 40 * way)], [0, zoom, 256 - zoom * (256 - 44 * way)], [0, 0, 1]]
        )


def held_by_hand() -> Iterator[NDArray[np.float64]]:
    for second in np.arange(FRAMES) / PER_SECOND:
        matrix = np.eye(3)
        matrix[:2] = cv2.getRotationMatrix2D((256, 256), float(0.8 * np.sin(2 * second)), 0.97)
        matrix[:2, 2] += 9 * np.sin(3 * second), 7 * np.cos(4 * second)
        yield matrix


def shaken() -> Iterator[NDArray[np.float64]]:
    for second in np.arange(FRAMES) / PER_SECOND:
        yield np.array([[1.0, 0, 6 * np.sin(11 * second)], [0, 1, 6 * np.cos(11 * second)], [0, 0, 1]])


MOVES = {"a window that travels": travelling, "held by hand": held_by_hand}


def seen(planes: list[Luma], matrices: Iterator[NDArray[np.float64]]) -> list[Luma]:
    return [
        np.asarray(cv2.warpPerspective(plane, matrix, (512, 512), flags=cv2.INTER_CUBIC), np.uint8)
        for plane, matrix in zip(planes, matrices, strict=True)
    ]


def prints_of(planes: list[Luma]) -> bytes:
    return np.stack([fingerprint_of_marked(plane) for plane in planes[::3]]).tobytes()


@pytest.fixture(scope="module")
def clip() -> list[Luma]:
    return marked(lumas("maya", FRAMES))


@pytest.fixture(scope="module", params=MOVES)
def moved(request: pytest.FixtureRequest, clip: list[Luma]) -> tuple[list[Luma], str, WatermarkReading]:
    frames = seen(clip, MOVES[request.param]())
    return frames, request.param, extraction(frames, per_second=PER_SECOND).readings[0]


def test_it_is_read_in_every_second(moved: tuple[list[Luma], str, WatermarkReading]) -> None:
    _, _, reading = moved
    assert reading.payload == PAYLOAD
    assert reading.seconds == (0, 1, 2)


def test_each_frame_has_the_geometry_of_its_own_moment(
    moved: tuple[list[Luma], str, WatermarkReading],
) -> None:
    _, move, reading = moved
    path = [motion for second in sorted(reading.path) for motion in reading.path[second]]
    for motion, matrix in zip(path, MOVES[move](), strict=True):
        assert np.abs(mapped(PLACES, motion @ reading.geometry) - mapped(PLACES, matrix)).max() < 3


def test_its_content_is_the_same(clip: list[Luma], moved: tuple[list[Luma], str, WatermarkReading]) -> None:
    _, _, reading = moved
    assert is_same(reading.fingerprints, prints_of(clip)) is True


def test_another_content_is_told_while_it_moves(moved: tuple[list[Luma], str, WatermarkReading]) -> None:
    _, _, reading = moved
    assert is_same(reading.fingerprints, prints_of(lumas("kenji", FRAMES))) is False


def test_another_mark_in_a_second_of_its_own_is_told_while_the_picture_travels() -> None:
    planes = lumas("maya", FRAMES)
    both = [*marked(planes[:16]), *marked(planes[16:], WatermarkPayload(7))]
    frames = seen(both, travelling())
    by_second = {second: frames[second * PER_SECOND :][:PER_SECOND] for second in range(3)}
    first = ReadFrames(extraction(frames, per_second=PER_SECOND), (0, 1, 2))
    found, seconds = watermarks_by_second(by_second, first, [KEY], read_all)
    assert [one.watermark_id for one in found] == [PAYLOAD.watermark_id, 7]
    assert seconds == {0: 0, 1: 0, 2: 1}


def test_each_second_fits_its_word_as_its_frames_laid_out_by_themselves_do(clip: list[Luma]) -> None:
    frames = seen(clip, travelling())
    by_second = {second: frames[second * PER_SECOND :][:PER_SECOND] for second in range(3)}
    read = read_all(by_second, [KEY])
    reading = read.extraction.readings[0]
    quick = _fits(by_second, read, reading, [KEY])
    plain = _fits(by_second, read._replace(extractor=None), reading, [KEY])
    assert np.array([*quick.values()]) == pytest.approx(np.array([*plain.values()]), rel=0.15)


class Fits(Extractor):
    """Fits a word as well as is wanted: pilot and word of each second."""

    def __init__(self, fits: dict[int, tuple[float, float]], beside: float = 0.0) -> None:
        super().__init__()
        self.fits, self.beside = fits, beside

    def fit_by_second(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> dict[int, tuple[float, float]]:
        return self.fits

    def fit_together(
        self, seconds: Sequence[int], reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> WordFit:
        pilot, word = np.array([self.fits[second] for second in seconds]).sum(0) / len(seconds) ** 0.5
        return WordFit(pilot, word, self.beside)


@pytest.mark.parametrize(
    ("fit", "beside", "is_searched"),
    [
        ((4.0, 4.2), 0.0, False),  # as strong as its pilot lets expect, too weak to be sure
        ((3.0, 2.0), 0.0, True),  # hardly anything
        ((9.0, 4.2), 400.0, True),  # a strong mark, and hardly this one
    ],
)
def test_no_other_mark_is_looked_for_in_a_second_that_carries_this_one_faintly(
    clip: list[Luma], fit: tuple[float, float], beside: float, is_searched: bool
) -> None:
    by_second = {second: clip[second * PER_SECOND :][:PER_SECOND] for second in range(2)}
    first = ReadFrames(extraction(clip[:16]), (0, 1), Fits({0: (6.0, 9.0), 1: fit}, beside))
    searched: list[int] = []
    found, seconds = watermarks_by_second(by_second, first, [KEY], lambda left, keys: searched.extend(left))
    assert ([one.watermark_id for one in found], seconds) == ([PAYLOAD.watermark_id], {0: 0})
    assert searched == [1] * is_searched


@pytest.mark.parametrize(
    ("pilots", "beside", "is_searched"),
    [
        (
            (3.0, 3.5, 2.5),
            0.0,
            False,
        ),  # whatever mark is there lies where this one does, and none can be read
        ((3.0, 3.5, 2.5), 60.0, True),  # another word may be read there
        ((5.0, 5.0, 0.5), 0.0, True),  # in one of these seconds nothing lies there
        ((2.2, 2.2, 2.2), 0.0, True),  # chance
    ],
)
def test_no_other_mark_is_looked_for_where_this_one_lies_too_faintly_to_be_read(
    clip: list[Luma], pilots: tuple[float, float, float], beside: float, is_searched: bool
) -> None:
    fits = {0: (6.0, 9.0), 1: (pilots[0], 1.5), 2: (5.0, 8.0), 3: (pilots[1], 1.0), 4: (pilots[2], 1.2)}
    by_second = {second: clip[4 * second :][:4] for second in fits}
    first = ReadFrames(extraction(clip[:16]), tuple(fits), Fits(fits, beside))
    searched: list[int] = []
    found, seconds = watermarks_by_second(by_second, first, [KEY], lambda left, keys: searched.extend(left))
    assert ([one.watermark_id for one in found], seconds) == ([PAYLOAD.watermark_id], {0: 0, 2: 0})
    assert searched == [1, 3, 4] * is_searched


def test_behind_a_cut_another_mark_is_looked_for_although_the_path_goes_on(clip: list[Luma]) -> None:
    """A path is followed through a cut as well, by chance, and bent until its pilot fits."""
    reading = extraction(seen(clip, travelling()), per_second=PER_SECOND)
    assert reading.readings[0].path
    by_second = {0: clip[:8], 1: lumas("kenji", 8)}
    first = ReadFrames(reading, (0, 1), Fits({0: (6.0, 9.0), 1: (5.0, 1.0)}))
    searched: list[int] = []
    watermarks_by_second(by_second, first, [KEY], lambda left, keys: searched.extend(left))
    assert searched == [1]


def test_frames_together_hold_nothing_but_their_own_word(clip: list[Luma]) -> None:
    reader = Extractor()
    for number, luma in enumerate([*clip[:16], *marked(lumas("maya", 24)[16:], WatermarkPayload(7))]):
        reader.add(luma, number // PER_SECOND)
    (reading, *_) = reader.read([KEY]).readings
    own, other = (reader.fit_together(seconds, reading, [KEY]) for seconds in ([0, 1], [2]))
    assert reading.payload == PAYLOAD
    assert own.beside < 0.2 * own.word**2
    assert other.beside > 10 * max(other.word, 3.0) ** 2


@pytest.mark.parametrize("is_marked", [True, False])
def test_the_first_frames_of_a_picture_that_moves_show_its_mark(clip: list[Luma], is_marked: bool) -> None:
    frames = seen(clip if is_marked else lumas("maya", FRAMES), travelling())
    reader = Extractor()
    for luma in frames[:8]:
        reader.add(luma)
    assert reader.seems_marked([KEY]) is is_marked


def test_what_was_read_in_the_first_frames_is_not_read_again(
    clip: list[Luma], monkeypatch: pytest.MonkeyPatch
) -> None:
    laid: list[int] = []
    lay = Tracker._laid

    def counted(tracker: Tracker, number: int, *, is_smooth: bool = False) -> Group:
        laid.append(number)
        return lay(tracker, number, is_smooth=is_smooth)

    monkeypatch.setattr(Tracker, "_laid", counted)
    reader = Extractor()
    for number, luma in enumerate(seen(clip, travelling())):
        reader.add(luma, number // PER_SECOND)
        if number == 7:
            assert reader.seems_marked([KEY])
    reading = reader.read([KEY]).readings[0]
    assert reading.payload == PAYLOAD
    assert reading.path
    assert laid.count(0) == 1


@pytest.mark.parametrize(("move", "is_smooth"), [(travelling, True), (shaken, False)])
def test_frames_between_others_are_supposed_only_where_the_picture_moves_evenly(
    clip: list[Luma], move: Callable[[], Iterator[NDArray[np.float64]]], is_smooth: bool
) -> None:
    tracker = Tracker(seen(clip, move()), [0] * FRAMES)
    start = tracker.place_near(next(move()), carriers_of(KEY), is_inverted=False)
    assert start is not None
    tracker.followed(*start, carriers_of(KEY), is_inverted=False)
    assert any(group.is_smooth for group in tracker._groups.values()) is is_smooth


def test_where_the_mark_fades_the_path_goes_on_as_the_picture_moves(clip: list[Luma]) -> None:
    """A pilot that is not there is found by chance once its place is bent as far as it may be."""
    faded = [*clip[:16], *lumas("maya", FRAMES)[16:]]
    tracker = Tracker(seen(faded, held_by_hand()), [0] * FRAMES)
    matrices = list(held_by_hand())
    start = tracker.place_near(matrices[3], carriers_of(KEY), is_inverted=False)
    assert start is not None
    track = tracker.followed(*start, carriers_of(KEY), is_inverted=False)
    assert track is not None
    for motion, matrix in zip(track.path, matrices, strict=True):
        assert np.abs(mapped(PLACES, motion @ track.geometry) - mapped(PLACES, matrix)).max() < 3


def test_an_unmarked_picture_that_moves_is_not_ours() -> None:
    """Following chance makes it look like a pilot: that must not count."""
    found = extraction(seen(lumas("maya", FRAMES), held_by_hand()), per_second=PER_SECOND)
    registry = Registry(KEY)
    registry.add(range(1000))
    assert decide(found, [registry]).state is WatermarkState.NOT_FOUND


def starts(frames: list[Luma]) -> list[int]:
    return Tracker(frames, [number // PER_SECOND for number in range(len(frames))]).starts


def test_in_one_shot_the_mark_is_looked_for_in_its_first_frames(clip: list[Luma]) -> None:
    assert starts(seen(clip, held_by_hand())) == [0]


@pytest.mark.parametrize("way", ["cut", "faded", "another portrait"])
def test_where_another_shot_may_have_come_it_is_looked_for_in_the_middle_as_well(
    clip: list[Luma], way: str
) -> None:
    before = np.full((512, 512), 40, np.uint8)
    cv2.putText(before, "Part two", (60, 280), cv2.FONT_HERSHEY_SIMPLEX, 2.5, 230, 8)
    if way == "another portrait":
        before = lumas("kenji", 1)[0]
    shares = np.clip(np.linspace(-0.3, 2.7, FRAMES), 0, 1) if way == "faded" else np.repeat([0, 1], [8, 16])
    frames = [
        np.asarray((1 - share) * before + share * frame, np.uint8)
        for share, frame in zip(shares, seen(clip, travelling()), strict=True)
    ]
    assert starts(frames) == [0, 1]


def test_a_swaying_head_before_a_wall_is_no_picture_that_moves() -> None:
    assert not is_moving(lumas("tomas", FRAMES))


@pytest.mark.parametrize(("pixels", "moves"), [(1.0, False), (4.0, True)])
def test_a_picture_moves_from_a_drift_of_some_pixels_on(pixels: float, moves: bool) -> None:
    places = np.linspace(-pixels, pixels, 5)
    drift = (np.array([[1.0, 0, place], [0, 1, 0], [0, 0, 1]]) for place in places)
    assert is_moving(seen(lumas("tomas", 5), drift)) is moves


@pytest.mark.parametrize("flip", [1, -1])
def test_a_picture_seen_much_aslant_is_straightened(clip: list[Luma], flip: int) -> None:
    corners = np.array([[0, 0], [512, 0], [512, 512], [0, 512]], np.float32)
    moves = np.array([[77, 38], [-23, 0], [0, -31], [46, 0]], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, corners + moves)
    frames = [
        plane[:, ::flip] for plane in seen([plane[:, ::flip] for plane in clip[:6]], iter([matrix] * 6))
    ]
    reading = extraction(frames, per_second=PER_SECOND).readings[0]
    assert reading.payload == PAYLOAD
    assert is_same(reading.fingerprints, prints_of(clip)) is True
