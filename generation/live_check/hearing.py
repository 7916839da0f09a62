"""Hears whether the words of a phrase were spoken, in their order, from the phones that our own net hears.

For each place of the phrase the word that was asked for is compared with all others of its list: the sound is
aligned with the phrase in which that one word is exchanged. So what the net hears badly, a voice, a
room or an accent, makes all words less likely alike.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Float64Array
from generation.animation.speech.visemes import PHONE_INDEX, PHONES, VISEME_OF_PHONE
from generation.live_check.words import WORDS

HEARD_AMONG = 2  # best of 24: by chance once in twelve
_SIL = PHONE_INDEX["SIL"]
_VISEME_SHARE = 0.25  # of a phone's probability that is its viseme's: sounds that look alike sound alike
_FLOOR = 1e-4
_STEP = 2  # frames of 10 ms that are taken together


def words_heard(posteriors: NDArray[np.float32], words: Sequence[str], language: str) -> tuple[bool, ...]:
    """For each of `words` whether it was heard at its place, from phone posteriors (T, 36) at 100 a second.

    Words and language are those of `words.WORDS`. Sound that is too short for the phrase has none of them.
    """
    scores = _scores(posteriors)
    known = {word: _phones(phones) for word, phones in WORDS[language].items()}
    asked = [known[word] for word in words]
    if len(scores) < sum(len(phones) for phones in asked):
        return tuple(False for _ in words)
    heard = []
    for place, word in enumerate(words):
        chains = {
            other: _chain([*asked[:place], phones, *asked[place + 1 :]]) for other, phones in known.items()
        }
        fits = _alignments(scores, list(chains.values()))
        # Longer words have more phones to fit with: each is measured by what it adds for each frame.
        order = [name for _, name in sorted(zip(-fits, chains, strict=True))]
        heard.append(order.index(word) < HEARD_AMONG)
    return tuple(heard)


def _phones(text: str) -> list[int]:
    return [PHONE_INDEX[phone] for phone in text.split()]


def _chain(words: Sequence[list[int]]) -> list[int]:
    """The states of a phrase: silence, which may be passed over, around each word."""
    return [_SIL, *(state for phones in words for state in (*phones, _SIL))]


def _scores(posteriors: NDArray[np.float32]) -> Float64Array:
    """Log scores (T / 2, 36) of the phones, in which sounds of one viseme help each other."""
    whole = posteriors[: len(posteriors) // _STEP * _STEP].astype(np.float64)
    frames = whole.reshape(-1, _STEP, len(PHONES)).mean(1)
    same = (VISEME_OF_PHONE[:, None] == VISEME_OF_PHONE[None]).astype(np.float64)
    mixed = (1 - _VISEME_SHARE) * frames + _VISEME_SHARE * (frames @ same)
    return np.asarray(np.log(np.maximum(mixed, _FLOOR)), np.float64)


def _alignments(scores: Float64Array, chains: Sequence[list[int]]) -> Float64Array:
    """The score (N,) of the best path of each chain through all frames, by Viterbi, all chains at once."""
    longest = max(len(chain) for chain in chains)
    states = np.full((len(chains), longest), _SIL)
    for row, chain in enumerate(chains):
        states[row, : len(chain)] = chain
    ends = np.array([len(chain) for chain in chains])
    may_skip = np.zeros(states.shape, bool)  # from before a silence to behind it
    may_skip[:, 2:] = states[:, 1:-1] == _SIL
    best = np.full(states.shape, -np.inf)
    best[:, 0], best[:, 1] = scores[0, states[:, 0]], scores[0, states[:, 1]]
    nothing = np.full((len(chains), 2), -np.inf)
    for frame in scores[1:]:
        padded = np.concatenate([nothing, best], axis=1)
        before = np.maximum(best, padded[:, 1:-1])
        before = np.where(may_skip, np.maximum(before, padded[:, :-2]), before)
        best = before + frame[states]
    rows = np.arange(len(chains))
    return np.asarray(np.maximum(best[rows, ends - 1], best[rows, ends - 2]), np.float64)
