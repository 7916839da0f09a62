"""Extracts the watermark from frames: their residuals are summed, aligned and decoded, key by key."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.attempts import (
    SURE_PILOT,
    UPRIGHT,
    carrier_spectrum,
    decoded,
    read_bent,
    to_sum,
)
from provenance.watermark.carrier.pattern import carriers_of
from provenance.watermark.carrier.rectification import Geometry, folded, rectified
from provenance.watermark.carrier.residual import ResidualSum
from provenance.watermark.carrier.spectrum import measured, values_of
from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import WatermarkKey, WatermarkPayload
from provenance.watermark.completion import PILOT_OF_A_SECOND, Completion, WordFit
from provenance.watermark.group_readings import GroupReadings
from provenance.watermark.identification.reading import (
    Extraction,
    WatermarkReading,
)
from provenance.watermark.laid_planes import LaidPlanes
from provenance.watermark.overlaid import bare_parts, lies_still, words_over
from provenance.watermark.search_plan import MOST_S, attempts
from provenance.watermark.settling import Settling
from provenance.watermark.synchronisation.framing import is_large_enough
from provenance.watermark.synchronisation.period import (
    covers_several,
    marked_periods,
)
from provenance.watermark.synchronisation.synchroniser import whole_frame
from provenance.watermark.synchronisation.travelling import travelling
from provenance.watermark.windows import LEAST_REST, covered, covered_in_each, is_filled, of_frames

SMALLEST_SIDE = 96  # frames below hold nothing that could be judged
# Processor seconds after which the rest is not looked at, nor another reading of a word that is known.
MOST_BEFORE_REST_S = 4.0
# And after which no picture is looked for that travels within the frame.
MOST_BEFORE_WINDOWS_S = 7.0
PAINT = np.uint8(128)
# Of windows that travel, or they travel with the paint: nearly all of a picture speaks for its motion, and
# what is flat does not.
MOST_PAINT = 0.5
# The score of a word that ends the search whatever its pilot: any of the words whose check holds reaches it
# by chance in fewer than one of 1e10 files, also among some thousand rows of soft bits.
SURE_WORD = 11.5
WORTH_KEEPING = 9.0  # a reading's ranking score, near which the record may be found by searching the ids


class Extractor:
    """Takes luma frames of one size, then reads the marks of one or several keys from them."""

    def __init__(self, *, is_window: bool = False, is_rest: bool = False) -> None:
        """`is_window`: the frames are windows about one picture, in which no other is looked for. `is_rest`:
        they are what pictures that were found leave of frames, in which nothing but words counts.
        """
        self._is_window, self._is_rest = is_window, is_rest
        self._sum: ResidualSum | None = None
        self._groups = GroupReadings()

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
        """Whether the first frames of a clip show a pilot, as they were made, scaled as a whole or while the
        picture moves; a first look.
        """
        if self._sum is None:
            return False
        total = self._sum.total()
        sheets = [measured(folded(*rectified(total, one))) for one in islice(whole_frame(total.shape), 2)]
        if any(
            abs(values_of(sheet, carriers_of(key)).pilot_score()) >= PILOT_OF_A_SECOND
            for sheet in sheets
            for key in keys
        ):
            return True
        # A mark that can be followed needs the residual of each frame.
        self._sum.keeps_all = self._groups.seem_marked(self._sum, keys)
        return self._sum.keeps_all

    def read(
        self, keys: Sequence[WatermarkKey], *, has_cuts: bool = False, most_s: float = MOST_S
    ) -> Extraction:
        """Look for the marks of `keys`, the likeliest first. Ends at a payload read beyond doubt.

        `has_cuts`: the frames are from many shots. `most_s`: processor seconds after which nothing more is
        begun, also in windows and in the rest of the frames. What was not looked at is noted.
        """
        result, begun = Extraction(), time.process_time()
        if self._sum is None:
            return result
        self._begin()
        result.frames_read = self._sum.frames
        is_ended = self._search(keys, result, has_cuts=has_cuts, most_s=most_s)
        found, result.readings = self._worth_completing(result, keys), []
        for reading in found:
            known = {one.payload for one in result.readings if one.payload is not None}
            if reading.payload in known and time.process_time() - begun > MOST_BEFORE_REST_S:
                continue
            for one in self._apart(self._settling.settled(reading, keys, result), keys, result):
                result.keep(one)
        if self._is_window:
            return result
        filling = self._filling(result)
        # Where the picture moves, the mean of all frames says nothing of what lies over it.
        is_still = filling is not None and lies_still(filling, self._sum.frame_shape)
        parts = bare_parts(filling, self._sum, keys) if filling is not None and is_still else []
        if parts and time.process_time() - begun < min(MOST_BEFORE_REST_S, most_s):
            known = {one.payload for one in result.readings if one.payload is not None}
            for reading in words_over(parts, self._sum, keys, result, known, until=begun + most_s):
                for one in self._apart(reading, keys, result):
                    result.keep(one)
        elif parts:
            result.is_everywhere = False
        # Over a picture that fills the frames and carries its word everywhere lies no other.
        if not has_cuts and (filling is None or parts):
            if (took_s := time.process_time() - begun) < min(MOST_BEFORE_WINDOWS_S, most_s):
                self._keep_travelling(keys, result, most_s - took_s)
            elif parts or not self._is_filled(result):
                result.is_everywhere = False
        if (took_s := time.process_time() - begun) < min(MOST_BEFORE_REST_S, most_s):
            for one in self._in_the_rest(keys, result, most_s - took_s, is_searched=not is_ended):
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
    ) -> bool:
        """Keep what is read, the likeliest first; ends at a payload read beyond doubt; whether it did."""
        assert self._sum is not None  # noqa: S101
        pending: list[WatermarkReading] = []
        is_ended = False

        def is_enough() -> bool:
            for one in decoded(pending, keys):
                result.keep(one)
            pending.clear()
            nonlocal is_ended
            is_ended = _has_sure_word(result, keys)
            return is_ended

        read = attempts(
            self._sum,
            keys,
            result,
            has_cuts=has_cuts,
            most_s=most_s,
            is_enough=is_enough,
            groups=self._groups,
        )
        for reading in read:
            if reading.pilot >= SURE_PILOT and (word := decoded([reading], keys)[0]).payload:
                result.keep(word)
                is_ended = True
                break
            pending.append(reading)
        for reading in decoded(pending, keys):
            result.keep(reading)
        return is_ended

    def _worth_completing(self, result: Extraction, keys: Sequence[WatermarkKey]) -> list[WatermarkReading]:
        """The readings from which an answer may be made, best first.

        Of those with one word along one path the best one: they differ by how it was bent. And where a word
        is beyond doubt, no other is searched for among the issued ids, which is what readings without one
        serve for. Such a reading may still lead to words beside it where its pilot is sure.
        """
        is_sure = _has_sure_word(result, keys)
        found: list[WatermarkReading] = []
        for one in result.readings:
            is_dropped = self._is_rest or (self._is_window and one.ranking_score < WORTH_KEEPING)
            if one.payload is None and (is_sure or is_dropped) and one.pilot < SURE_PILOT:
                continue
            is_known = one.payload is not None and any(
                one.path is other.path and one.payload == other.payload for other in found
            )
            if one.path and is_known:
                continue
            found.append(one)
        return found

    def read_near(self, geometry: Geometry, number: int, keys: Sequence[WatermarkKey]) -> Extraction:
        """What the frames hold under the key with this number at a geometry, or very near it, and no more.

        Its pilot does not count: the geometry was chosen for what it shows.
        """
        result = Extraction()
        if self._sum is None:
            return result
        self._begin()
        result.frames_read = self._sum.frames
        result.is_judged = is_large_enough(self._sum.mean_picture())
        tried = list(read_bent(self._sum.total(), to_sum(self._sum) @ geometry, number, keys[number], result))
        to_file = np.linalg.inv(to_sum(self._sum))
        for reading in decoded([replace(one, geometry=to_file @ one.geometry) for one in tried], keys):
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
        """The pilot's score and that of a payload in each second, where a reading of theirs found it."""
        return {} if self._sum is None else self._completion.fit_by_second(reading, keys)

    def fit_together(
        self, seconds: Sequence[int], reading: WatermarkReading, keys: Sequence[WatermarkKey]
    ) -> WordFit:
        """How some of the seconds together fit a payload, where a reading of theirs found it."""
        return self._completion.fit_together(seconds, reading, keys)

    def _begin(self) -> None:
        """Forget what was told of readings: frames may have been added."""
        assert self._sum is not None  # noqa: S101
        self._settling, self._planes = Settling(self._sum, self._groups), LaidPlanes(self._sum)
        self._completion = Completion(self._sum, self._planes)

    def _apart(
        self, reading: WatermarkReading, keys: Sequence[WatermarkKey], result: Extraction
    ) -> Iterator[WatermarkReading]:
        """A reading at the picture that carries it, and those of other marked pictures in the same frame.

        Where it lies among several pictures may stay unknown. Then it has no fingerprints: they might show
        another one.
        """
        assert self._sum is not None  # noqa: S101
        total, in_sum = self._planes.total_of(reading), to_sum(self._sum)
        if not covers_several(total.shape, in_sum @ reading.geometry):
            yield self._completion.completed(reading, keys, total)
            return
        marked = []
        if reading.payload is not None or reading.pilot >= SURE_PILOT:
            carriers = carriers_of(keys[reading.key])
            marked = marked_periods(
                total, in_sum @ reading.geometry, carriers, is_inverted=reading.is_inverted
            )
            result.attempts += len(marked)
        pictures = decoded(
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
        yield self._completion.completed(reading, keys, total, is_place_known=bool(own))
        others = {one.payload: one for one in pictures if one.payload not in (None, reading.payload)}
        for other in others.values():
            yield self._completion.completed(other, keys, total)

    def _is_filled(self, result: Extraction) -> bool:
        """Whether a picture with a word fills the frames, so that no other can lie in them beside it."""
        return self._filling(result) is not None

    def _filling(self, result: Extraction) -> WatermarkReading | None:
        """The clearest reading with a word whose picture fills the frames."""
        assert self._sum is not None  # noqa: S101
        words = (one for one in result.readings if one.payload is not None)
        return next((one for one in words if is_filled(one, self._sum.shape)), None)

    def _keep_travelling(self, keys: Sequence[WatermarkKey], result: Extraction, most_s: float) -> None:
        """Look into windows that travel with a smaller picture, if there is one, for the marks in it.

        Where it travels depends on no key, but the windows are more places: the pilot in them does not count
        for the answer, and each row of soft bits counts among the tests. A word that was read as if the
        picture stood still is read better there.
        """
        assert self._sum is not None  # noqa: S101
        words = [one for one in result.readings if one.payload is not None]
        travel = travelling(self._sum.lumas, self._sum.shown)
        if travel is None:
            return
        seen = {number: travel.cut(self._sum.lumas[number], number) for number in travel.seen}
        if self._is_rest and np.mean([luma == PAINT for luma in seen.values()]) > MOST_PAINT:
            return
        windows = Extractor(is_window=True)
        for number, luma in seen.items():
            windows.add(luma, self._sum.shown[number])
        found = windows.read(keys, most_s=most_s)
        result.attempts += found.attempts
        result.is_everywhere &= found.is_everywhere
        for one in found.readings:
            if one.payload is None and one.ranking_score < WORTH_KEEPING:
                continue
            before = [other for other in words if other.payload == one.payload]
            if any(
                (len(other.regions), other.ranking_score) >= (len(one.regions), one.ranking_score)
                for other in before
            ):
                continue  # windows that travel with a head, before a wall that carries the mark
            result.readings = [other for other in result.readings if other not in before]
            to_file = np.asarray(np.linalg.inv(to_sum(self._sum)), np.float64)
            result.keep(of_frames(one, travel, self._sum.shown, self._sum.shape, to_file))

    def _in_the_rest(
        self, keys: Sequence[WatermarkKey], result: Extraction, most_s: float, *, is_searched: bool
    ) -> list[WatermarkReading]:
        """Marks in what is left of the frames beside the pictures that were found.

        Another picture may lie in another way than the first, as in the halves of a duet. Its mark is looked
        for with the first ones painted over. `is_searched`: the whole frames were searched to the end; then
        a picture that moves hid nothing that lies still beside it.
        """
        assert self._sum is not None  # noqa: S101
        words = [one for one in result.readings if one.payload is not None and not (one.path and is_searched)]
        if any(one.path and not one.regions for one in words) and not self._is_filled(result):
            result.is_everywhere = False  # nobody knows what lies beside it
        taken = covered(words, self._sum.shape)
        if not taken.any() or taken.mean() > 1 - LEAST_REST:
            return []
        rest, shown = Extractor(is_rest=True), self._sum.shown
        pictures = covered_in_each(words, shown, self._sum.shape, self._sum.frame_shape)
        for luma, second, picture in zip(self._sum.lumas, shown, pictures, strict=True):
            rest.add(np.where(picture == 1, PAINT, luma), second)
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


def _has_sure_word(result: Extraction, keys: Sequence[WatermarkKey]) -> bool:
    """Whether a word was decoded that stands by itself, however faint its pilot."""
    return any(
        one.payload is not None and one.score(one.payload, keys[one.key]) >= SURE_WORD
        for one in result.readings
    )
