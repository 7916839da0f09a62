"""Registry of the codewords of all issued watermark ids: maximum-likelihood search for a file's soft bits.

A decoder needs every bit right; a search over what was issued needs only that the right codeword fits better
than chance could. It is exact: every issued codeword is compared, sixteen bits of it at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
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

_PARTS = 16  # of 16 bits each
_VERSION_AT = np.uint64(WATERMARK_ID_BITS)  # above an id stands the version of its payload
_ID = np.uint64((1 << WATERMARK_ID_BITS) - 1)
_FEW = 1_000  # ids that are compared sooner than tables are made
_PIECE = 1 << 15  # ids coded at a time: coding takes several times the room that the codewords then need


class _Issued(NamedTuple):
    """(n,) uint64 ids with their payloads' versions, ascending, and their (16, n) uint16 codewords. Never
    changed, only replaced.
    """

    ids: NDArray[np.uint64]
    codewords: NDArray[np.uint16]


class Registry:
    """The ids issued under one key: 40 bytes for each, and up to three times that while ids are added.

    Searching needs no lock: a search that runs while ids are added sees all of those or none. Only one thread
    may add at a time.
    """

    def __init__(self, key: WatermarkKey) -> None:
        self._key = key
        self._issued = _Issued(np.zeros(0, np.uint64), np.zeros((_PARTS, 0), np.uint16))

    def __len__(self) -> int:
        return len(self._issued.ids)

    def __contains__(self, payload: WatermarkPayload) -> bool:
        wanted = np.array([payload.watermark_id], np.uint64) | _above(payload.version)
        return bool(_among(wanted, self._issued.ids)[0])

    def add(self, watermark_ids: Iterable[int], version: int = VERSION) -> None:
        """Add those ids that are not in the registry yet, carried by payloads of a version."""
        issued = self._issued
        given = np.unique(np.fromiter(watermark_ids, np.uint64)) | _above(version)
        new = given[~_among(given, issued.ids)]
        if not len(new):
            return
        codewords = np.empty((_PARTS, len(new)), np.uint16)
        for start in range(0, len(new), _PIECE):
            codewords[:, start : start + _PIECE] = self._coded(new[start : start + _PIECE] & _ID, version)
        places = np.searchsorted(issued.ids, new)
        self._issued = _Issued(
            np.insert(issued.ids, places, new), np.insert(issued.codewords, places, codewords, axis=1)
        )

    def best(self, soft_bits: NDArray[np.floating]) -> tuple[int, float] | None:
        """The id whose codeword fits (256,) soft bits best and its score, or None in an empty registry."""
        return next(iter(self.ranked(soft_bits, 1)), None)

    def ranked(self, soft_bits: NDArray[np.floating], count: int) -> list[tuple[int, float]]:
        """The `count` ids whose codewords fit (256,) soft bits best and their scores, best first."""
        ids, codewords = self._issued
        if not len(ids):
            return []
        if len(ids) < _FEW:
            scores = _signs(codewords) @ soft_bits.astype(np.float32)
        else:
            tables = _tables(soft_bits)
            scores = tables[0][codewords[0]]
            for part in range(1, _PARTS):
                scores += tables[part][codewords[part]]
        best = np.argpartition(scores, -count)[-count:] if len(ids) > count else np.arange(len(ids))
        ordered = best[np.argsort(-scores[best], kind="stable")]
        return [(int(ids[index] & _ID), float(scores[index])) for index in ordered]

    def score(self, payload: WatermarkPayload, soft_bits: NDArray[np.floating]) -> float:
        """How well the codeword of a payload, issued or not, fits (256,) soft bits."""
        codewords = self._coded(np.array([payload.watermark_id], np.uint64), payload.version)
        return float(_signs(codewords)[0] @ soft_bits)

    def _coded(self, watermark_ids: NDArray[np.uint64], version: int) -> NDArray[np.uint16]:
        """(16, n): the codewords of (n,) ids."""
        coded = error_correction.encode_packed(payloads_of(watermark_ids, version, self._key))
        return coded.view(">u2").astype(np.uint16).T


def _above(version: int) -> np.uint64:
    """What stands above the ids of a version."""
    return np.uint64(VERSIONS.index(version)) << _VERSION_AT


def _among(wanted: NDArray[np.uint64], ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """(m,): which of the wanted are among the ascending (n,) ids."""
    if not len(ids):
        return np.zeros(len(wanted), np.bool_)
    nearest = ids[np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)]
    return np.equal(nearest, wanted, dtype=np.bool_)


def _signs(codewords: NDArray[np.uint16]) -> NDArray[np.float32]:
    """(n, 256): the signs of (16, n) codewords."""
    bits = np.unpackbits(codewords.T.astype(">u2", order="C").view(np.uint8), axis=1)
    return np.where(bits == 1, np.float32(1), np.float32(-1))


def _tables(soft_bits: NDArray[np.floating]) -> NDArray[np.float32]:
    """(16, 65536): what each value of each sixteen coded bits adds to a score."""
    return np.ascontiguousarray(soft_bits.reshape(_PARTS, 16).astype(np.float32) @ _signs_of_parts())


@lru_cache(maxsize=1)
def _signs_of_parts() -> NDArray[np.float32]:
    """(16, 65536): the signs of each value of sixteen coded bits."""
    bits = np.arange(1 << 16, dtype=np.uint32) >> np.arange(15, -1, -1, dtype=np.uint32)[:, None] & 1
    return np.where(bits == 1, np.float32(1), np.float32(-1))
