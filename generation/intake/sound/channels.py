"""Channels: which of a recording's are put together, and which are kept, chosen by how alike they are.

Averaging is right for channels that carry the same sound. It silences a channel and its inverse, halves the
speech of a recorder with one dead channel and loses ten decibels of a film's centre, so channels are compared
before they are put together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEAD_DB = -30.0  # a channel this far below the loudest holds no speech of its own
LEAST_OFFSET = 160  # of 32768: an input that does not rest at zero; below, nobody hears it switch on
CENTRE_DB = -15.0  # the centre of a film holds the speech unless it is this far below the loudest
ROOM_DB = -45.0  # of the difference of two channels to their sum; below, they are the same sound twice
ALIKE = 0.6  # correlation from which two channels are one sound; unlike microphones cancel in places
PIECE = 1 << 16  # samples taken to floating point at a time
SHARE_DB = 40.0


def one_channel(sound: NDArray[np.int16], names: tuple[str, ...]) -> NDArray[np.int16]:
    """(N,) int16 speech out of (C, N) int16 channels with FFmpeg's `names` (FL, FR, FC, LFE, ...).

    The level is that of the channels taken. Channels that are alike are averaged, each by its own power so
    that a distant microphone does not make a near one quiet, and those that are each other's inverse are
    turned first; of channels that are not alike the one with the strongest speech is taken.
    """
    if len(sound) == 1:
        return np.ascontiguousarray(sound[0])
    power = _power(sound)
    level_db = 10 * np.log10(power / max(float(power.max()), 1e-12) + 1e-12)
    if "FC" in names and len(names) > 2 and level_db[names.index("FC")] > CENTRE_DB:
        return np.ascontiguousarray(sound[names.index("FC")])
    alive = [i for i in range(len(sound)) if level_db[i] > DEAD_DB and names[i : i + 1] != ("LFE",)]
    if not alive:
        alive = [int(power.argmax())]
    reference = max(alive, key=lambda i: _speech_range_db(sound[i]) + level_db[i])
    signs = {i: _sign(sound[i], sound[reference], power[i], power[reference]) for i in alive}
    taken = {i: sign for i, sign in signs.items() if sign}
    if len(taken) <= 1:  # of digital silence none is like another
        return np.ascontiguousarray(sound[reference])
    # The sign of the first channel is kept: which way round a wave is makes no sound, but files stay alike.
    first = next(iter(taken.values()))
    share = power / power[list(taken)].sum()
    mixed = np.empty(sound.shape[1], np.int16)
    for start in range(0, sound.shape[1], PIECE):
        part = slice(start, start + PIECE)
        total = sum(
            sign * first * np.float32(share[i]) * sound[i, part].astype(np.float32)
            for i, sign in taken.items()
        )
        mixed[part] = np.clip(np.rint(total), -32768, 32767)
    return mixed


def kept_channels(sound: NDArray[np.int16], names: tuple[str, ...]) -> NDArray[np.int16]:
    """(1, N) or (2, N) int16 to be heard in the video, out of (C, N) int16 as `one_channel` takes them.

    Two channels are kept where they are one voice in one room: alike, the same way round, both alive, and
    not the same sound twice. Everything else is one channel.
    """
    if len(sound) == 2:
        power = _power(sound)
        left, right = (float(value) for value in power)
        is_alive = min(left, right) > max(left, right) * 10 ** (DEAD_DB / 10)
        if is_alive and _sign(sound[0], sound[1], left, right) > 0 and _room_db(sound) > ROOM_DB:
            return np.ascontiguousarray(sound)
    return one_channel(sound, names)[None]


def without_offset(sound: NDArray[np.int16]) -> NDArray[np.int16]:
    """(C, N) int16 whose channels rest at zero: some inputs add a constant voltage to the sound."""
    offsets = [round(float(channel.mean())) for channel in sound]
    if max(abs(offset) for offset in offsets) < LEAST_OFFSET:
        return sound
    centred = np.empty_like(sound)
    for own, channel, offset in zip(centred, sound, offsets, strict=True):
        own[:] = np.clip(channel.astype(np.int32) - offset, -32768, 32767)
    return centred


def _room_db(sound: NDArray[np.int16]) -> float:
    one, other = (channel.astype(np.float32) for channel in sound)
    difference, total = float(np.var(one - other)), float(np.var(one + other))
    return float(10 * np.log10((difference + 1e-9) / (total + 1e-9)))


def _power(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """(C,) mean square of each channel, its mean taken off."""
    power = np.empty(len(sound))
    for i, channel in enumerate(sound):
        wide = channel.astype(np.float32)
        power[i] = float(np.var(wide))
    return power


def _sign(one: NDArray[np.int16], other: NDArray[np.int16], *powers: float) -> int:
    """1 for channels that are alike, -1 for each other's inverse, 0 for different sounds."""
    a, b = one.astype(np.float32), other.astype(np.float32)
    covariance = float(np.mean(a * b)) - float(a.mean()) * float(b.mean())
    correlation = covariance / max(float(np.sqrt(powers[0] * powers[1])), 1e-9)
    return int(np.sign(correlation)) if abs(correlation) >= ALIKE else 0


def _speech_range_db(channel: NDArray[np.int16]) -> float:
    """How far the loud tenth of 20 ms pieces is above the quiet tenth: speech goes up and down, noise not."""
    step = 960
    whole = channel[: len(channel) // step * step].reshape(-1, step).astype(np.float32)
    if not len(whole):
        return 0.0
    level = 10 * np.log10(np.square(whole).mean(axis=1) + 1.0)
    return float(min(np.percentile(level, 90) - np.percentile(level, 10), SHARE_DB))
