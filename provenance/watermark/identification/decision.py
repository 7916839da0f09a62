"""Decides whether a watermark was found, not found or inconclusive, and whose it is, with error bounds.

Two kinds of error have bounds, each from another kind of chance. `tests` are the rows of soft bits that were
looked at (a few hundred, about a thousand where something lies over a marked picture), `issued` the ids
under the keys.

A file without a mark of ours. The keyed signs and phases are fair coins to everybody without the key,
whatever a file shows, so these are bounds and not models. The four ways to be found take 2.5e-10 each, 1e-9
in all:

- an issued word is decoded. Flipping the keyed signs by a codeword moves the decoder's answer by that
  codeword, so that every one of the 2^64 payloads is equally likely: tests * issued / 2^64, 2e-11 for 300
  tests and a million ids.
- an issued word is found by searching: the best of all issued codewords fits with a score z. A weighted sum
  of fair signs exceeds z standard deviations at most 3.178 times as often as a Gaussian (Bentkus and
  Dzindzalieta 2015): tests * issued * 3.178 * Q(z); 8.9 for a million ids.
- a word that was not issued is decoded, and its check holds. Any of 3 * 2^48 words might be, 2^48 of each
  version of the payload, drafts' included: tests * 3 * 2^48 * 3.178 * Q(z); 10.9.
- the pilot alone reaches 10.1. Of the geometries, shifts and signs that the search tells apart there are
  fewer than 2 * 10^12: exp(-z^2 / 2) each.

A file with any mark of ours, and a record that it has nothing to do with. To the key such a file is no
chance: codewords agree in part, and a strong mark lifts others over the score above. But ids are drawn at
random:

- a decoded word is some word, and that its 48 bits are those of one of the issued ids, or of what a keyed
  permutation takes one to, has the probability issued / 2^48, 4e-9 for a million. A word that is read beyond
  doubt and was not issued ends the matter.
- a searched winner must be better than random ids would be with these very soft bits (`random_ids`): rows *
  issued * chance must stay below 5e-9. So it must explain what is in the file. With a million ids that is
  about a quarter of all energy of the soft bits, noise included; a stranger's codeword explains 0.1 at most.

Issued words beside the first that pass the same bounds are in the file too, as in an average of renditions,
or where a picture that is too faint to be decoded lies over another one.

inconclusive: the pilot is stronger than it is in files without our mark, measured (docs/watermark.md), or
nothing could be judged.

not_found: none of these. It speaks of the mark only: it does not say that the video is real.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np

from provenance.watermark.coding.payload import (
    CHECK_BITS,
    PAYLOAD_BITS,
    VERSIONS,
    WATERMARK_ID_BITS,
)
from provenance.watermark.identification.random_ids import chance_of_random_id
from provenance.watermark.identification.reading import Extraction, WatermarkReading
from provenance.watermark.identification.registry import Registry

LIMIT = 2.5e-10  # for each of the four ways to be found; together 1e-9 a file without a mark
WRONG_RECORD_LIMIT = 5e-9  # for a record named in a file that carries other marks only
CERTAIN_PILOT = 10.1
PLACES = 2e12
SIGNS_TO_GAUSSIAN = 3.178
SUSPECT_PILOT = 7.4  # one unmarked file in a thousand, for each key
LEAST_RATE = 1e-30  # no smaller one is claimed of a keyed function
MOST_MARKS = 4  # that lie over one another and are named


class WatermarkState(StrEnum):
    """The three answers; see the module's text."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Decision:
    """The answer. `watermark_id` is None unless the mark was found and is one of those issued.

    `false_match`: upper bound on how often a file without a mark of ours would be called ours; None when
    inconclusive. `reading` is what the answer rests on. `wrong_record`: upper bound on how often a file with
    other marks of ours would be given this id. `is_word_read`: a word was read beyond doubt, issued or not.
    `others`: further issued ids whose marks lie over this one's or beside it, each with what it rests on.
    """

    state: WatermarkState
    watermark_id: int | None
    false_match: float | None
    reading: WatermarkReading | None
    wrong_record: float | None = None
    is_word_read: bool = False
    others: tuple[tuple[int, WatermarkReading], ...] = ()


@dataclass(frozen=True)
class _Hit:
    """An issued id whose codeword fits a reading beyond both bounds."""

    watermark_id: int
    score: float
    reading: WatermarkReading
    false_match: float
    wrong_record: float


def decide(extraction: Extraction, registries: Sequence[Registry]) -> Decision:
    """The answer to what was read; `registries` in the order in which their keys were given."""
    tests = max(1, extraction.attempts)
    issued = max(1, sum(len(registry) for registry in registries))
    by_decoding = tests * issued * 2.0**-PAYLOAD_BITS
    decoded = [reading for reading in extraction.readings if reading.payload is not None]
    known: dict[int, WatermarkReading] = {}
    for one in decoded:
        if one.payload is not None and one.payload in registries[one.key]:
            known.setdefault(one.payload.watermark_id, one)
    if known and by_decoding <= LIMIT:
        (watermark_id, reading), *beside = known.items()
        # Over it, or beside it where a mark is too faint to be decoded.
        faint = (one for one in extraction.readings if one.payload is None)
        searched: dict[int, WatermarkReading] = {}
        for hit in _hits([reading, *faint], registries, tests, issued, besides=watermark_id):
            searched.setdefault(hit.watermark_id, hit.reading)
        return Decision(
            WatermarkState.FOUND,
            watermark_id,
            by_decoding,
            reading,
            wrong_record=len(decoded) * issued * 2.0**-WATERMARK_ID_BITS,
            is_word_read=True,
            others=(
                *beside,
                *((number, one) for number, one in searched.items() if number not in known),
            ),
        )
    for reading in decoded:
        assert reading.payload is not None  # noqa: S101
        score = registries[reading.key].score(reading.payload, reading.soft_bits)
        words = len(VERSIONS) * 2.0 ** (PAYLOAD_BITS - CHECK_BITS)
        by_word = tests * words * _sum_of_signs(score)
        if by_word <= LIMIT:
            by_word = max(by_word, LEAST_RATE)
            return Decision(WatermarkState.FOUND, None, by_word, reading, is_word_read=True)
    hits = _hits(extraction.readings, registries, tests, issued)
    if hits:
        best = hits[0]
        return Decision(
            WatermarkState.FOUND,
            best.watermark_id,
            best.false_match,
            best.reading,
            wrong_record=best.wrong_record,
            others=tuple((hit.watermark_id, hit.reading) for hit in hits[1:] if hit.reading is best.reading),
        )
    if extraction.pilot >= CERTAIN_PILOT:
        by_pilot = PLACES * math.exp(-(extraction.pilot**2) / 2)
        return Decision(WatermarkState.FOUND, None, by_pilot, extraction.readings[0])
    if not extraction.is_judged or extraction.pilot >= SUSPECT_PILOT:
        return Decision(WatermarkState.INCONCLUSIVE, None, None, None)
    return Decision(WatermarkState.NOT_FOUND, None, by_decoding + 3 * LIMIT, None)


def _hits(
    readings: Sequence[WatermarkReading],
    registries: Sequence[Registry],
    tests: int,
    issued: int,
    besides: int | None = None,
) -> list[_Hit]:
    """The issued ids, besides one, that fit one of the readings beyond both bounds, best first."""
    hits = []
    for reading in readings:
        energy = float((reading.soft_bits.astype(np.float64) ** 2).sum())
        strangers = len(readings) * issued
        enough = WRONG_RECORD_LIMIT / strangers
        # The sums of random ids are at least about as wide as the energy says: the rest needs no proof.
        least = max(
            _score_reached(LIMIT / (tests * issued)),
            _score_reached(enough) * math.sqrt(energy),
        )
        for watermark_id, score in registries[reading.key].ranked(reading.soft_bits, MOST_MARKS, least):
            if watermark_id == besides:
                continue
            false_match = tests * issued * _sum_of_signs(score)
            wrong_record = strangers * chance_of_random_id(reading.soft_bits, score, enough)
            if wrong_record > WRONG_RECORD_LIMIT:
                break
            hits.append(_Hit(watermark_id, score, reading, max(false_match, LEAST_RATE), wrong_record))
    return sorted(hits, key=lambda hit: -hit.score)


def _sum_of_signs(score: float) -> float:
    """How often a weighted sum of fair signs reaches a score at most, in its standard deviations."""
    return SIGNS_TO_GAUSSIAN * math.erfc(score / math.sqrt(2)) / 2


@lru_cache(maxsize=64)
def _score_reached(chance: float) -> float:
    """The least score that a weighted sum of fair signs reaches at most with this chance."""
    low, high = 0.0, 40.0  # where the chance is some 1e-350
    while (middle := (low + high) / 2) not in {low, high}:
        low, high = (middle, high) if _sum_of_signs(middle) > chance else (low, middle)
    return high
