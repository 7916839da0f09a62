"""The codewords of all issued ids, and the search for the one that a file's soft bits fit best.

A decoder needs every bit right; a search over what was issued needs only that the right word fits better than
chance could. It is exact: every issued codeword is compared, sixteen bits of it at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from provenance.watermark import error_correction
from provenance.watermark.payload import CHECK_BITS, RECORD_ID_BITS, WatermarkKey

_PARTS = 16  # of 16 bits each
_ID_BYTES = RECORD_ID_BITS // 8


class Registry:
    """The ids issued under one key. About 40 bytes for each."""

    def __init__(self, key: WatermarkKey) -> None:
        self._check_key = key.derive(b"check")
        self._ids: set[int] = set()
        self._order = np.zeros(0, np.uint64)
        self._codewords = np.zeros((_PARTS, 0), np.uint16)

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, record_id: int) -> bool:
        return record_id in self._ids

    def add(self, record_ids: Iterable[int]) -> None:
        """Add ids that are not in the registry yet."""
        new = [record_id for record_id in dict.fromkeys(record_ids) if record_id not in self._ids]
        if not new:
            return
        words = np.frombuffer(b"".join(self._word(record_id) for record_id in new), np.uint8).reshape(-1, 8)
        coded = error_correction.encode_words(words).view(">u2").astype(np.uint16)
        self._codewords = np.concatenate([self._codewords, coded.T], axis=1)
        self._order = np.concatenate([self._order, np.array(new, np.uint64)])
        self._ids.update(new)

    def best(self, beliefs: NDArray[np.floating]) -> tuple[int, float] | None:
        """The id whose codeword fits (256,) soft bits best and its score, or None in an empty registry."""
        if not len(self):
            return None
        tables = _tables(beliefs)
        scores = tables[0][self._codewords[0]]
        for part in range(1, _PARTS):
            scores += tables[part][self._codewords[part]]
        index = int(scores.argmax())
        return int(self._order[index]), float(scores[index])

    def _word(self, record_id: int) -> bytes:
        data = record_id.to_bytes(_ID_BYTES, "big")
        return data + hashlib.blake2s(data, key=self._check_key, digest_size=CHECK_BITS // 8).digest()


def _tables(beliefs: NDArray[np.floating]) -> NDArray[np.float32]:
    """(16, 65536): what each value of each sixteen coded bits adds to a score."""
    bits = np.arange(1 << 16, dtype=np.uint32)[:, None] >> np.arange(15, -1, -1, dtype=np.uint32) & 1
    signs = np.where(bits == 1, np.float32(1), np.float32(-1))
    return np.ascontiguousarray((signs @ beliefs.reshape(_PARTS, 16).T.astype(np.float32)).T)
