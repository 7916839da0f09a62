"""Extracts the watermark from frames: their residuals are summed, aligned and decoded, key by key."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np
from numpy.typing import NDArray

from provenance.watermark.attempts import (
    GAIN,
    SURE_PILOT,
    UPRIGHT,
    aslant,
    by_second,
    carrier_spectrum,
    read_bent,
    to_sum,
)
from provenance.watermark.carrier.arrays import Plane
from provenance.watermark.carrier.pattern import PILOT_PERIOD, carriers_of
from provenance.watermark.carrier.rectification import Geometry, folded, rectified, within_pilot_period
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import measured, pilot_score, values_of
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.content.fingerprint import fingerprint_of_found
from provenance.watermark.content.fingerprint_match import CELLS
from provenance.watermark.identification.reading import (
    FARTHEST,
    Extraction,
    MarkedRegion,
    WatermarkReading,
)
from provenance.watermark.search_plan import MOST_S, attempts
from provenance.watermark.synchronisation.camera_motion import is_moving
from provenance.watermark.synchronisation.extent import Extent, marked_extent, part_about
from provenance.watermark.synchronisation.framing import is_large_enough
from provenance.watermark.synchronisation.period import (
    covers_several,
    held_quadrants,
    marked_periods,
    start_of_period,
)
from provenance.watermark.synchronisation.synchroniser import whole_frame
from provenance.watermark.synchronisation.tracking import Tracker, moved
from provenance.watermark.synchronisation.travelling import travelling
from provenance.watermark.windows import covered, of_frames

SMALLEST_SIDE = 96  # frames below hold nothing that could be judged
LEAST_REST = 0.2  # of the frame, in which another marked picture may lie
# Processor seconds after which the rest is not looked at, nor another reading of a word that is known.
MOST_BEFORE_REST_S = 4.0
# And after which no picture is looked for that travels within the frame.
MOST_BEFORE_WINDOWS_S = 7.0
PAINT = np.uint8(128)
WORTH_KEEPING = 9.0  # a reading's ranking score, near which the record may be found by searching the ids
SAMPLED_TOGETHER = 4  # planes, which takes half as long as one after the other
PILOT_OF_A_SECOND = 4.5  # by chance with probability 4e-5 at most


class Extractor:
    """Takes luma frames of one size, then reads the marks of one or several keys from them."""

    def __init__(self, *, is_window: bool = False) -> None:
        """`is_window`: the frames are windows about one picture, in which no other is looked for."""
        self._is_window = is_window
        self._sum: ResidualSum | None = None
        self._tracker: Tracker | None = None
        self._laid: dict[int, Plane] = {}  # seconds whose frames are laid onto each other along this path
        self._laid_along: dict[int, tuple[Geometry, ...]] = {}
        self._laid_total: Plane | None = None  # the mean of all of them
        self._told: list[tuple[WatermarkReading, Geometry, tuple[int, ...]]] = []

    def add(self, luma: NDArray[np.uint8], second: int = 0) -> None:
        """Add an (H, W) uint8 luma frame shown in a second of the clip.

        Frames of another size than the first, or too small to judge, are passed over.
        """
        if min(luma.shape) < SMALLEST_SIDE:
            return
        if self._sum is None:
            self._sum = ResidualSum(*luma.shape)
        if luma.shape == self._sum.frame_shape:
            self._sum.add(luma, second)

    def seems_marked(self, keys: Sequence[WatermarkKey]) -> bool:
        """Whether frames that lie as they were made, or scaled as a whole, show a pilot; a first look."""
        if self._sum is None:
            return False
        total = self._sum.total()
        sheets = [measured(folded(*rectified(total, one))) for one in islice(whole_frame(total.shape), 2)]
        return any(
            abs(values_of(sheet, carriers_of(key)).pilot_score()) >= PILOT_OF_A_SECOND
            for sheet in sheets
            for key in keys
        )

    def read(
        self, keys: Sequence[WatermarkKey], *, has_cuts: bool = False, most_s: float = MOST_S
    ) -> Extraction:
        """Look for the marks of `keys`, the likeliest first. Ends at a payload read beyond doubt.

        `has_cuts`: the frames are from many shots. `most_s`: processor seconds after which nothing more is
        begun, also in windows and in the rest of the frames. What was not looked at is noted.
        """
        result, begun = Extraction(), time.process_time()
        self._told = []
        if self._sum is None:
            return result
        result.frames_read = self._sum.frames
        self._search(keys, result, has_cuts=has_cuts, most_s=most_s)
        found, result.readings = result.readings, []
        for reading in found:
            known = {one.payload for one in result.readings if one.payload is not None}
            if reading.payload in known and time.process_time() - begun > MOST_BEFORE_REST_S:
                continue
            for one in self._apart(self._settled(reading, keys, result), keys, result):
                result.keep(one)
        if self._is_window:
            return result
        if not has_cuts:
            if (took_s := time.process_time() - begun) < min(MOST_BEFORE_WINDOWS_S, most_s):
                self._keep_travelling(keys, result, most_s - took_s)
            elif not self._is_filled(result):
                result.is_everywhere = False
        if (took_s := time.process_time() - begun) < min(MOST_BEFORE_REST_S, most_s):
            for one in self._in_the_rest(keys, result, most_s - took_s):
                result.keep(one)
        elif result.has_word and not self._is_filled(result):
            result.is_everywhere = False
        return result

    def words(self, keys: Sequence[WatermarkKey]) -> list[WatermarkReading]:
        """The readings that give a payload, best first, without where they lie, when and what they show.

        For whoever made the frames and knows: to measure it takes ten times as long as reading.
        """
        result = Extraction()
        if self._sum is not None:
            self._search(keys, result)
        return [reading for reading in result.readings if reading.payload is not None]

    def _search(
        self,
        keys: Sequence[WatermarkKey],
        result: Extraction,
        *,
        has_cuts: bool = False,
        most_s: float = MOST_S,
    ) -> None:
        """Keep what is read, the likeliest first; ends at a payload read beyond doubt."""
        assert self._sum is not None  # noqa: S101
        pending: list[WatermarkReading] = []
        for reading in attempts(self._sum, keys, result, has_cuts=has_cuts, most_s=most_s):
            if reading.pilot >= SURE_PILOT and (decoded := _decoded([reading], keys)[0]).payload:
                result.keep(decoded)
                break
            pending.append(reading)
        for reading in _decoded(pending, keys):
            result.keep(reading)

    def read_near(self, geometry: Geometry, number: int, keys: Sequence[WatermarkKey]) -> Extraction:
        """What the frames hold under the key with this number at a geometry, or very near it, and no more.

        Its pilot does not count: the geometry was chosen for what it shows.
        """
        result = Extraction()
        self._told = []
        if self._sum is None:
            return result
        result.frames_read = self._sum.frames
        result.is_judged = is_large_enough(self._sum.mean_picture())
        tried = list(read_bent(self._sum.total(), to_sum(self._sum) @ geometry, number, keys[number], result))
        to_file = np.linalg.inv(to_sum(self._sum))
        for reading in _decoded([replace(one, geometry=to_file @ one.geometry) for one in tried], keys):
            if reading.payload is not None or reading.ranking_score >= WORTH_KEEPING:
                result.keep(reading)
        found, result.readings = result.readings, []
        for reading in found:
            for one in self._apart(reading, keys, result):
                result.keep(one)
        return result

    def fit(self, payload: WatermarkPayload, key: WatermarkKey) -> tuple[float, float]:
        """The pilot's score and the payload's, if the frames are just as they were marked; 0 without any."""
        if self._sum is None:
            return 0.0, 0.0
        spectrum = carrier_spectrum(self._sum.total(), next(whole_frame(self._sum.shape)), key)
        signs = 2.0 * error_correction.encode(payload.to_bits(key)) - 1.0
        return spectrum.pilot_score(), float(spectrum.soft_bits(UPRIGHT)[0] @ signs)

    def fit_by_second(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> dict[int, tuple[float, float]]:
        """The pilot's score and that of a reading's payload in each second, where the reading found it."""
        if self._sum is None or reading.payload is None:
            return {}
        key, place = keys[reading.key], to_sum(self._sum) @ reading.geometry
        signs = 2.0 * error_correction.encode(reading.payload.to_bits(key)) - 1.0
        way = -1.0 if reading.is_inverted else 1.0
        found = {}
        for second in self._sum.seconds:
            spectrum = carrier_spectrum(self._plane_of(second, reading), place, key)
            word = float(spectrum.soft_bits(UPRIGHT)[0] @ signs)
            found[second] = way * spectrum.pilot_score(), way * word
        return found

    def _apart(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> Iterator[WatermarkReading]:
        """A reading at the picture that carries it, and those of other marked pictures in the same frame.

        Where it lies among several pictures may stay unknown. Then it has no fingerprints: they might show
        another one.
        """
        assert self._sum is not None  # noqa: S101
        total, in_sum = self._total_of(reading), to_sum(self._sum)
        if not covers_several(total.shape, in_sum @ reading.geometry):
            yield self._completed(reading, keys, total)
            return
        marked = []
        if reading.payload is not None or reading.pilot >= SURE_PILOT:
            carriers = carriers_of(keys[reading.key])
            marked = marked_periods(
                total, in_sum @ reading.geometry, carriers, is_inverted=reading.is_inverted
            )
            result.attempts += len(marked)
        pictures = _decoded(
            [
                replace(
                    reading,
                    pilot=period.pilot,
                    soft_bits=period.soft_bits,
                    geometry=np.linalg.inv(in_sum) @ period.geometry,
                )
                for period in marked
            ],
            keys,
        )
        own = [one for one in pictures if one.payload == reading.payload] or pictures
        if own:
            reading = replace(reading, geometry=own[0].geometry)
        yield self._completed(reading, keys, total, is_place_known=bool(own))
        others = {one.payload: one for one in pictures if one.payload not in (None, reading.payload)}
        for other in others.values():
            yield self._completed(other, keys, total)

    def _is_filled(self, result: Extraction) -> bool:
        """Whether a picture with a word fills the frames, so that no other can lie in them."""
        assert self._sum is not None  # noqa: S101
        words = (one for one in result.readings if one.payload is not None)
        return any(covered([one], self._sum.shape).mean() > 1 - LEAST_REST for one in words)

    def _keep_travelling(self, keys: Sequence[WatermarkKey], result: Extraction, most_s: float) -> None:
        """Look into windows that travel with a smaller picture, if there is one, for the marks in it.

        Where it travels depends on no key, but the windows are more places: the pilot in them does not count
        for the answer, and each row of soft bits counts among the tests. A word that was read as if the
        picture stood still is read better there.
        """
        assert self._sum is not None  # noqa: S101
        words = [one for one in result.readings if one.payload is not None]
        if self._is_filled(result):
            return
        travel = travelling(self._sum.lumas, self._sum.shown)
        if travel is None:
            return
        windows = Extractor(is_window=True)
        for number in travel.seen:
            windows.add(travel.cut(self._sum.lumas[number], number), self._sum.shown[number])
        found = windows.read(keys, most_s=most_s)
        result.attempts += found.attempts
        result.is_everywhere &= found.is_everywhere
        for one in found.readings:
            if one.payload is None and one.ranking_score < WORTH_KEEPING:
                continue
            before = [other for other in words if other.payload == one.payload]
            if any(
                len(other.regions) > len(one.regions) or other.ranking_score >= one.ranking_score
                for other in before
            ):
                continue  # windows that travel with a head, before a wall that carries the mark
            result.readings = [other for other in result.readings if other not in before]
            to_file = np.asarray(np.linalg.inv(to_sum(self._sum)), np.float64)
            result.keep(of_frames(one, travel, self._sum.shown, self._sum.shape, to_file))

    def _in_the_rest(
        self, keys: Sequence[WatermarkKey], result: Extraction, most_s: float
    ) -> list[WatermarkReading]:
        """Marks in what is left of the frames beside the pictures that were found.

        Another picture may lie in another way than the first, as in the halves of a duet. Its mark is looked
        for with the first ones painted over.
        """
        assert self._sum is not None  # noqa: S101
        words = [one for one in result.readings if one.payload is not None and not one.path]
        taken = covered(words, self._sum.shape)
        if not taken.any() or taken.mean() > 1 - LEAST_REST:
            return []
        rest = Extractor()
        for luma, second in zip(self._sum.lumas, self._sum.shown, strict=True):
            rest.add(np.where(taken == 1, PAINT, luma), second)
        found = rest.read(keys, most_s=most_s)
        result.attempts += found.attempts
        result.is_everywhere &= found.is_everywhere
        known = {one.payload for one in words}
        to_file = np.linalg.inv(to_sum(self._sum))
        return [
            replace(one, geometry=to_file @ one.geometry, path={})
            for one in found.readings
            if one.payload is not None and one.payload not in known
        ]

    def _completed(
        self,
        reading: WatermarkReading,
        keys: Sequence[WatermarkKey],
        total: Plane,
        *,
        is_place_known: bool = True,
    ) -> WatermarkReading:
        """The reading with the seconds that carry it, where the marked picture lies in `total`, and what it
        shows. No fingerprints where its place is not known: they might be of another picture.
        """
        assert self._sum is not None  # noqa: S101
        in_sum, key = to_sum(self._sum), keys[reading.key]
        carriers, geometry = carriers_of(key), in_sum @ reading.geometry
        extent: Extent | None = None
        marked: NDArray[np.bool_] | None = None
        if reading.payload is not None:
            signs = 2.0 * error_correction.encode(reading.payload.to_bits(key)) - 1.0
            upright = -total if reading.is_inverted else total
            found = marked_extent(upright, geometry, carriers, signs)
            if found is not None:
                extent, geometry, cells = found
                period = extent.period()
                extent, marked = extent.moved(period), cells.of_period(period)
                geometry = geometry @ start_of_period(period)
        held = np.ones((2, 2), np.bool_)
        if extent is not None or is_place_known:
            held = held_quadrants(total, geometry, carriers, is_inverted=reading.is_inverted)
        reading = replace(reading, geometry=np.linalg.inv(in_sum) @ geometry)
        reading = replace(reading, seconds=self._seconds_with(reading, keys))
        if extent is None:
            return (
                replace(reading, fingerprints=self._fingerprints_at(reading, held))
                if is_place_known
                else reading
            )
        inside = np.kron(held, np.ones((CELLS // 2, CELLS // 2), np.bool_)) & extent.cells(CELLS)
        return replace(
            reading,
            fingerprints=self._fingerprints_at(reading, inside, marked),
            regions=tuple(self._regions(reading, extent)),
        )

    def _regions(self, reading: WatermarkReading, extent: Extent) -> Iterator[MarkedRegion]:
        """Where the marked picture lies in the middle of each second that carries it."""
        assert self._sum is not None  # noqa: S101
        height, width = self._sum.frame_shape
        for second in reading.seconds:
            path = reading.path.get(second, (np.eye(3),))
            corners = extent.corners(path[len(path) // 2] @ reading.geometry) / (width, height)
            one, two, three, four = ((round(float(x), 4), round(float(y), 4)) for x, y in corners)
            if np.abs(corners).max() <= FARTHEST:
                yield MarkedRegion(second, (one, two, three, four))

    def _settled(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> WatermarkReading:
        """A reading with the path of a picture that moves, and straightened if it fits a part of it only."""
        assert self._sum is not None  # noqa: S101
        if reading.payload is None and reading.pilot < SURE_PILOT:
            return reading
        if not reading.path and is_moving(self._sum.lumas):
            reading = self._followed(reading, keys)
        return reading if reading.path else self._straightened(reading, keys, result)

    def _straightened(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> WatermarkReading:
        assert self._sum is not None  # noqa: S101
        total, in_sum = self._sum.total(), to_sum(self._sum)
        key, geometry = keys[reading.key], in_sum @ reading.geometry
        if held_quadrants(total, geometry, carriers_of(key), is_inverted=reading.is_inverted).all():
            return reading
        tried = [one for _, one in aslant(total, reading.key, key, result)]
        best = max(_decoded(tried, keys), key=lambda one: one.pilot, default=reading)
        if best.payload != reading.payload or best.pilot < reading.pilot + GAIN:
            return reading
        return replace(reading, geometry=np.linalg.inv(in_sum) @ best.geometry)

    def _followed(self, reading: WatermarkReading, keys: Sequence[WatermarkKey]) -> WatermarkReading:
        """A reading that was made as if the picture stood still, with its path if the picture moves."""
        assert self._sum is not None  # noqa: S101
        if self._tracker is None:
            self._tracker = Tracker(self._sum.lumas, self._sum.shown, self._sum.of)
        to_tracked = np.linalg.inv(self._tracker.back) @ to_sum(self._sum)
        carriers, is_inverted = carriers_of(keys[reading.key]), reading.is_inverted
        place = self._tracker.place_near(to_tracked @ reading.geometry, carriers, is_inverted=is_inverted)
        if place is None:
            return reading
        track = self._tracker.followed(*place, carriers, is_inverted=is_inverted)
        if track is None:
            return reading
        path = by_second(track.path, self._sum, self._tracker.back)
        return replace(reading, geometry=np.linalg.inv(to_tracked) @ track.geometry, path=path)

    def _total_of(self, reading: WatermarkReading) -> Plane:
        """The mean residual of all frames, laid onto each other if the picture moves."""
        assert self._sum is not None  # noqa: S101
        if not reading.path:
            return self._sum.total()
        seconds = [self._plane_of(second, reading) for second in self._sum.seconds]
        if self._laid_total is None:
            self._laid_total = np.asarray(sum(seconds) / np.float32(len(seconds)), np.float32)
        return self._laid_total

    def _plane_of(self, second: int, reading: WatermarkReading) -> Plane:
        """The mean residual of a second's frames, laid onto each other if the picture moves."""
        assert self._sum is not None  # noqa: S101
        if not reading.path:
            return self._sum.seconds[second][0]
        # The readings of one track have the same path, and residuals take time.
        if self._laid_along is not reading.path:
            self._laid_along, self._laid, self._laid_total = reading.path, {}, None
        if second not in self._laid:
            self._laid[second] = self._laid_onto_each_other(second, reading.path)
        return self._laid[second]

    def _laid_onto_each_other(self, second: int, path: dict[int, tuple[Geometry, ...]]) -> Plane:
        assert self._sum is not None  # noqa: S101
        there = to_sum(self._sum)
        back = np.linalg.inv(there)
        numbers = [number for number, shown in enumerate(self._sum.shown) if shown == second]
        planes = [
            moved(self._sum.of(number), there @ motion @ back, is_quick=True)
            for number, motion in zip(numbers, path[second], strict=True)
        ]
        return np.asarray(sum(planes) / np.float32(len(planes)), np.float32)

    def _seconds_with(self, reading: WatermarkReading, keys: Sequence[WatermarkKey]) -> tuple[int, ...]:
        """The seconds of the clip in which the pilot is found at the reading's geometry.

        Readings of one alignment differ by periods of the pilot, and so do not in what is found.
        """
        assert self._sum is not None  # noqa: S101
        place = to_sum(self._sum) @ reading.geometry
        geometry = within_pilot_period(place)
        # On a long page readings of one alignment are about different parts of it.
        is_part = part_about(self._sum.total(), place)[0].shape != self._sum.total().shape
        for other, at, seconds in [] if is_part else self._told:
            if (
                (other.key, other.is_inverted) == (reading.key, reading.is_inverted)
                and (other.path is reading.path or not (other.path or reading.path))
                and np.allclose(at, geometry, rtol=1e-9, atol=1e-9)
            ):
                return seconds
        carriers = carriers_of(keys[reading.key])
        sign = -1.0 if reading.is_inverted else 1.0
        found = []
        every = sorted(self._sum.seconds)
        for begin in range(0, len(every), SAMPLED_TOGETHER):
            some = every[begin : begin + SAMPLED_TOGETHER]
            parts = [part_about(self._plane_of(second, reading), place) for second in some]
            planes = np.asarray(cv2.merge([plane for plane, _ in parts]), np.float32)
            canvas, origin = rectified(planes, parts[0][1] @ geometry, is_quick=True)
            sheets = folded(canvas.reshape(*canvas.shape[:2], len(some)), origin, PILOT_PERIOD)
            for second, sheet in zip(some, sheets.transpose(2, 0, 1), strict=True):
                if sign * pilot_score(np.ascontiguousarray(sheet), carriers) >= PILOT_OF_A_SECOND:
                    found.append(second)
        if not is_part:
            self._told.append((reading, geometry, tuple(found)))
        return tuple(found)

    def _fingerprints_at(
        self, reading: WatermarkReading, held: NDArray[np.bool_], marked: NDArray[np.bool_] | None = None
    ) -> NDArray[np.uint8]:
        """(n, FOUND_BYTES): what one frame of each second shows at its own geometry, in those quarters
        in which the mark is `held`; `marked`: in which cells nothing lies over it.
        """
        assert self._sum is not None  # noqa: S101
        there = to_sum(self._sum)
        found = []
        for second, luma in self._sum.samples.items():
            motion = reading.path[second][0] if reading.path else np.eye(3)
            seen = negative(luma) if reading.is_inverted else luma
            found.append(fingerprint_of_found(seen, there @ motion @ reading.geometry, held, marked))
        return np.stack(found)


def negative(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A luma frame with light and dark exchanged."""
    return np.asarray(255 - luma, np.uint8)


def _decoded(readings: Sequence[WatermarkReading], keys: Sequence[WatermarkKey]) -> list[WatermarkReading]:
    """The readings with those payloads whose check holds. Many are decoded in little more time than one."""
    if not readings:
        return []
    decoded = error_correction.decode(np.stack([reading.soft_bits for reading in readings]))
    return [
        replace(reading, payload=WatermarkPayload.from_bits(bits, keys[reading.key]))
        for reading, bits in zip(readings, decoded, strict=True)
    ]
