"""Decode the sound that a player would play from an untrusted file, inside the confined process."""

from __future__ import annotations

import zlib
from itertools import islice
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from provenance.fingerprints.sound.spectrogram import RATE, band_spectrogram
from provenance.verify.evidence.reader_report import SoundReport
from provenance.verify.reader.containers import open_untrusted, playing_sounds
from provenance.verify.reader.damage import DamagedSpans, is_blank_aac
from provenance.verify.reader.frames import MOST_BROKEN_PACKETS, MOST_PACKETS

MOST_SOUNDS: Final = 3  # tracks
MOST_SOUND_S: Final = 600.0  # of a file that are listened to, from its beginning
_PRIMING_S: Final = 0.1  # of encoders before the sound, which players may play or not: no delay of it
_GAP_S: Final = 0.1  # between the clock and what was played, from which there is silence
_LOST_TO_MIXING: Final = 0.25  # of the loudest channel's power: below, channels cancel each other


def read_sounds(path: Path) -> list[SoundReport]:
    """The band spectrogram of the sound that plays by default, and then of what players may play instead.

    Never raises for what is in the file; without a track, one report says so.
    """
    reports: list[SoundReport] = []
    count = MOST_SOUNDS
    while len(reports) < count:
        number = len(reports)
        track = _Track()
        try:
            with open_untrusted(path) as container:
                streams = playing_sounds(container)
                if not streams:
                    return [SoundReport("no_track")]
                count = min(MOST_SOUNDS, len(streams))
                track.play(container, streams[number])
        except (av.error.FFmpegError, ValueError, IndexError):
            track = _Track()
        reports.append(track.report())
    return reports


class _Track:
    """The samples of a track at RATE as players play them: each piece at its own time, silence between."""

    def __init__(self) -> None:
        self._pieces: list[NDArray[np.float32]] = []  # (channels, n) each
        self._done = 0  # samples
        self._start_s: float | None = None  # when the first of them is heard
        self._damage = DamagedSpans()

    def play(self, container: InputContainer, stream: AudioStream) -> None:
        """Decode MOST_SOUND_S at most; broken packets are passed over, and their time stays empty."""
        if getattr(stream, "codec_context", None) is None:  # no decoder for it is known
            return
        stream.codec_context.thread_count = 1
        channels = min(2, max(1, stream.codec_context.channels))
        resampler = av.AudioResampler("fltp", "stereo" if channels == 2 else "mono", RATE)
        begin_s = (container.start_time or 0) / av.time_base
        is_aac = stream.codec_context.name.startswith("aac")
        most, errors = round(MOST_SOUND_S * RATE), 0
        for packet in islice(container.demux(stream), MOST_PACKETS):
            at_s = None if packet.pts is None else float(packet.pts * packet.time_base) - begin_s
            is_broken = is_aac and is_blank_aac(packet)
            frames: list[AudioFrame] = []
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                is_broken = True
                errors += 1
                if errors > MOST_BROKEN_PACKETS:
                    self._damage.add(at_s)
                    return
            if is_broken:
                self._damage.add(at_s)
            for frame in frames:
                if frame.time is not None:
                    self._wait_until(float(frame.time) - begin_s, channels, most)
                if not is_broken:
                    self._damage.end(None if frame.time is None else float(frame.time) - begin_s)
                for piece in resampler.resample(frame):
                    self._add(np.asarray(piece.to_ndarray(), np.float32), most)
            if self._done >= most:
                return
        for piece in resampler.resample(None):
            self._add(np.asarray(piece.to_ndarray(), np.float32), most)

    def _wait_until(self, time_s: float, channels: int, most: int) -> None:
        """Silence up to the time of what comes, where a player has nothing to play before it."""
        if self._start_s is None:
            self._start_s = time_s if time_s > _PRIMING_S else 0.0
            return
        waited = round((time_s - self._start_s) * RATE) - self._done
        if waited > _GAP_S * RATE and self._done < most:
            self._add(np.zeros((channels, min(waited, most - self._done)), np.float32), most)

    def _add(self, samples: NDArray[np.float32], most: int) -> None:
        self._pieces.append(samples[:, : max(0, most - self._done)])
        self._done += samples.shape[1]

    def report(self) -> SoundReport:
        """What was heard."""
        if not self._pieces:
            return SoundReport("unreadable")
        sound = _one_channel(np.concatenate(self._pieces, axis=1))
        levels = band_spectrogram(sound, RATE).levels
        start_s = min(self._start_s or 0.0, MOST_SOUND_S)
        end_s = start_s + len(sound) / RATE
        return SoundReport(
            None,
            zlib.compress(levels.tobytes(), 6),
            None if len(sound) < MOST_SOUND_S * RATE else end_s,
            round(start_s, 3),
            self._damage.spans(end_s),
        )


def _one_channel(channels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,): the mean of the channels, or the loudest of them where they cancel each other."""
    mean = channels.mean(axis=0)
    powers = np.square(channels, dtype=np.float64).mean(axis=1)
    loudest = int(powers.argmax())
    if np.square(mean, dtype=np.float64).mean() < _LOST_TO_MIXING * powers[loudest]:
        return np.ascontiguousarray(channels[loudest])
    return np.asarray(mean, np.float32)
