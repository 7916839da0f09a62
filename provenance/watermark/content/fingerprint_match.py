"""Compares content fingerprints of a received file with a record's. Numbers only, for the web process."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 32
FINGERPRINT_BYTES = 2 * CELLS * CELLS // 8
RECORD_FINGERPRINTS = 8  # of a record, spread over its video
LEAST_CELLS = 64  # compared, below which nothing can be said
# Of the compared cells agree, see docs/watermark.md. Between the two lie banners and captions over a marked
# video as well as another portrait before the same wall, so that nothing is said.
SAME, DIFFERENT = 0.86, 0.70


def agreement(found: NDArray[np.uint8], of_record: NDArray[np.uint8]) -> float | None:
    """The share of cells in which (n, FINGERPRINT_BYTES) found frames agree with (m, FINGERPRINT_BYTES) of a
    record.

    Each found frame counts with the record's frame that fits it best; the middle of all found frames counts.
    None when too few cells can be compared.
    """
    return _quantile(found, of_record, 0.5)


def _quantile(found: NDArray[np.uint8], of_record: NDArray[np.uint8], quantile: float) -> float | None:
    if not len(found) or not len(of_record):
        return None
    half = FINGERPRINT_BYTES // 2
    both = found[:, None, half:] & of_record[None, :, half:]
    same = ~(found[:, None, :half] ^ of_record[None, :, :half]) & both
    compared = np.bitwise_count(both).sum(-1, dtype=np.int64)
    shares = np.bitwise_count(same).sum(-1, dtype=np.int64) / np.maximum(compared, 1)
    shares[compared < LEAST_CELLS] = -1
    best = shares.max(1)
    return float(np.quantile(best[best >= 0], quantile)) if (best >= 0).any() else None


def best_agreement(found: NDArray[np.uint8], of_record: NDArray[np.uint8]) -> float | None:
    """As `agreement`, but of the quarter of the found frames that agree best the least.

    Under a geometry that fits some frames only, as where a picture zooms, those frames agree; frames that
    show something else all disagree.
    """
    return _quantile(found, of_record, 0.75)


def is_same(found: NDArray[np.uint8], of_record: bytes, *, is_of_a_part: bool = False) -> bool | None:
    """Whether the frames show what the record's video shows; None when it cannot be said.

    They show something else only if even those that fit best do not fit, and never if the record's
    fingerprints are of a part of the video (`is_of_a_part`): they may be from the rest of it.
    """
    prints = np.frombuffer(of_record, np.uint8).reshape(-1, FINGERPRINT_BYTES)
    share, best = agreement(found, prints), best_agreement(found, prints)
    if share is None or best is None:
        return None
    if share >= SAME:
        return True
    return False if best < DIFFERENT and not is_of_a_part else None
