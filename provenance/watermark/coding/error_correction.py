"""Tail-biting convolutional code with soft-decision Viterbi decoding: 64 payload bits, 256 coded bits.

Rate 1/4, constraint length 9, generators 463, 535, 733, 745 (octal; Proakis, Digital Communications, tables
of best rate 1/4 codes): 64 bits become 256. Tail-biting costs no extra bits: the encoder starts in the state
in which it ends. Many readings are decoded at once, so that the loop over steps is worth its cost in Python.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

GENERATORS = (0o463, 0o535, 0o733, 0o745)
RATE_INVERSE = len(GENERATORS)
MEMORY = 8
STATES = 1 << MEMORY
LAPS = 3  # the decoder runs round the circle and keeps the middle lap, where start and end no longer matter

# (512, 4) bits sent for each content of the 9-bit register, newest bit lowest.
_OUTPUT = (
    np.bitwise_count(np.arange(2 * STATES, dtype=np.uint16)[:, None] & np.array(GENERATORS, np.uint16)) % 2
)
_OUTPUT_SIGNS = np.where(_OUTPUT == 1, np.float32(1), np.float32(-1))


def encode(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Code (n,) bits, n >= 8, into (4 n,) bits."""
    state = 0
    for bit in bits[-MEMORY:]:
        state = (state << 1 | int(bit)) & (STATES - 1)
    coded = np.empty((len(bits), RATE_INVERSE), np.uint8)
    for step, bit in enumerate(bits):
        register = state << 1 | int(bit)
        coded[step] = _OUTPUT[register]
        state = register & (STATES - 1)
    return coded.reshape(-1)


@lru_cache(maxsize=1)
def _codewords_of_bytes() -> NDArray[np.uint64]:
    """(8, 256, 4): the codeword, as 256 bits in four 64-bit numbers, of each value of each byte of a 64-bit
    payload.
    """
    basis = np.stack([np.packbits(encode(row)) for row in np.eye(64, dtype=np.uint8)]).view(np.uint64)
    table = np.zeros((8, 256, 4), np.uint64)
    for value in range(256):
        for bit in range(8):
            if value >> (7 - bit) & 1:
                table[:, value] ^= basis[bit::8]
    return table


def encode_packed(payloads: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The (n, 32) packed codewords of (n, 8) bytes: the code is linear, so eight look-ups and XORs."""
    table = _codewords_of_bytes()
    coded = table[0][payloads[:, 0]]
    for place in range(1, 8):
        coded ^= table[place][payloads[:, place]]
    packed: NDArray[np.uint8] = coded.view(np.uint8).reshape(len(payloads), 32)
    return packed


def branch_scores(soft_bits: NDArray[np.floating]) -> NDArray[np.floating]:
    """(n, b, 512): what each content of the register adds to a codeword's score at each of n steps, for
    (b, 4 n) soft bits. Content r leads from state r >> 1 to state r mod 256.
    """
    steps = soft_bits.reshape(len(soft_bits), -1, RATE_INVERSE)
    scores: NDArray[np.floating] = np.einsum("bto,ro->tbr", steps, _OUTPUT_SIGNS, optimize=True)
    return scores


def decode(soft_bits: NDArray[np.floating]) -> NDArray[np.uint8]:
    """The most likely (b, n) bits for (b, 4 n) `soft_bits`: positive for a one, any scale."""
    count, length = len(soft_bits), soft_bits.shape[1] // RATE_INVERSE
    # All rows' values of one state lie side by side: a state and its predecessors are then whole rows.
    branches = np.ascontiguousarray(branch_scores(soft_bits.astype(np.float32)).transpose(0, 2, 1))
    # Content r of the register was shifted in from state r >> 1 and leads to state r mod 256.
    branches = branches.reshape(length, STATES, 2, count)
    metric, arriving = np.zeros((STATES, count), np.float32), np.empty((STATES, 2, count), np.float32)
    lower, upper = arriving.reshape(2, STATES, count)
    from_upper_half = np.empty((LAPS * length, STATES, count), np.bool_)
    for step in range(LAPS * length):
        np.add(branches[step % length], metric[:, None], out=arriving)
        np.greater(upper, lower, out=from_upper_half[step])
        np.maximum(lower, upper, out=metric)
    state = metric.argmax(0)
    bits = np.empty((LAPS * length, count), np.uint8)
    every = np.arange(count)
    for step in reversed(range(length, LAPS * length)):
        bits[step] = state & 1
        is_from_upper = from_upper_half[step].take(state * count + every)
        state = (state >> 1) | (is_from_upper.astype(np.intp) << (MEMORY - 1))
    return np.ascontiguousarray(bits[length : 2 * length].T)
