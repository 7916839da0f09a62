"""Where the face is in a picture, said again to the tests that show the very same picture.

Nearly all attempts that tests make are of one portrait that sways in one way, and half of the work of
looking at their frames is to find the face. Whatever differs in a single bit is looked at anew; tests of the
look itself (tests/generation/pipeline/pixel_report) and of faces (tests/generation/animation) do without.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
MOST_ANSWERS = 4000  # of 6 kB each


def once(find: Callable[..., Points | None]) -> Callable[..., Points | None]:
    """`find`, which works once for each picture (H, W, 3) and former landmarks; it keeps newest answers."""
    answers: OrderedDict[bytes, Points | None] = OrderedDict()

    def found(*given: NDArray[np.generic]) -> Points | None:
        digest = hashlib.blake2b(digest_size=16)
        for one in given:
            digest.update(f"{one.shape} {one.dtype}".encode())
            digest.update(np.ascontiguousarray(one).data)
        key = digest.digest()
        if key not in answers:
            answers[key] = find(*given)
            if len(answers) > MOST_ANSWERS:
                answers.popitem(last=False)
        answer = answers[key]
        return None if answer is None else answer.copy()

    return found
