"""Decode the sound that a player would play from an untrusted file, inside the confined process."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from provenance.fingerprints.sound.spectrogram import RATE, band_spectrogram
from provenance.verify.evidence.reader_report import SoundReport
from provenance.verify.reader.containers import open_untrusted, playing_sounds
from provenance.verify.reader.frames import MOST_BROKEN_PACKETS, MOST_PACKETS

MOST_SOUNDS: Final = 3  # tracks
MOST_SOUND_S: Final = 600.0  # of a file that are listened to, from its beginning
_LOST_TO_MIXING: Final = 0.25  # of the loudest channel's power: below, channels cancel each other


def read_sounds(path: Path) -> list[SoundReport]:
    """The band spectrogram of the sound that plays by default, and then of what players may play instead.

    Never raises for what is in the file; without a track, one report says so.
    """
    reports: list[SoundReport] = []
    count = MOST_SOUNDS
    while len(reports) < count:
        number = len(reports)
        try:
            with open_untrusted(path) as container:
                streams = playing_sounds(container)
                if not streams:
                    return [SoundReport("no_track")]
                count = min(MOST_SOUNDS, len(streams))
                pieces = list(_decoded(container, streams[number]))
        except (av.error.FFmpegError, ValueError, IndexError):
            pieces = []
        reports.append(_report(pieces))
    return reports


def _report(pieces: list[NDArray[np.float32]]) -> SoundReport:
    if not pieces:
        return SoundReport("unreadable")
    sound = _one_channel(np.concatenate(pieces, axis=1))
    levels = band_spectrogram(sound, RATE).levels
    is_whole = sound.shape[0] < MOST_SOUND_S * RATE
    return SoundReport(None, zlib.compress(levels.tobytes(), 6), None if is_whole else len(sound) / RATE)


def _decoded(container: InputContainer, stream: AudioStream) -> Iterator[NDArray[np.float32]]:
    """(channels, n) pieces at RATE, MOST_SOUND_S at most; broken packets are passed over."""
    if getattr(stream, "codec_context", None) is None:  # no decoder for it is known
        return
    stream.codec_context.thread_count = 1
    channels = min(2, max(1, stream.codec_context.channels))
    resampler = av.AudioResampler("fltp", "stereo" if channels == 2 else "mono", RATE)
    done = errors = 0
    for packet in islice(container.demux(stream), MOST_PACKETS):
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            errors += 1
            if errors > MOST_BROKEN_PACKETS:
                return
            continue
        for frame in frames:
            for piece in resampler.resample(frame):
                samples = np.asarray(piece.to_ndarray(), np.float32)
                yield samples[:, : max(0, round(MOST_SOUND_S * RATE) - done)]
                done += samples.shape[1]
        if done >= MOST_SOUND_S * RATE:
            return
    for piece in resampler.resample(None):
        yield np.asarray(piece.to_ndarray(), np.float32)


def _one_channel(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,): the mean of the channels, or the loudest of them where they cancel each other."""
    mean = channels.mean(axis=0)
    powers = np.square(channels, dtype=np.float64).mean(axis=1)
    loudest = int(powers.argmax())
    if np.square(mean, dtype=np.float64).mean() < _LOST_TO_MIXING * powers[loudest]:
        return np.ascontiguousarray(channels[loudest])
    return np.asarray(mean, np.float32)
