"""Bounds how often a random watermark id would fit soft bits as well, whatever the file shows.

The ids are drawn at random, so that the 64 payload bits of an id which has nothing to do with a file are fair
and independent of it: 48 of the id, 16 of a keyed hash of the id. That holds for files without a mark just as
for files that carry other marks of ours, spliced, averaged, shuffled or inverted; the codeword of such an id
scores a sum of the soft bits under the signs of a random codeword. Soft bits of more energy than chance give
higher sums, and codewords that share stretches with one in the file higher ones still. Both are counted by
summing over all 2^64 codewords, which the code's trellis does in 64 steps.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.coding.error_correction import STATES, branch_scores

# Of the slope that is best for a Gaussian of the soft bits' energy, the likeliest to serve first. Any gives a
# bound, and the least is taken.
_SLOPES = (0.9, 0.45, 1.4, 0.65, 0.25)
_LOWER = np.arange(STATES) >> 1
_UPPER = _LOWER + STATES // 2


def chance_of_random_id(soft_bits: NDArray[np.floating], score: float, enough: float = 0.0) -> float:
    """Upper bound on the probability that one random id scores `score` or more with (256,) soft bits.

    Chernoff: at most E exp(slope * (sum - score)) for every slope >= 0, where the mean over random payloads
    is the trace of the product of the trellis's 64 transfer matrices, divided by 2^64. A bound that is at
    most `enough` is not improved any further.
    """
    energy = float((soft_bits.astype(np.float64) ** 2).sum())
    if score <= 0 or energy <= 0:
        return 1.0
    branches = branch_scores(soft_bits[None].astype(np.float64))[:, 0]
    least = 1.0
    for share in _SLOPES:
        slope = share * score / energy
        least = min(least, math.exp(min(0.0, _log_mean(branches, slope) - slope * score)))
        if least <= enough:
            break
    return least


def _log_mean(branches: NDArray[np.floating], slope: float) -> float:
    """The logarithm of the mean of exp(slope * score) over all codewords, from (64, 512) branch scores."""
    log = 0.0
    # products[start, state]: over all paths between two states; codewords end where they began.
    products = np.eye(STATES)
    for branch in branches:
        weights = np.exp(slope * branch - math.log(2))
        products = products[:, _LOWER] * weights[:STATES] + products[:, _UPPER] * weights[STATES:]
        largest = float(products.max())
        products /= largest
        log += math.log(largest)
    return log + math.log(float(np.trace(products)))
