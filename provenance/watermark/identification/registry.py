"""Registry of the codewords of all issued watermark ids: maximum-likelihood search for a file's soft bits.

A decoder needs every bit right; a search over what was issued needs only that the right codeword fits better
than chance could. It is exact: every issued codeword is compared, first by a part of its bits that shows of
nearly all of them that they cannot fit well enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.coding import error_correction
from provenance.watermark.coding.payload import (
    VERSION,
    VERSIONS,
    WATERMARK_ID_BITS,
    WatermarkKey,
    WatermarkPayload,
    payloads_of,
)

WORDS = 4  # of 64 bits, in a codeword
_VERSION_AT = np.uint64(WATERMARK_ID_BITS)  # above an id stands the version of its payload
_ID = np.uint64((1 << WATERMARK_ID_BITS) - 1)
_PIECE = 1 << 15  # ids coded or compared at a time: little enough for the processor's cache
_SCORED = 1 << 12  # ids scored at a time: a codeword takes a kilobyte as signs
_ROUNDING = 1e-4  # more than scores in single precision are off


class Issued(NamedTuple):
    """(n,) uint64 ids with their payloads' versions, ascending, and their codewords: (4, n) words of 64 bits,
    in the order of the bytes of the code. Never changed, only replaced.
    """

    ids: NDArray[np.uint64]
    codewords: NDArray[np.uint64]


NOTHING_ISSUED = Issued(np.zeros(0, np.uint64), np.zeros((WORDS, 0), np.uint64))


class Registry:
    """The ids issued under one key: 40 bytes for each, and up to three times that while ids are added.

    `base` are ids that it begins with, such as those of a file that processes share (`registry_file`).
    Searching needs no lock: a search that runs while ids are added sees all of those or none. Only one thread
    may add at a time.
    """

    def __init__(self, key: WatermarkKey, base: Issued = NOTHING_ISSUED) -> None:
        self.key = key
        self._base = base
        self._added = NOTHING_ISSUED

    def __len__(self) -> int:
        return len(self._base.ids) + len(self._added.ids)

    def __contains__(self, payload: WatermarkPayload) -> bool:
        wanted = np.array([payload.watermark_id], np.uint64) | _above(payload.version)
        return bool(_among(wanted, self._base.ids)[0] or _among(wanted, self._added.ids)[0])

    def add(self, watermark_ids: Iterable[int], version: int = VERSION) -> None:
        """Add those ids that are not in the registry yet, carried by payloads of a version."""
        added = self._added
        given = np.unique(np.fromiter(watermark_ids, np.uint64)) | _above(version)
        new = given[~_among(given, self._base.ids)]
        new = new[~_among(new, added.ids)]
        if not len(new):
            return
        codewords = np.empty((WORDS, len(new)), np.uint64)
        for start in range(0, len(new), _PIECE):
            codewords[:, start : start + _PIECE] = self._coded(new[start : start + _PIECE] & _ID, version)
        self._added = _merged(added, Issued(new, codewords))

    def issued(self) -> Issued:
        """All ids and codewords, those of the base included."""
        return _merged(self._base, self._added)

    def best(self, soft_bits: NDArray[np.floating]) -> tuple[int, float] | None:
        """The id whose codeword fits (256,) soft bits best and its score, or None in an empty registry."""
        return next(iter(self.ranked(soft_bits, 1)), None)

    def ranked(
        self, soft_bits: NDArray[np.floating], count: int, least: float = -math.inf
    ) -> list[tuple[int, float]]:
        """The `count` ids whose codewords fit (256,) soft bits best and their scores, best first.

        Only those with a score of `least` and more; the closer that is to what can be reached, the sooner
        nearly all others are done with.
        """
        found: list[tuple[int, float]] = []
        for part in (self._base, self._added):
            places = _places_that_may_fit(part.codewords, soft_bits, least)
            scores = _scores(part.codewords, places, soft_bits)
            best = np.argsort(-scores, kind="stable")[:count]
            found += [(int(part.ids[places[one]] & _ID), float(scores[one])) for one in best]
        found = [one for one in found if one[1] >= least]
        return sorted(found, key=lambda one: -one[1])[:count]

    def score(self, payload: WatermarkPayload, soft_bits: NDArray[np.floating]) -> float:
        """How well the codeword of a payload, issued or not, fits (256,) soft bits."""
        codewords = self._coded(np.array([payload.watermark_id], np.uint64), payload.version)
        return float(_signs(codewords)[0] @ soft_bits)

    def _coded(self, watermark_ids: NDArray[np.uint64], version: int) -> NDArray[np.uint64]:
        """(4, n): the codewords of (n,) ids."""
        coded = error_correction.encode_packed(payloads_of(watermark_ids, version, self.key))
        return coded.view(np.uint64).T


def _places_that_may_fit(
    codewords: NDArray[np.uint64], soft_bits: NDArray[np.floating], least: float
) -> NDArray[np.intp]:
    """Where among (4, n) codewords those stand that can have a score of `least`, and few others.

    A codeword's score is the sum of all strengths less twice the strengths of the bits in which it differs
    from the signs of the soft bits. So of the bits that are stronger than some strength it may differ only in
    so many; that strength is taken which random codewords reach least often.
    """
    strengths = np.abs(np.asarray(soft_bits, np.float64))
    spare = (strengths.sum() - least) / 2 + _ROUNDING
    everything = np.arange(codewords.shape[1])
    if not math.isfinite(spare) or not len(everything):
        return everything
    if spare < 0:
        return everything[:0]
    sorted_strengths = -np.sort(-strengths)
    counts = np.arange(1, len(strengths) + 1)
    with np.errstate(divide="ignore"):
        most = np.floor(spare / sorted_strengths)
    chosen = int(np.argmax((counts / 2 - most) / np.sqrt(counts)))
    if most[chosen] >= counts[chosen] / 2:
        return everything
    is_compared = strengths >= sorted_strengths[chosen]
    signs, mask = (
        np.packbits(bits).view(np.uint64)[:, None] for bits in (np.asarray(soft_bits) > 0, is_compared)
    )
    found = []
    for start in range(0, len(everything), _PIECE):
        differs = codewords[:, start : start + _PIECE] ^ signs
        differs &= mask
        number = np.bitwise_count(differs).sum(axis=0, dtype=np.uint16)
        found.append(np.flatnonzero(number <= most[chosen]) + start)
    return np.concatenate(found)


def _scores(
    codewords: NDArray[np.uint64], places: NDArray[np.intp], soft_bits: NDArray[np.floating]
) -> NDArray[np.float32]:
    """(m,): how well the codewords at (m,) places fit."""
    soft = soft_bits.astype(np.float32)
    scores = np.empty(len(places), np.float32)
    for start in range(0, len(places), _SCORED):
        piece = places[start : start + _SCORED]
        scores[start : start + _SCORED] = _signs(codewords[:, piece]) @ soft
    return scores


def _merged(first: Issued, second: Issued) -> Issued:
    places = np.searchsorted(first.ids, second.ids)
    return Issued(
        np.insert(first.ids, places, second.ids),
        np.insert(first.codewords, places, second.codewords, axis=1),
    )


def _above(version: int) -> np.uint64:
    """What stands above the ids of a version."""
    return np.uint64(VERSIONS.index(version)) << _VERSION_AT


def _among(wanted: NDArray[np.uint64], ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """(m,): which of the wanted are among the ascending (n,) ids."""
    if not len(ids):
        return np.zeros(len(wanted), np.bool_)
    nearest = ids[np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)]
    return np.equal(nearest, wanted, dtype=np.bool_)


def _signs(codewords: NDArray[np.uint64]) -> NDArray[np.float32]:
    """(n, 256): the signs of (4, n) codewords."""
    bits = np.unpackbits(np.ascontiguousarray(codewords.T).view(np.uint8), axis=1)
    return bits.astype(np.float32) * 2 - 1
