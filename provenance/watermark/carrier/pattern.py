"""The watermark pattern: a sum of sinusoidal carriers whose frequencies, phases and signs come from the key.

The plane is measured in canonical pixels: 512 on the frame's shorter side, whatever its size. All carriers
fit 512 pixels a whole number of times.

- The pilot: carriers that also fit 128 pixels, so that they stand on a coarse lattice in the spectrum. A
  keyed choice of the lattice's points, with keyed phases. They tell an extractor how the frame was rotated,
  scaled, mirrored and moved.
- The payload: the other carriers of the band, two coded bits a carrier (its cosine and its sine), each coded
  bit on some eighty chips with keyed places and signs. It does not repeat within the frame: folding a frame
  upon itself, which lays a pilot bare, shows nothing of it.

Order and signs are drawn from SHAKE-256 instead of a library's generator, so that they never change with a
version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from provenance.watermark.coding.error_correction import RATE_INVERSE
from provenance.watermark.coding.payload import PAYLOAD_BITS, WatermarkKey

PERIOD = 512  # canonical pixels after which the whole pattern repeats
PILOT_PERIOD = 128
PILOT_STEP = PERIOD // PILOT_PERIOD
CODED_BITS = PAYLOAD_BITS * RATE_INVERSE

# In cycles a pixel. Below, faces and shadows are too strong; above, codecs and scaling take everything.
LOWEST, HIGHEST = 0.03, 0.14
PILOT_CARRIERS = 120
PILOT_SHARE = 0.38  # of the energy
TILT = -0.5  # amplitude falls with frequency to this power
PEAK = 2.4  # in standard deviations; what is above is clipped
UNIT = 32  # a pattern's value of 32 is one standard deviation


@dataclass(frozen=True, eq=False)
class Carriers:
    """The carriers of one key.

    `pilot` (P, 2) and `data` (D, 2): cycles in x and y over PERIOD. `pilot_phases` (P,) complex of size 1.
    `pilot_weights` (P,) and `data_weights` (D,): amplitudes. `slots` and `signs` (2 D,): which coded bit each
    chip carries, and how.
    """

    pilot: NDArray[np.intp]
    pilot_phases: NDArray[np.complex64]
    pilot_weights: NDArray[np.float32]
    data: NDArray[np.intp]
    data_weights: NDArray[np.float32]
    slots: NDArray[np.intp]
    signs: NDArray[np.float32]

    def pattern(self, coded: NDArray[np.uint8]) -> NDArray[np.int8]:
        """The (512, 512) pattern for (256,) coded bits, in UNIT-ths of a standard deviation."""
        chips = (2.0 * coded - 1.0)[self.slots] * self.signs
        spectrum = np.zeros((PERIOD, PERIOD), np.complex128)
        _put(spectrum, self.pilot, self.pilot_phases * self.pilot_weights)
        _put(spectrum, self.data, (chips[0::2] + 1j * chips[1::2]) / np.sqrt(2) * self.data_weights)
        shape = np.fft.ifft2(spectrum).real
        shape = np.clip(shape / shape.std(), -PEAK, PEAK)
        return np.asarray(np.rint(shape / shape.std() * UNIT), np.int8)


@lru_cache(maxsize=16)
def carriers_of(key: WatermarkKey) -> Carriers:
    """The carriers of `key`."""
    pilot = lattice()[_order(key, b"pilot lines", len(lattice()))[:PILOT_CARRIERS]]
    quarter_turns = _stream(key, b"pilot phases", PILOT_CARRIERS) & 3
    everything = _band(1)
    data = everything[(everything % PILOT_STEP).any(axis=1)]
    chips = 2 * len(data)
    slots = np.empty(chips, np.intp)
    slots[_order(key, b"chips", chips)] = np.arange(chips) % CODED_BITS
    signs = np.where(_stream(key, b"signs", chips) & 1, np.float32(1), np.float32(-1))
    return Carriers(
        pilot=pilot,
        pilot_phases=(1j**quarter_turns).astype(np.complex64),
        pilot_weights=_weights(pilot, PILOT_SHARE),
        data=data,
        data_weights=_weights(data, 1 - PILOT_SHARE),
        slots=slots,
        signs=signs,
    )


def lattice() -> NDArray[np.intp]:
    """(n, 2) frequencies, in cycles over PERIOD, among which all keys' pilots are."""
    return _band(PILOT_STEP)


@lru_cache(maxsize=2)
def _band(step: int) -> NDArray[np.intp]:
    """(n, 2) frequencies of the band on a grid of `step`, one of each pair of opposites, none on an axis."""
    reach = PERIOD // 2 // step
    y, x = np.mgrid[0:reach, -reach:reach] * step
    radius = np.hypot(x, y) / PERIOD
    inside = (radius >= LOWEST) & (radius <= HIGHEST) & (y > 0) & (x != 0)
    places = np.stack([x[inside], y[inside]], axis=1)
    places.flags.writeable = False  # one array for all keys
    return places


def _weights(carriers: NDArray[np.intp], share: float) -> NDArray[np.float32]:
    amplitude = (np.hypot(carriers[:, 0], carriers[:, 1]) / PERIOD) ** TILT
    return np.asarray(amplitude * np.sqrt(share / (amplitude**2).sum()), np.float32)


def _put(
    spectrum: NDArray[np.complex128], carriers: NDArray[np.intp], values: NDArray[np.complexfloating]
) -> None:
    spectrum[carriers[:, 1] % PERIOD, carriers[:, 0] % PERIOD] = values
    spectrum[-carriers[:, 1] % PERIOD, -carriers[:, 0] % PERIOD] = values.conj()


def _stream(key: WatermarkKey, purpose: bytes, count: int) -> NDArray[np.uint8]:
    return np.frombuffer(hashlib.shake_256(key.derive(purpose)).digest(count), np.uint8)


def _order(key: WatermarkKey, purpose: bytes, count: int) -> NDArray[np.intp]:
    return np.argsort(_stream(key, purpose, 8 * count).view("<u8"), kind="stable")
