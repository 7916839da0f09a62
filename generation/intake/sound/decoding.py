"""Decodes a recording of any accepted container, tolerates damage, and maps the time that is missing."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from generation.intake.formats.iso_bmff import is_stream_cut_off
from generation.intake.formats.wave_family import is_avi_cut_off, sound_bytes
from generation.intake.limits import AUDIO_MAX_S, AUDIO_SAMPLE_RATE
from generation.intake.refusals import IntakeCode, IntakeRefused
from generation.intake.sound.missing_time import (
    Gap,
    Statement,
    gaps_between_frames,
    matroska_statement,
    ogg_statement,
)

# Containers whose stated length counts samples. WebM states it itself, see `matroska_statement`.
EXACT_LENGTH = frozenset({"mp4", "flac", "aiff", "asf", "avi"})
STATED_IN_BYTES = frozenset({"wav", "w64", "caf", "au"})
SLACK_S_OF = {
    "wav": 0.0005,
    "w64": 0.0005,
    "caf": 0.0005,
    "au": 0.0005,
    "asf": 0.2,
}  # WMA's first packets give no sound
WITHOUT_TIMES = frozenset({"mp3", "aac", "amr", "gsm"})  # frames in a row; FFmpeg counts times itself
SLACK_S = 0.08  # encoders' delay at both ends, which some containers count and some do not
LEAST_GAP_S = 0.03  # recorders' clocks jitter below this
LEAST_BROKEN_GAP_S = 0.004
MOST_CHANNELS = 16
MOST_TRACKS = 8
SILENT = 100  # of 32768: what recording programs leave in a track without a source


@dataclass(frozen=True, eq=False)
class DecodedSound:
    """Sound as (C, N) int16 at 48 kHz with silence where something is missing, and the list of that.

    `names` are FFmpeg's names of the channels, `codec` its name of the codec. `gaps` are in order of time.
    """

    samples: NDArray[np.int16]
    names: tuple[str, ...]
    codec: str
    gaps: tuple[Gap, ...]

    @property
    def missing_s(self) -> float:
        """Seconds that are missing altogether."""
        return sum(gap.length_s for gap in self.gaps)


def decode_sound(source: Path, container: str) -> DecodedSound:
    """Decode the speech in `source`. Raises IntakeRefused with audio_damaged or audio_too_long.

    Of several tracks the first that is not silent is taken, the default one before the others. `container` is
    FFmpeg's name of the only demuxer that may run, and files are the only protocol, so nothing in the file
    can name another file or an address.
    """
    decoded, tracks = _decode_track(source, container, 0)
    for number in range(1, min(tracks, MOST_TRACKS)):
        if max(abs(int(decoded.samples.min())), int(decoded.samples.max())) > SILENT:
            break
        with contextlib.suppress(IntakeRefused):
            decoded, _ = _decode_track(source, container, number)
    return decoded


def _decode_track(source: Path, container: str, number: int) -> tuple[DecodedSound, int]:
    """The track with this number in the order in which they are tried, and how many there are."""
    try:
        statement = _statement(source, container)
        with av.open(str(source), format=container, options={"protocol_whitelist": "file"}) as file:
            streams = _speech_streams(file)
            stream = streams[number]
            stream.codec_context.options = {"err_detect": "crccheck"}  # FLAC is played on over flipped bits
            stated_s = statement.stated_s
            codec = stream.codec_context.name
            if container in EXACT_LENGTH:
                stated_s = _stated_s(file, stream)
            has_more = statement.held_s is None or statement.held_s > AUDIO_MAX_S + 0.1
            if stated_s is not None and stated_s > AUDIO_MAX_S + 0.1 and has_more:
                raise IntakeRefused.because(IntakeCode.AUDIO_TOO_LONG)
            timeline = _Timeline(has_times=container not in WITHOUT_TIMES)
            has_ended_well = _decode_into(timeline, file, stream)
    except (av.FFmpegError, ValueError, IndexError, OverflowError):
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED) from None
    # What follows a place where the reader gives up is only known to be missing where a length is stated.
    is_end_unknown = not has_ended_well and stated_s is None and container not in WITHOUT_TIMES
    if not timeline.total or statement.is_cut_off or is_end_unknown:
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
    samples, gaps = timeline.samples(), timeline.gaps
    if container in {"mp3", "aac"}:
        samples, gaps = _with_lost_frames(source, container, samples, gaps)
    missing_end_s = (stated_s or 0.0) - samples.shape[1] / AUDIO_SAMPLE_RATE
    if missing_end_s > SLACK_S_OF.get(container, SLACK_S):
        gaps = [*gaps, Gap(samples.shape[1] / AUDIO_SAMPLE_RATE, missing_end_s)]
    return DecodedSound(samples, timeline.names, codec, tuple(gaps)), len(streams)


def _statement(source: Path, container: str) -> Statement:
    size = source.stat().st_size
    with source.open("rb") as file:
        if container in STATED_IN_BYTES:
            sound = sound_bytes(file, size, container)
            if sound is None:
                raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
            if sound.stated is None:
                return Statement(None, is_cut_off=False)
            if not sound.bytes_per_second:
                return Statement(None, is_cut_off=sound.held < sound.stated)
            held_s = sound.held / sound.bytes_per_second
            return Statement(sound.stated / sound.bytes_per_second, is_cut_off=False, held_s=held_s)
        if container == "avi":
            return Statement(None, is_cut_off=is_avi_cut_off(file, size))
        if container == "mp4":
            return Statement(None, is_cut_off=is_stream_cut_off(file, size))
        if container == "ogg":
            return ogg_statement(file, size)
        if container == "matroska":
            return matroska_statement(file, size)
    return Statement(None, is_cut_off=False)


def _speech_streams(file: av.container.InputContainer) -> list[av.AudioStream]:
    """The sound tracks of the file that there is a decoder for, the default one first."""
    streams = [stream for stream in file.streams.audio if stream.codec_context is not None]
    if not streams:
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
    is_default = av.stream.Disposition.default
    return sorted(streams, key=lambda stream: not stream.disposition & is_default)


def _stated_s(file: av.container.InputContainer, stream: av.AudioStream) -> float | None:
    # The stream's own length counts the encoder's delay, the file's that of a video beside the sound.
    lengths = []
    if file.duration:
        lengths.append(file.duration / av.time_base)
    if stream.duration and stream.time_base:
        lengths.append(float(stream.duration * stream.time_base))
    return min(lengths, default=None)


def _decode_into(timeline: _Timeline, file: av.container.InputContainer, stream: av.AudioStream) -> bool:
    """Decode all of it; False when the reader gave up before the end."""
    packets = file.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.EOFError):
            return True
        except av.FFmpegError:
            return False
        try:
            frames = packet.decode()
        except av.FFmpegError:
            duration = float(packet.duration * packet.time_base) if packet.duration else 0.0
            timeline.skip_broken(duration)
            continue
        for frame in frames:
            timeline.add(frame)


class _Timeline:
    """Collects decoded frames in order of time, at 48 kHz, with silence in the gaps between them."""

    def __init__(self, *, has_times: bool) -> None:
        self.names: tuple[str, ...] = ()
        self.gaps: list[Gap] = []
        self.total = 0
        self._has_times = has_times
        self._pieces: list[NDArray[np.int16]] = []
        self._resampler: av.AudioResampler | None = None
        self._form: tuple[object, ...] = ()
        self._end_s: float | None = None
        self._broken_s = 0.0
        self._is_broken = False

    def add(self, frame: av.AudioFrame) -> None:
        """The next frame. Raises IntakeRefused with audio_too_long."""
        start_s = frame.time if self._has_times else None
        if start_s is not None and self._end_s is not None:
            gap_s = start_s - self._end_s
            if gap_s > (LEAST_BROKEN_GAP_S if self._is_broken else LEAST_GAP_S):
                self._insert(gap_s)
        elif self._broken_s:
            self._insert(self._broken_s)
        if start_s is None and self._end_s is not None:
            start_s = self._end_s + self._broken_s
        self._broken_s, self._is_broken = 0.0, False
        self._end_s = None if start_s is None else start_s + frame.samples / frame.sample_rate
        self._resample(frame)

    def skip_broken(self, duration_s: float) -> None:
        """A packet that could not be decoded stood here."""
        self._is_broken = True
        if self.total:
            self._broken_s += duration_s

    def samples(self) -> NDArray[np.int16]:
        """All of it, (C, N)."""
        self._flush()
        return np.concatenate(self._pieces, axis=1)

    def _resample(self, frame: av.AudioFrame) -> None:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self._flush()
            self._resampler = av.AudioResampler(format="s16", layout=frame.layout, rate=AUDIO_SAMPLE_RATE)
            self._form = form
            if not self.names:
                self.names = tuple(channel.name for channel in frame.layout.channels)[:MOST_CHANNELS]
        assert self._resampler is not None  # noqa: S101 - made for the first frame
        frame.pts = None  # only their order counts from here on
        for piece in self._resampler.resample(frame):
            self._keep(_channels(piece))

    def _flush(self) -> None:
        if self._resampler is not None:
            for piece in self._resampler.resample(None):
                self._keep(_channels(piece))
            self._resampler = None

    def _insert(self, length_s: float) -> None:
        if self.total / AUDIO_SAMPLE_RATE + length_s > AUDIO_MAX_S + 0.1:
            raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
        self.gaps.append(Gap(self.total / AUDIO_SAMPLE_RATE, length_s))
        silence = np.zeros((len(self.names), round(length_s * AUDIO_SAMPLE_RATE)), np.int16)
        self._keep(silence)

    def _keep(self, piece: NDArray[np.int16]) -> None:
        if len(piece) < len(self.names):  # a chained file that goes on with fewer channels
            piece = np.repeat(piece[:1], len(self.names), axis=0)
        self._pieces.append(piece[: len(self.names)])
        self.total += piece.shape[1]
        if self.total > int((AUDIO_MAX_S + 0.1) * AUDIO_SAMPLE_RATE):
            raise IntakeRefused.because(IntakeCode.AUDIO_TOO_LONG)


def _channels(frame: av.AudioFrame) -> NDArray[np.int16]:
    """(C, N) samples of an interleaved frame: PyAV reads past the planes of more than eight channels."""
    interleaved: NDArray[np.int16] = frame.to_ndarray()
    return interleaved.reshape(-1, frame.layout.nb_channels).T


def _with_lost_frames(
    source: Path, container: str, samples: NDArray[np.int16], broken: list[Gap]
) -> tuple[NDArray[np.int16], list[Gap]]:
    """Silence where frames are lost between others.

    The decoder stumbles over the same holes: what it skipped itself is silent already.
    """
    with source.open("rb") as file:
        lost, there_s = gaps_between_frames(file, source.stat().st_size, container)
    skipped_s = sum(gap.length_s for gap in broken)
    dropped_s = there_s - samples.shape[1] / AUDIO_SAMPLE_RATE + skipped_s
    # Behind a hole the reader of ADTS takes a while to find the next frame.
    if container == "aac" and lost and dropped_s > SLACK_S:
        lost[0] = Gap(lost[0].at_s, lost[0].length_s + dropped_s)
    if sum(gap.length_s for gap in lost) <= skipped_s:
        return samples, broken
    end_s = samples.shape[1] / AUDIO_SAMPLE_RATE
    for gap in reversed(lost):
        if gap.at_s >= end_s - 0.1:
            continue  # the end is missing: nothing stands behind it
        silence_s = max(gap.length_s - skipped_s, 0.0)
        place = round(gap.at_s * AUDIO_SAMPLE_RATE)
        silence = np.zeros((len(samples), round(silence_s * AUDIO_SAMPLE_RATE)), np.int16)
        samples = np.concatenate([samples[:, :place], silence, samples[:, place:]], axis=1)
        skipped_s = max(skipped_s - gap.length_s, 0.0)
    return samples, lost
