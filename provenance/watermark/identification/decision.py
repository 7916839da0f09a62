"""Decides whether a watermark was found, not found or inconclusive, with a bound on the false-match rate.

The keyed signs and phases of the mark are fair coins to everybody without the key, whatever a file shows, so
the rates below are bounds and not models. `tests` are the rows of soft bits that were looked at (a few
hundred at most), `issued` the ids under the key.

found, by decoding: the most likely payload passes its 16-bit check and was issued. Flipping the keyed signs
by a codeword moves the decoder's answer by that codeword, so without a mark every one of the 2^64 payloads is
equally likely: at most tests * issued / 2^64, 2e-11 for 300 tests and a million ids.

found, by searching: the best of all issued codewords fits with a score z. A weighted sum of fair signs
exceeds z standard deviations at most 3.178 times as often as a Gaussian (Bentkus and Dzindzalieta 2015):
tests * issued * 3.178 * Q(z), and z must bring that below the limit: 8.8 for a million ids.

found, but not whose: the pilot alone reaches 10. Of the geometries and shifts that the search tells apart
there are fewer than 10^12: 2e-10. That is what is left when two renditions are averaged.

inconclusive: the pilot is stronger than it is in files without our mark, measured (docs/watermark.md), or
nothing could be judged.

not_found: none of these. It speaks of the mark only: it does not say that the video is real.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from provenance.watermark.coding.payload import PAYLOAD_BITS
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry

LIMIT = 5e-10  # for each of the ways to be found by id; both together stay below 1e-9 a file
CERTAIN_PILOT = 10.0
PLACES = 1e12
SIGNS_TO_GAUSSIAN = 3.178
SUSPECT_PILOT = 7.3  # one unmarked file in a thousand, for each key


class WatermarkState(StrEnum):
    """The three answers; see the module's text."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Decision:
    """The answer. `watermark_id` is None unless the mark was found and is one of those issued.

    `false_match`: upper bound on how often a file without a mark of ours would be called ours; None when
    inconclusive. `reading` is what the answer rests on.
    """

    state: WatermarkState
    watermark_id: int | None
    false_match: float | None
    reading: WatermarkReading | None


def decide(extraction: Extraction, registries: Sequence[Registry]) -> Decision:
    """The answer to what was read; `registries` in the order in which their keys were given."""
    tests = max(1, extraction.attempts)
    issued = max(1, sum(len(registry) for registry in registries))
    by_decoding = tests * issued * 2.0**-PAYLOAD_BITS
    for reading in extraction.readings:
        payload = reading.payload
        if payload is not None and payload.watermark_id in registries[reading.key] and by_decoding <= LIMIT:
            return Decision(WatermarkState.FOUND, payload.watermark_id, by_decoding, reading)
    best: tuple[float, int, WatermarkReading] | None = None
    for reading in extraction.readings:
        hit = registries[reading.key].best(reading.soft_bits)
        if hit is not None and (best is None or hit[1] > best[0]):
            best = hit[1], hit[0], reading
    if best is not None:
        by_searching = tests * issued * SIGNS_TO_GAUSSIAN * math.erfc(best[0] / math.sqrt(2)) / 2
        if by_searching <= LIMIT:
            return Decision(WatermarkState.FOUND, best[1], by_searching, best[2])
    if extraction.pilot >= CERTAIN_PILOT:
        by_pilot = PLACES * math.exp(-(extraction.pilot**2) / 2)
        return Decision(WatermarkState.FOUND, None, by_pilot, extraction.readings[0])
    if not extraction.is_judged or extraction.pilot >= SUSPECT_PILOT:
        return Decision(WatermarkState.INCONCLUSIVE, None, None, None)
    return Decision(WatermarkState.NOT_FOUND, None, by_decoding + LIMIT, None)
