"""The motion of a picture beside the recorded one: what is ours, in which order, how fast, and the mouth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from provenance.fingerprints.edit import EditKind
from provenance.fingerprints.motion.edits import motion_edits
from provenance.fingerprints.motion.fingerprint import MotionFingerprint, MouthBox, cells_filled
from provenance.fingerprints.motion.match import compare_motion
from provenance.fingerprints.motion.measuring import FOUND_RATE, FoundMotion, found_motion, motion_fingerprint
from provenance.fingerprints.record_fingerprints import RecordFingerprints, shows_square_alone
from tests.provenance.fingerprints.performances import (
    CELLS,
    MOUTH,
    Rows,
    performance,
    piece,
    recorded,
    seen,
)

OURS = performance(10, seed=1)
OTHER = performance(10, seed=2)  # of the same portrait
RECORD = recorded(OURS)
RECORD_EVERYWHERE = MotionFingerprint(np.arange(CELLS, dtype=np.uint8), np.zeros((0, CELLS), np.int8), MOUTH)


def edits(rows: Rows) -> list[tuple[EditKind, float, float]]:
    comparison = compare_motion(RECORD, seen(rows))
    found = motion_edits(RECORD, comparison, len(rows) / FOUND_RATE)
    assert comparison.mouths == ()
    return [(one.kind, one.start_s, one.end_s) for one in found]


def test_a_copy_with_noise_moves_as_ours_from_beginning_to_end() -> None:
    assert edits(OURS) == []


def test_a_slow_fade_of_the_light_is_no_edit() -> None:
    assert edits(OURS * np.linspace(0.9, 1.1, len(OURS), dtype=np.float32)[:, None]) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "kind", "place"),
    [
        (np.concatenate([piece(OURS, 0, 3), piece(OURS, 4.2, 10)]), EditKind.CUT, (3.0, 3.0)),
        (
            np.concatenate([piece(OURS, 0, 3), piece(OTHER, 2, 4), piece(OURS, 3, 10)]),
            EditKind.INSERTED,
            (3.0, 5.0),
        ),
        (
            np.concatenate([piece(OURS, 0, 3), piece(OTHER, 3, 5), piece(OURS, 5, 10)]),
            EditKind.REPLACED,
            (3.0, 5.0),
        ),
        (np.concatenate([piece(OURS, 7, 10), piece(OURS, 0, 7)]), EditKind.REORDERED, (0.0, 3.0)),
        (np.concatenate([OURS, OURS]), EditKind.REPEATED, (10.0, 20.0)),
        (np.concatenate([OURS, piece(OURS, 3, 6)]), EditKind.REPEATED, (10.0, 13.0)),
        (np.concatenate([piece(OURS, 3, 6), OURS]), EditKind.REPEATED, (0.0, 3.0)),
        (np.concatenate([piece(OURS, 0, 6), piece(OURS, 3, 10)]), EditKind.REPEATED, (6.0, 9.0)),
        (OURS[::-1], EditKind.REVERSED, (0.0, 10.0)),
        (OURS[(np.arange(200) * 1.25).astype(int)], EditKind.SPEED, (0.0, 8.0)),
        (
            np.concatenate([piece(OURS, 0, 3), np.repeat(piece(OURS, 3, 3.04), 50, 0), piece(OURS, 5, 10)]),
            EditKind.MUTED,
            (3.0, 5.0),
        ),
    ],
    ids=[
        "cut",
        "inserted",
        "replaced",
        "reordered",
        "joined to itself",
        "a piece once more behind",
        "a piece before",
        "a piece twice in a row",
        "reversed",
        "faster",
        "frozen",
    ],
)
def test_an_edit_is_named_with_its_place(rows: Rows, kind: EditKind, place: tuple[float, float]) -> None:
    ((found, start_s, end_s),) = edits(rows)
    assert found is kind
    assert (start_s, end_s) == pytest.approx(place, abs=0.3)


def at_tempo(rows: Rows, tempo: float) -> Rows:
    """The rows of a video that is played so many times as fast."""
    times = np.minimum(np.arange(round(len(rows) / tempo)) * tempo, len(rows) - 1)
    before = times.astype(int)
    share = (times - before)[:, None].astype(np.float32)
    after = np.minimum(before + 1, len(rows) - 1)
    return np.asarray(rows[before] * (1 - share) + rows[after] * share, np.float32)


@pytest.mark.parametrize("tempo", [0.982, 0.988, 0.993, 1.007, 1.012, 1.018])
@pytest.mark.parametrize("seed", [1, 3, 4])
def test_a_copy_that_runs_hardly_faster_moves_as_ours_mouth_and_all(tempo: float, seed: int) -> None:
    ours = performance(10, seed=seed)
    record, found = recorded(ours), seen(at_tempo(ours, tempo))
    comparison = compare_motion(record, found)
    assert comparison.mouths == ()
    assert motion_edits(record, comparison, found.duration_s) == []


@pytest.mark.parametrize("tempo", [0.95, 0.97, 1.03, 1.05])
def test_a_copy_that_runs_a_little_faster_is_told_with_its_speed(tempo: float) -> None:
    found = seen(at_tempo(OURS, tempo))
    comparison = compare_motion(RECORD, found)
    (edit,) = motion_edits(RECORD, comparison, found.duration_s)
    assert (edit.kind, comparison.mouths) == (EditKind.SPEED, ())
    assert edit.tempo == pytest.approx(tempo, rel=0.008)


def frozen(rows: Rows, start_s: float, seconds: float, *, every: int = 1) -> Rows:
    """Rows of which every few are shown, and one of them for so many seconds, as in a call that falters."""
    rows = rows[np.arange(len(rows)) // every * every].copy()
    stands = slice(round(start_s * FOUND_RATE), round((start_s + seconds) * FOUND_RATE))
    rows[stands] = rows[stands.start]
    return rows


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("seconds", [0.4, 0.6, 0.72, 0.8, 1.2])
@pytest.mark.parametrize("start_s", [2.0, 3.0, 4.52, 6.6, 8.0])
def test_a_picture_that_freezes_for_a_moment_is_no_other_one_and_has_no_other_mouth(
    start_s: float, seconds: float, every: int
) -> None:
    found = seen(frozen(OURS, start_s, seconds, every=every), noise=0.0)
    comparison = compare_motion(RECORD, found)
    assert comparison.mouths == ()
    told = motion_edits(RECORD, comparison, found.duration_s)
    assert {one.kind for one in told} <= {EditKind.MUTED}
    if seconds >= 0.72:
        (still,) = told
        assert (still.start_s, still.end_s) == pytest.approx((start_s, start_s + seconds), abs=0.3)


def test_a_frozen_picture_that_the_encoder_goes_on_improving_stands_still() -> None:
    draw = np.random.default_rng(4)
    rows = frozen(OURS, 3.0, 0.72)
    usual = float(np.median(np.abs(np.diff(OURS, axis=0)).max(axis=1)))
    stands = slice(round(3.0 * FOUND_RATE), round(3.72 * FOUND_RATE))
    rows[stands] += np.cumsum(draw.normal(0, 0.03 * usual, rows[stands].shape), axis=0).astype(np.float32)
    comparison = compare_motion(RECORD, seen(rows, noise=0.0))
    (still,) = motion_edits(RECORD, comparison, len(rows) / FOUND_RATE)
    assert (still.kind, comparison.mouths) == (EditKind.MUTED, ())


def test_another_mouth_is_told_beside_a_picture_that_freezes() -> None:
    rows = frozen(OURS, 2.0, 0.8)
    lips = RECORD_EVERYWHERE.mouth_cells
    rows[round(5 * FOUND_RATE) : round(7 * FOUND_RATE), lips] = piece(OTHER, 5, 7)[:, lips]
    ((start_s, end_s, *_),) = compare_motion(RECORD, seen(rows, noise=0.0)).mouths
    assert (start_s, end_s) == pytest.approx((5, 7), abs=0.5)


def test_another_mouth_is_told_right_behind_a_moment_that_stands_still() -> None:
    rows = frozen(OURS, 4.6, 0.6)
    lips = RECORD_EVERYWHERE.mouth_cells
    rows[round(5.2 * FOUND_RATE) : round(6.4 * FOUND_RATE), lips] = piece(OTHER, 5.2, 6.4)[:, lips]
    mouths = compare_motion(RECORD, seen(rows, noise=0.0)).mouths
    assert any(5 < start_s < end_s < 6.9 for start_s, end_s, *_ in mouths)


def slides(rows: Rows, held_s: float) -> Rows:
    """Ours, with still pictures from `rows` one after another in place of four seconds of it."""
    shown = OURS.copy()
    for start_s in np.arange(3, 7 - held_s / 2, held_s):
        first, end = round(start_s * FOUND_RATE), round((start_s + held_s) * FOUND_RATE)
        shown[first:end] = rows[first]
    return shown


@pytest.mark.parametrize("held_s", [0.32, 0.44, 0.52, 0.8, 1.2])
def test_still_pictures_of_something_else_one_after_another_are_no_stillness(held_s: float) -> None:
    rows = slides(performance(10, seed=2, portrait=1), held_s)
    (edit,) = motion_edits(RECORD, compare_motion(RECORD, seen(rows, noise=0.0)), 10.0)
    assert edit.kind is EditKind.REPLACED
    assert (edit.start_s, edit.end_s) == pytest.approx((3, 7), abs=0.5)


@pytest.mark.parametrize("held_s", [0.32, 0.44, 0.52, 0.8, 1.2])
def test_frames_of_ours_that_freeze_one_after_another_are_not_replaced(held_s: float) -> None:
    comparison = compare_motion(RECORD, seen(slides(OURS, held_s), noise=0.0))
    assert comparison.mouths == ()
    told = {one.kind for one in motion_edits(RECORD, comparison, 10.0)}
    assert not told & {EditKind.REPLACED, EditKind.INSERTED}


@pytest.mark.parametrize("levels", [8.2, 12.0, 20.0])
@pytest.mark.parametrize("seconds", [1.6, 3.0])
def test_a_mouth_that_speaks_on_in_a_picture_that_stands_still_is_no_stillness(
    seconds: float, levels: float
) -> None:
    """However little it moves from frame to frame."""
    rows, lips = frozen(OURS, 4.0, seconds), RECORD_EVERYWHERE.mouth_cells
    stands = slice(round(4.0 * FOUND_RATE), round((4.0 + seconds) * FOUND_RATE))
    spoken = OTHER[stands, lips] - OTHER[stands.start, lips]
    rows[stands, lips] += spoken * levels / np.abs(spoken).max()
    comparison = compare_motion(RECORD, seen(rows, noise=0.0))
    told = motion_edits(RECORD, comparison, len(rows) / FOUND_RATE)
    assert not comparison.still
    assert comparison.mouths or told
    if seconds < 2:
        assert comparison.mouths or {one.kind for one in told} == {EditKind.REPLACED}


@pytest.mark.parametrize("seed", [2, 5, 6])
@pytest.mark.parametrize(("held_s", "moving_s"), [(0.32, 0.56), (0.36, 0.56)])
def test_holds_do_not_hide_another_mouth(held_s: float, moving_s: float, seed: int) -> None:
    rows, lips = OURS.copy(), RECORD_EVERYWHERE.mouth_cells
    rows[75:200, lips] = performance(10, seed=seed)[75:200, lips]
    for start_s in np.arange(3, 8 - held_s, held_s + moving_s):
        rows = frozen(rows, float(start_s), held_s)
    mouths = compare_motion(RECORD, seen(rows, noise=0.0)).mouths
    assert sum(end_s - start_s for start_s, end_s, *_ in mouths) > 2.5
    assert all(2.6 < start_s < end_s < 8.4 for start_s, end_s, *_ in mouths)


@pytest.mark.parametrize(("held_s", "moving_s"), [(0.32, 0.56), (0.36, 0.56), (0.4, 0.4), (0.48, 0.32)])
def test_a_picture_that_falters_for_seconds_has_no_other_mouth(held_s: float, moving_s: float) -> None:
    rows = OURS
    for start_s in np.arange(3, 8 - held_s, held_s + moving_s):
        rows = frozen(rows, float(start_s), held_s)
    comparison = compare_motion(RECORD, seen(rows, noise=0.0))
    assert comparison.mouths == ()
    told = motion_edits(RECORD, comparison, len(rows) / FOUND_RATE)
    assert {one.kind for one in told} <= {EditKind.MUTED}


def test_a_stillness_in_a_reversed_picture_is_told_where_it_is_in_the_record() -> None:
    comparison = compare_motion(RECORD, seen(frozen(OURS[::-1], 3.2, 0.48), noise=0.0))
    (still,) = comparison.still
    assert still[:2] == pytest.approx((3.2, 3.68), abs=0.1)
    assert still[2:] == pytest.approx((10 - still[1], 10 - still[0]), abs=0.1)


def test_a_mouth_that_alone_stands_still_is_told() -> None:
    rows, lips = OURS.copy(), RECORD_EVERYWHERE.mouth_cells
    rows[round(5 * FOUND_RATE) : round(6.5 * FOUND_RATE), lips] = rows[round(5 * FOUND_RATE), lips]
    assert compare_motion(RECORD, seen(rows, noise=0.0)).mouths


@pytest.mark.slow
def test_another_performance_of_the_same_portrait_is_told_from_ours() -> None:
    comparison = compare_motion(RECORD, seen(OTHER))
    assert comparison.is_other
    assert comparison.stretches == ()


def test_a_still_picture_says_nothing() -> None:
    comparison = compare_motion(RECORD, seen(np.repeat(OURS[:1], 250, 0)))
    assert not comparison.is_other
    assert not comparison.is_compared


@pytest.mark.slow
@pytest.mark.parametrize("fps", [12.5, 8, 6, 5, 4])
def test_a_copy_with_fewer_frames_a_second_moves_as_ours(fps: float) -> None:
    comparison = compare_motion(RECORD, with_fewer_frames(OURS, fps))
    (one,) = comparison.stretches
    assert (one.start_s, one.end_s) == pytest.approx((0.0, 10.0), abs=0.3)
    assert comparison.mouths == ()


@pytest.mark.slow
@pytest.mark.parametrize("fps", [8, 7, 6, 5, 4, 3.5, 3, 2.5])
def test_how_long_a_frame_stays_is_measured_beside_the_rows_as_well(fps: float) -> None:
    found = with_fewer_frames(OURS, fps)
    assert found.held_s == pytest.approx(1 / fps, abs=0.02)
    assert found.has_few_frames


@pytest.mark.slow
@pytest.mark.parametrize("fps", [25, 15, 12.5, 10])
def test_ten_frames_a_second_are_not_few(fps: float) -> None:
    assert not with_fewer_frames(OURS, fps).has_few_frames


@pytest.mark.slow
@pytest.mark.parametrize("fps", [8, 6, 5, 4])
def test_another_performance_is_told_in_few_frames_as_well(fps: float) -> None:
    assert compare_motion(RECORD, with_fewer_frames(OTHER, fps)).is_other


@pytest.mark.parametrize("rows", [OURS, OTHER], ids=["ours", "another"])
@pytest.mark.parametrize("fps", [3.5, 3, 2.5, 2])
def test_nothing_is_said_of_the_motion_of_under_four_frames_a_second(rows: Rows, fps: float) -> None:
    comparison = compare_motion(RECORD, with_fewer_frames(rows, fps))
    assert not comparison.is_other
    assert not comparison.is_compared


def test_frames_that_are_encoded_several_times_over_are_few_frames() -> None:
    """A film at 25 frames a second of a call that stutters: what is repeated is not quite the same."""
    few = with_fewer_frames(OURS, 3)
    noise = np.random.default_rng(4).normal(0, 0.02, few.levels.shape).astype(np.float32)
    comparison = compare_motion(RECORD, replace(few, levels=few.levels + noise))
    assert not comparison.is_other
    assert comparison.mouths == ()


def test_a_picture_that_stands_still_for_a_while_does_not_have_few_frames() -> None:
    frozen = np.concatenate([piece(OURS, 0, 2), np.repeat(piece(OURS, 2, 2.04), 50, 0), piece(OURS, 4, 10)])
    assert seen(frozen).held_s == pytest.approx(1 / FOUND_RATE)


LONG = performance(24, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("tempo", [0.2, 0.25, 0.33, 0.4, 2.5, 3.0, 4.0])
def test_slow_motion_and_fast_forward_are_no_other_performance(tempo: float) -> None:
    """Where it is so slow that hardly anything moves, nothing is said."""
    comparison = compare_motion(recorded(LONG), seen(at_tempo(LONG[: 250 if tempo < 1 else 600], tempo)))
    assert not comparison.is_other
    assert comparison.mouths == ()
    if 0.3 < tempo < 3.5:
        (one,) = comparison.stretches
        assert one.change.tempo == pytest.approx(tempo, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("tempo", [0.25, 0.33, 2.5, 3.0])
def test_another_performance_in_slow_motion_is_not_ours(tempo: float) -> None:
    other = performance(24, seed=4)
    comparison = compare_motion(recorded(LONG), seen(at_tempo(other[: 250 if tempo < 1 else 600], tempo)))
    assert comparison.stretches == ()


# What editors put about a picture, each with cuts between brightnesses that no motion reaches.
ABOUT_A_CUT: dict[str, Rows] = {
    "behind a black title": np.concatenate([np.full((50, CELLS), 16, np.float32), OURS]),
    "between two titles": np.concatenate(
        [np.full((60, CELLS), 16, np.float32), OURS, np.full((80, CELLS), 235, np.float32)]
    ),
    "with flashes of white": np.concatenate(
        [part for at in range(5) for part in (piece(OURS, 2 * at, 2 * at + 2), np.full((3, CELLS), 235.0))]
    ).astype(np.float32),
}


@pytest.mark.parametrize("name", ABOUT_A_CUT)
def test_a_cut_does_not_make_a_file_one_of_few_frames(name: str) -> None:
    assert not seen(ABOUT_A_CUT[name]).has_few_frames


@pytest.mark.slow
@pytest.mark.parametrize("fps", [8, 6, 5, 4, 3])
@pytest.mark.parametrize("name", ABOUT_A_CUT)
def test_few_frames_about_a_cut_are_few_frames(name: str, fps: float) -> None:
    assert with_fewer_frames(ABOUT_A_CUT[name], fps).has_few_frames


@pytest.mark.parametrize("name", ABOUT_A_CUT)
def test_another_mouth_is_told_beside_a_cut(name: str) -> None:
    rows = ABOUT_A_CUT[name].copy()
    first = next(at for at in range(len(rows)) if rows[at].std() > 1)
    lips = RECORD_EVERYWHERE.mouth_cells
    rows[first + 25 : first + 100, lips] = OTHER[25:100, lips]
    if name == "with flashes of white":
        rows = ABOUT_A_CUT[name].copy()
        rows[53:103, lips] = OTHER[50:100, lips]
    assert compare_motion(RECORD, seen(rows)).mouths


def with_fewer_frames(rows: Rows, fps: float) -> FoundMotion:
    """The copy that shows fewer frames a second, each until the next."""
    times = np.arange(0, len(rows) / FOUND_RATE, 1 / fps)
    cells = [seen(rows).levels[int(time_s * FOUND_RATE)] for time_s in times]
    return found_motion(list(times), cells, len(rows) / FOUND_RATE, seen(rows).is_inside)


def test_a_frame_that_shakes_is_no_other_performance() -> None:
    draw = np.random.default_rng(3)
    shakes = draw.normal(0, 20, (len(OURS), 1)) * draw.normal(0, 1, (1, OURS.shape[1]))
    shaking = np.asarray(OURS + shakes, np.float32)
    assert not compare_motion(RECORD, seen(shaking)).is_other


def test_a_mouth_that_moves_otherwise_is_told_while_the_rest_is_ours() -> None:
    rows, lips = OURS.copy(), np.zeros(OURS.shape[1], np.bool_)
    lips[RECORD.cells[RECORD.mouth_cells]] = True
    rows[75:125, lips] = OTHER[75:125, lips]
    comparison = compare_motion(RECORD, seen(rows))
    assert [(one.start_s, one.end_s) for one in comparison.stretches] == [(0.0, 10.0)]
    ((start_s, end_s, *_),) = comparison.mouths
    assert (start_s, end_s) == pytest.approx((3, 5), abs=0.5)


def test_a_mouth_that_follows_the_head_and_speaks_otherwise_is_told() -> None:
    """A mouth that was pasted in moves with the head that it was pasted onto, and by chance as ours."""
    rows, lips = OURS.copy(), np.zeros(OURS.shape[1], np.bool_)
    lips[RECORD.cells[RECORD.mouth_cells]] = True
    rows[75:125, lips] = 0.5 * OURS[75:125, lips] + 0.5 * OTHER[75:125, lips]
    ((start_s, end_s, *_),) = compare_motion(RECORD, seen(rows)).mouths
    assert (start_s, end_s) == pytest.approx((3, 5), abs=0.5)


@pytest.mark.parametrize("noise", [1.0, 3.0, 6.0])
def test_a_mouth_of_ours_under_noise_is_ours(noise: float) -> None:
    assert compare_motion(RECORD, seen(OURS, noise=noise)).mouths == ()


def test_a_fingerprint_comes_back_from_its_bytes() -> None:
    back = MotionFingerprint.from_bytes(RECORD.to_bytes())
    assert np.array_equal(back.levels, RECORD.levels)
    assert np.array_equal(back.cells, RECORD.cells)
    assert np.array_equal(back.mouth_cells, RECORD.mouth_cells)


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-9], lambda data: b"\x03" + data[1:], lambda data: b"\x01"]
)
def test_damaged_bytes_are_refused(spoil) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        MotionFingerprint.from_bytes(spoil(RECORD.to_bytes()))


WIDE = (1280, 720)


def wide(seed: int) -> Rows:
    """A performance in a picture of two blocks."""
    return np.concatenate([performance(6, seed), performance(6, seed, portrait=1)], axis=1)


WIDE_RECORD = motion_fingerprint(list(wide(1)), FOUND_RATE, MouthBox(0.7, 0.5, 0.85, 0.7), WIDE)


@pytest.mark.parametrize("size", [WIDE, WIDE[::-1]])
def test_cells_of_all_the_picture_come_back_from_their_bytes(size: tuple[int, int]) -> None:
    record = motion_fingerprint(list(wide(1)), FOUND_RATE, MouthBox(0.2, 0.2, 0.4, 0.4), size)
    back = MotionFingerprint.from_bytes(record.to_bytes())
    assert back.size == size
    assert np.array_equal(back.cells, record.cells)
    assert {0, 1} == set(back.cells // 256)
    assert cells_filled(size)[back.cells].all()
    assert np.array_equal(back.levels, record.levels)
    assert np.array_equal(back.mouth_cells, record.mouth_cells)


def test_a_square_is_written_as_by_the_version_before() -> None:
    data = RECORD.to_bytes()
    assert data[0] == 1
    assert data[14 : 14 + data[5]] == bytes(RECORD.cells.astype(np.uint8))


@pytest.mark.parametrize("block", [(0, 0), (1, 0)])
def test_whichever_block_a_mark_is_read_at_a_wide_copy_is_ours(block: tuple[int, int]) -> None:
    comparison = compare_motion(WIDE_RECORD, seen(wide(1), wide=WIDE, block=block))
    assert (comparison.block, len(comparison.stretches), comparison.mouths) == (block, 1, ())


def test_another_performance_is_called_that_where_all_of_a_wide_video_is_shown() -> None:
    assert compare_motion(WIDE_RECORD, seen(wide(2), wide=WIDE)).is_other


def test_it_is_not_called_that_where_a_part_is_shown_that_may_be_another() -> None:
    found = seen(wide(2), wide=WIDE)
    only_left = replace(
        found, is_inside=found.is_inside & (np.arange(512) < 256) & (np.arange(512) % 16 < 15)
    )
    few = replace(WIDE_RECORD, cells=WIDE_RECORD.cells[-40:], levels=WIDE_RECORD.levels[:, -40:])
    comparison = compare_motion(few, only_left)
    assert (comparison.is_other, comparison.is_compared) == (False, False)


def test_of_a_wide_record_from_before_nothing_is_compared() -> None:
    data = bytearray(RecordFingerprints(motion=RECORD).to_bytes())
    place = data.index(RECORD.to_bytes()) + 10
    data[place : place + 4] = (1280).to_bytes(2, "big") + (720).to_bytes(2, "big")
    assert RecordFingerprints.from_bytes(bytes(data)).motion is None
    assert shows_square_alone(bytes(data))
    assert not shows_square_alone(RecordFingerprints(motion=WIDE_RECORD).to_bytes())
    assert not shows_square_alone(RecordFingerprints(motion=RECORD).to_bytes())
    assert not any(shows_square_alone(other) for other in (b"", b"\x07"))


def test_where_a_frame_is_shown_for_long_by_itself_nobody_looked_at_more() -> None:
    times = [at_s for at_s in np.arange(len(OURS)) / FOUND_RATE if not 4 < at_s < 6]
    rows = [OURS[round(at_s * FOUND_RATE)] for at_s in times]
    found = found_motion(times, rows, 10.0, np.ones(CELLS, np.bool_))
    assert found.held == ((4.0, 6.0),)
    assert seen(OURS).held == ()
