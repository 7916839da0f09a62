"""What a search computes in a quick form is what the plain form says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from provenance.watermark.carrier.pattern import HIGHEST, LOWEST, PERIOD, PILOT_PERIOD, carriers_of
from provenance.watermark.carrier.rectification import (
    corners_of,
    folded,
    linear,
    mapped,
    rectified,
    step_for,
    within_pilot_period,
)
from provenance.watermark.carrier.shifts import agreement, agreement_around, all_shifts, highest, shifts_at
from provenance.watermark.carrier.spectrum import Alignment, measure_carriers, pilot_score, whitened
from provenance.watermark.synchronisation import (
    candidates,
    extent,
    moving_parts,
    payload_search,
    refinement,
    search,
)
from provenance.watermark.synchronisation.camera_motion import FEW, CornerFollower
from provenance.watermark.synchronisation.rectangles import richest
from provenance.watermark.synchronisation.synchroniser import Synchroniser
from tests.provenance.watermark.marked import KEY, lumas

pytestmark = pytest.mark.slow

CARRIERS = carriers_of(KEY)
RNG = np.random.default_rng(3)
PLANE = RNG.normal(size=(PERIOD, PERIOD)).astype(np.float32)


@pytest.mark.parametrize(("bits", "grid", "highest"), [(256, 96, 0.075), (64, 192, 1.0)])
def test_the_energy_of_many_coded_bits_is_that_of_each(bits: int, grid: int, highest: float) -> None:
    values = whitened(PLANE, payload_search.NOISE_REACH)
    found = payload_search._energies(values, CARRIERS, bits, grid, highest)
    data = CARRIERS.data
    is_used = np.repeat(np.hypot(*data.T) <= highest * PERIOD, 2) & (CARRIERS.slots < bits)
    at = values[data[:, 1], data[:, 0] % PERIOD] * CARRIERS.data_weights
    power = 2 * (np.abs(np.repeat(at, 2))[is_used] ** 2).sum()
    for y, x in ((0, 0), (5, grid - 2), (grid // 2, 7)):
        still = at * np.exp(-2j * np.pi * (data @ (x, y)) / grid)
        chips = 2 * np.stack([still.real, still.imag], axis=1).reshape(-1) * CARRIERS.signs * is_used
        each = np.bincount(CARRIERS.slots, chips, 256)
        assert found[y, x] == pytest.approx(((each**2).sum() / power - 1) * np.sqrt(bits / 2), abs=1e-3)


def test_the_payloads_energy_is_that_of_its_soft_bits() -> None:
    spectrum = measure_carriers(PLANE, CARRIERS)
    x, y = np.array([3.5, 70.0, 4.25]), np.array([9.0, 1.5])
    plain = np.array(
        [
            [(spectrum.soft_bits(Alignment(0.0, (left, top), is_rotated=False))[0] ** 2).sum() for left in x]
            for top in y
        ]
    )
    quick = spectrum.payload_energies(x, y)
    assert quick / quick[0, 0] == pytest.approx(plain / plain[0, 0], rel=1e-4)


def test_the_pilots_score_is_that_of_its_carriers_at_the_best_shift() -> None:
    spectrum = search.spectrum_of(PLANE)
    matrices = np.array([np.eye(2), [[0.9, 0.1], [-0.2, 1.1]], np.diag([0.31, 0.31])])
    size, shifts = len(spectrum.values), all_shifts(search.SHIFTS)
    whole = np.zeros((size, size), np.complex64)
    whole[:, : size // 2 + 1] = spectrum.values
    left = np.arange(size // 2 + 1, size)
    whole[:, left] = spectrum.values[(-np.arange(size)) % size][:, size - left].conj()
    for matrix, score in zip(matrices, search.coherent(spectrum, CARRIERS, matrices), strict=True):
        seen = CARRIERS.pilot / PERIOD @ np.linalg.inv(matrix)
        x, y = np.rint(seen * size).astype(int).T
        at = whole[y % size, x % size] * (np.abs(seen) <= search.HIGHEST_SEEN).all(1)
        best = 0.0
        for way in (at, at.conj()):
            products = way * CARRIERS.pilot_phases.conj() * CARRIERS.pilot_weights
            best = max(best, float(np.abs(agreement(products[None], CARRIERS, shifts)).max()))
        assert score == pytest.approx(best / np.sqrt((np.abs(products) ** 2).sum() / 2), rel=1e-3)


def test_the_greatest_agreement_at_any_shift_is_that_of_all_of_them() -> None:
    products = (RNG.normal(size=(5, 120)) + 1j * RNG.normal(size=(5, 120))).astype(np.complex64)
    surfaces = agreement(products, CARRIERS, all_shifts(search.SHIFTS))
    found = highest(products, CARRIERS, search.SHIFTS)
    assert found == pytest.approx(np.abs(surfaces).max((1, 2)), rel=1e-4)


def test_the_agreement_around_a_shift_is_that_at_each() -> None:
    products = (RNG.normal(size=(3, 120)) + 1j * RNG.normal(size=(3, 120))).astype(np.complex64)
    steps = np.arange(-5, 6) / 2
    plain = agreement(products, CARRIERS, shifts_at(31.5 + steps, -70.0 + steps))
    found = agreement_around(products, CARRIERS, np.array([31.5, -70.0]), 5, 0.5)
    assert found == pytest.approx(plain, abs=1e-3)


def test_the_power_of_transforms_is_summed_where_their_lines_are() -> None:
    spectrum = search.spectrum_of(PLANE)
    matrices = candidates.common_candidates(PLANE.shape)[::200]
    found = candidates._power_at(spectrum.power, CARRIERS.pilot, matrices)
    for matrix, power in zip(matrices, found, strict=True):
        x, y = np.rint(CARRIERS.pilot / PERIOD @ np.linalg.inv(matrix) * 1024).astype(int).T
        x, y = np.where(x < 0, -x, x), np.where(x < 0, -y, y) % 1024
        assert power == pytest.approx(spectrum.power[y, x].sum(), abs=6)  # one line may be rounded otherwise


def test_a_spectrum_is_that_of_the_plane_around_its_middle() -> None:
    plane = PLANE[:301, :256]
    found = search.spectrum_of(plane).values
    sheet = np.zeros((1024, 1024))
    sheet[:301, :256] = plane
    plain = np.fft.rfft2(np.roll(sheet, (-150, -128), (0, 1)))
    assert np.angle(found * plain.conj())[np.abs(plain) > 1] == pytest.approx(0, abs=1e-3)
    assert 0.8 < (np.abs(found) ** 2).mean() < 1.2


@pytest.mark.parametrize("rows", [6, 7])
def test_medians_and_inverses_are_the_librarys(rows: int) -> None:
    values = RNG.normal(size=(rows, 4)).astype(np.float32)
    before = values.copy()
    assert np.array_equal(candidates._median_of_columns(values), np.median(values, axis=0))
    assert np.array_equal(values, before)
    matrices = RNG.normal(size=(5, 2, 2))
    assert candidates.inverted(matrices) == pytest.approx(np.linalg.inv(matrices))


def test_a_plane_that_lies_as_it_was_marked_is_taken_as_it_is() -> None:
    canvas, origin = rectified(PLANE, linear(np.eye(2)))
    assert np.array_equal(canvas, PLANE)
    assert origin == (0, 0)


def test_the_pilots_lattice_in_windows_is_that_of_their_transforms() -> None:
    hop, reach = refinement.HOP, refinement._REACH
    found = refinement._window_spectra(PLANE[:320, :260])
    assert found.shape == (4, reach, 3, 2 * reach + 1)
    columns = np.arange(-reach, reach + 1) % PILOT_PERIOD
    for row, column in ((0, 0), (3, 2), (1, 1)):
        window = PLANE[row * hop :, column * hop :][:PILOT_PERIOD, :PILOT_PERIOD]
        plain = np.fft.fft2(window)[1 : reach + 1][:, columns]
        assert np.abs(found[row, :, column] - plain).max() < 1e-2


def test_geometries_that_differ_by_periods_of_the_pilot_show_the_same_pilot() -> None:
    geometry = np.array([[0.8, 0.05, 31.0], [-0.04, 0.85, -70.5], [1e-5, -2e-5, 1.0]])
    further = np.eye(3)
    further[:2, 2] = 3 * PILOT_PERIOD, -2 * PILOT_PERIOD
    one, other = within_pilot_period(geometry), within_pilot_period(geometry @ further)
    assert other == pytest.approx(one, abs=1e-9)
    sheets = [folded(*rectified(PLANE, at), PILOT_PERIOD) for at in (geometry, one)]
    assert np.abs(sheets[0] - sheets[1]).max() < 1e-2


@pytest.mark.parametrize("matrix", [np.eye(2) * 0.5, [[0.6, 0.1], [-0.12, 0.55]]])
def test_every_second_pixel_of_a_small_picture_shows_its_carriers_as_well_as_all(
    matrix: list[list[float]],
) -> None:
    seen = np.mgrid[0:400, 0:400][::-1].reshape(2, -1).T @ np.linalg.inv(np.array(matrix)).T
    waves = np.exp(2j * np.pi * (seen @ CARRIERS.pilot.T) / PERIOD) * CARRIERS.pilot_phases
    plane = (waves.real @ CARRIERS.pilot_weights).reshape(400, 400) + RNG.normal(size=(400, 400)) * 15
    geometry = linear(np.array(matrix))
    assert step_for(geometry) == 2
    found = []
    for step in (1, 2):
        canvas, origin = rectified(plane.astype(np.float32), geometry, is_quick=True, step=step)
        alignment = measure_carriers(folded(canvas, origin, step=step), CARRIERS).align()
        of_pilot = pilot_score(folded(canvas, origin, PILOT_PERIOD, step), CARRIERS)
        bent = refinement.correction(canvas, origin, CARRIERS, alignment, step)
        found.append((alignment.score, of_pilot, mapped(corners_of((900, 900)), bent)))
        assert alignment.score > 8
        assert np.abs((np.array(alignment.shift) + 64) % 128 - 64).max() <= 0.5
    assert found[1][0] == pytest.approx(found[0][0], rel=0.1)
    assert found[1][1] == pytest.approx(found[0][1], rel=0.1)
    assert np.abs(found[1][2] - found[0][2]).max() < 3


@pytest.mark.parametrize("shape", [(503, 541), (512, 512)])
def test_a_canvas_of_any_length_is_flattened_as_it_is_by_itself(shape: tuple[int, int]) -> None:
    canvas = cv2.GaussianBlur(RNG.normal(size=shape), (0, 0), 1.5).astype(np.float32)
    values = np.fft.rfft2(canvas)
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None])
    for low in np.linspace(LOWEST, HIGHEST, extent._RINGS + 1)[:-1]:
        ring = (radius >= low) & (radius < low + (HIGHEST - LOWEST) / extent._RINGS)
        values[ring] /= np.sqrt((np.abs(values[ring]) ** 2).mean())
    values[(radius < LOWEST) | (radius >= HIGHEST)] = 0
    even = np.fft.irfft2(values, s=shape)
    found = extent._flattened(canvas)
    assert np.corrcoef(found.reshape(-1), even.reshape(-1))[0, 1] > 0.97


def test_planes_that_are_sampled_together_are_those_sampled_one_by_one() -> None:
    planes = RNG.normal(size=(300, 280, 3)).astype(np.float32)
    geometry = np.array([[0.8, 0.05, 31.0], [-0.04, 0.85, -70.5], [1e-5, -2e-5, 1.0]])
    together, origin = rectified(planes, geometry, is_quick=True)
    for number in range(3):
        alone, begin = rectified(planes[:, :, number].copy(), geometry, is_quick=True)
        assert begin == origin
        assert together[:, :, number] == pytest.approx(alone, abs=1e-5)
        sheets = folded(together, origin, PILOT_PERIOD)
        assert sheets[:, :, number] == pytest.approx(folded(alone, begin, PILOT_PERIOD), abs=1e-3)


def test_the_spectrum_of_a_mirrored_sheet_is_the_mirrored_one() -> None:
    mirrored = -np.arange(PERIOD) % PERIOD
    plain = whitened(PLANE, payload_search.NOISE_REACH)
    found = whitened(np.ascontiguousarray(PLANE[:, mirrored]), payload_search.NOISE_REACH)
    assert np.abs(found - plain[:, mirrored]).max() < 1e-3


@pytest.mark.parametrize("matrix", [np.eye(2) * 0.8, [[0.96, 0.06], [-0.06, 0.96]], np.diag([-0.9, 1.2])])
def test_a_pilot_that_stands_out_is_found_among_the_few_likeliest_transforms(
    matrix: list[list[float]],
) -> None:
    seen = np.mgrid[0:400, 0:400][::-1].reshape(2, -1).T @ np.linalg.inv(np.array(matrix)).T
    waves = np.exp(2j * np.pi * (seen @ CARRIERS.pilot.T) / PERIOD) * CARRIERS.pilot_phases
    plane = (waves.real @ CARRIERS.pilot_weights).reshape(400, 400) + RNG.normal(size=(400, 400)) * 3
    synchroniser = Synchroniser(plane.astype(np.float32))
    everywhere = next(synchroniser.searched(CARRIERS))
    (best,) = synchroniser.likeliest(CARRIERS, 1)
    for found in (best, everywhere):
        # A turn by half is told by the reader.
        apart = min(np.abs(sign * found[:2, :2] - np.array(matrix)).max() for sign in (1, -1))
        assert apart < 0.01


@pytest.mark.parametrize("origin", [(0, 0), (-130, 700), (500, 3)])
@pytest.mark.parametrize("shape", [(400, 512), (700, 300), (1000, 1024), (1025, 1600), (200, 300, 2)])
def test_each_pixel_of_a_canvas_is_folded_to_its_place_in_the_period(
    shape: tuple[int, ...], origin: tuple[int, int]
) -> None:
    canvas = RNG.normal(size=shape).astype(np.float32)
    plain = np.zeros((PERIOD, PERIOD, *shape[2:]))
    rows, columns = (np.arange(side) + begin for side, begin in zip(shape, origin[::-1], strict=False))
    np.add.at(plain, np.ix_(rows % PERIOD, columns % PERIOD), canvas)
    assert folded(canvas, origin) == pytest.approx(plain, abs=1e-5)


def test_only_cells_of_which_no_rectangle_holds_enough_are_called_scattered() -> None:
    is_scattered = []
    for number in range(60):
        cells = RNG.normal(0, 0.02 + 0.01 * number, (48, 48)).astype(np.float32)
        cells[10:34, 12:40] += 2
        left, top, right, bottom = richest(cells)
        held = cells[top:bottom, left:right].sum() / np.maximum(cells, 0).sum()
        is_scattered.append(moving_parts._is_scattered(cells))
        assert held < moving_parts.LEAST_HELD or not is_scattered[-1]
    assert moving_parts._is_scattered(RNG.normal(size=(48, 48)).astype(np.float32))
    assert not is_scattered[0]


def test_corners_that_are_followed_after_some_of_them_are_those_followed_at_once() -> None:
    before, after = lumas("maya", 12)[::11]
    follower = CornerFollower(before)
    views = follower._reduced(after)
    some = [follower._ends(kind, view, slice(None, None, FEW)) for kind, view in enumerate(views)]
    at_once = [follower._ends(kind, view, slice(None)) for kind, view in enumerate(views)]
    for found, expected in zip(
        follower._all_found(views, some), follower._found(at_once, slice(None)), strict=True
    ):
        assert len(found) > 200
        assert np.array_equal(found, expected)
