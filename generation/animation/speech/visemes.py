"""The phone set, its visemes, and the viseme table: target mouth shapes and dominances.

Phones are the CMU set with diphthongs split into two vowels, SIL, and BH, the soft b and v of Spanish between
vowels (abuelo, [β]): the lips come close to each other as for B, but let the air through. Target shapes are
peak weights of the ARKit actions, the same on both sides of the face; they are the usual practice range, and
closures are handled by rule in `coarticulation.py`, not by these numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PHONES = (
    "SIL", "P", "B", "M", "F", "V", "TH", "DH", "T", "D", "N", "S", "Z", "SH", "ZH", "CH", "JH", "K", "G",
    "NG", "HH",
    "L", "R", "W", "Y", "AA", "AE", "AH", "AO", "EH", "ER", "IH", "IY", "UH", "UW", "BH",
)  # fmt: skip
PHONE_INDEX = {phone: index for index, phone in enumerate(PHONES)}

VISEME_PHONES: dict[str, tuple[str, ...]] = {
    "sil": ("SIL",),
    "PP": ("P", "B", "M", "BH"),
    "FF": ("F", "V"),
    "TH": ("TH", "DH"),
    "DD": ("T", "D", "N", "L"),
    "SS": ("S", "Z"),
    "CH": ("SH", "ZH", "CH", "JH"),
    "kk": ("K", "G", "NG", "HH"),
    "RR": ("R", "ER"),
    "WU": ("W", "UW", "UH"),
    "O": ("AO",),
    "aa": ("AA", "AH", "AE"),
    "E": ("EH", "IH"),
    "I": ("IY", "Y"),
}
VISEMES = tuple(VISEME_PHONES)
VISEME_OF_PHONE: NDArray[np.intp] = np.array(
    [next(i for i, name in enumerate(VISEMES) if phone in VISEME_PHONES[name]) for phone in PHONES]
)
VOWELS = frozenset(("AA", "AE", "AH", "AO", "EH", "ER", "IH", "IY", "UH", "UW"))
LIP_CLOSURES = frozenset(("P", "B", "M"))
LIP_TEETH = frozenset(VISEME_PHONES["FF"])

# Columns of the shapes below; one name stands for both sides where ARKit has two.
SHAPE_CHANNELS = ("jaw", "funnel", "pucker", "stretch", "smile", "lower_down", "upper_up", "tongue")

#                jaw  funnel pucker stretch smile lower upper tongue
_SHAPES: dict[str, tuple[float, ...]] = {
    "sil": (0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    "PP": (0.10, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00, 0.00),
    "FF": (0.10, 0.04, 0.00, 0.05, 0.03, 0.00, 0.15, 0.00),
    "TH": (0.15, 0.00, 0.00, 0.05, 0.03, 0.22, 0.10, 0.30),
    "DD": (0.13, 0.00, 0.00, 0.08, 0.05, 0.18, 0.10, 0.05),
    "SS": (0.06, 0.06, 0.00, 0.18, 0.10, 0.24, 0.12, 0.00),
    "CH": (0.11, 0.48, 0.22, 0.00, 0.00, 0.18, 0.16, 0.00),
    "kk": (0.18, 0.00, 0.00, 0.05, 0.00, 0.12, 0.08, 0.00),
    "RR": (0.16, 0.28, 0.20, 0.00, 0.00, 0.12, 0.08, 0.00),
    "WU": (0.13, 0.32, 0.75, 0.00, 0.00, 0.00, 0.00, 0.00),
    "O": (0.44, 0.42, 0.30, 0.00, 0.00, 0.05, 0.05, 0.00),
    "aa": (0.62, 0.04, 0.00, 0.06, 0.04, 0.20, 0.12, 0.00),
    "E": (0.35, 0.00, 0.00, 0.20, 0.13, 0.22, 0.12, 0.00),
    "I": (0.20, 0.00, 0.00, 0.32, 0.22, 0.22, 0.12, 0.00),
}

# Weight of a shape against its neighbours (dominance, Cohen & Massaro 1993), by channel group: jaw, rounding
# (funnel, pucker), spreading (stretch, smile), opening (lower_down, upper_up), tongue. Consonants made by the
# tongue alone leave the lips to the vowels around them; rounded sounds dominate the lips (JALI, Edwards
# 2016).
_DOMINANCE: dict[str, tuple[float, float, float, float, float]] = {
    "sil": (0.90, 0.90, 0.90, 0.90, 1.0),
    "PP": (0.60, 0.30, 0.30, 0.60, 1.0),
    "FF": (0.80, 0.40, 0.40, 0.80, 1.0),
    "TH": (0.70, 0.30, 0.30, 0.60, 1.0),
    "DD": (0.45, 0.15, 0.20, 0.35, 0.8),
    "SS": (1.00, 0.35, 0.60, 0.70, 1.0),
    "CH": (0.90, 1.00, 0.80, 0.70, 1.0),
    "kk": (0.30, 0.10, 0.12, 0.20, 0.8),
    "RR": (0.55, 0.80, 0.50, 0.40, 0.8),
    "WU": (1.30, 1.70, 1.00, 1.00, 0.8),
    "O": (1.00, 1.00, 0.80, 0.80, 0.8),
    "aa": (1.00, 0.60, 0.70, 0.80, 0.8),
    "E": (0.90, 0.60, 0.80, 0.80, 0.8),
    "I": (0.90, 0.70, 1.00, 0.80, 0.8),
}
_GROUP_OF_CHANNEL = (0, 1, 1, 2, 2, 3, 3, 4)

SHAPES: NDArray[np.float64] = np.array([_SHAPES[name] for name in VISEMES])
DOMINANCE: NDArray[np.float64] = np.array([_DOMINANCE[name] for name in VISEMES])[:, _GROUP_OF_CHANNEL]
