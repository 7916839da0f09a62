"""Decode, check and normalise one uploaded recording, inside a confined process.

Run by `generation.intake.examine` as `python -m generation.intake.inspect_audio REQUEST_JSON`. The normalised
sound is written into the destination file, which has to exist: the confined process may write but not create.
"""

from __future__ import annotations

import json
import struct
import sys
import wave
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from generation.intake.inspection import AudioAnswer, AudioRequest, InspectedAudio, Refusal
from generation.intake.limits import AUDIO_MAX_S, AUDIO_MIN_S, AUDIO_SAMPLE_RATE
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning
from generation.intake.speech_presence import has_speech
from provenance.common.strict_json import parse, to_plain

# Quieter than this at its loudest is digital silence or the noise of an open input.
SILENT_PEAK = 10 ** (-50 / 20)
# Several full-scale samples in a row are a wave with its top cut off; a single one is a loud but whole wave.
CLIPPED_RUN = 4
CLIPPED_SHARE = 0.0005
UNSTATED_SIZES = frozenset({0, 0x7FFFFFFF, 0xFFFFFFFF})
# Containers whose header states how long the sound is. MP3 only estimates it.
EXACT_LENGTH = frozenset({"wav", "mp4", "flac"})


def main(request: AudioRequest) -> AudioAnswer:
    """The answer to one request."""
    try:
        return AudioAnswer(inspect(request), None)
    except IntakeRefused as refused:
        return AudioAnswer(None, Refusal.of(refused))


def inspect(request: AudioRequest) -> InspectedAudio:
    """Decode, check and normalise. Raises IntakeRefused."""
    samples = decode(request.source, request.container)
    warnings = check_speech(samples)
    with wave.open(str(request.destination), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(AUDIO_SAMPLE_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return InspectedAudio(len(samples) / AUDIO_SAMPLE_RATE, AUDIO_SAMPLE_RATE, tuple(warnings))


def decode(source: Path, container: str) -> NDArray[np.int16]:
    """The sound as (N,) int16 at 48 kHz, channels mixed to one. Raises IntakeRefused.

    `container` is FFmpeg's name of the only demuxer that may run, and files are the only protocol, so
    nothing in the file can name another file or an address.
    """
    if container == "wav" and not _holds_stated_data(source):
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
    try:
        with av.open(str(source), format=container, options={"protocol_whitelist": "file"}) as file:
            if not file.streams.audio or any(not _is_cover(stream) for stream in file.streams.video):
                raise IntakeRefused.because(IntakeCode.FILE_TYPE_UNSUPPORTED)
            stated_s = file.duration / av.time_base if file.duration and container in EXACT_LENGTH else 0.0
            if stated_s > AUDIO_MAX_S + 0.1:
                raise IntakeRefused.because(IntakeCode.AUDIO_TOO_LONG)
            samples = _resample(file)
    except (av.FFmpegError, ValueError):
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED) from None
    duration_s = len(samples) / AUDIO_SAMPLE_RATE
    if not len(samples) or duration_s < stated_s - max(0.1, 0.01 * stated_s):
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED)
    if duration_s < AUDIO_MIN_S:
        raise IntakeRefused.because(IntakeCode.AUDIO_TOO_SHORT)
    return samples


def _holds_stated_data(source: Path) -> bool:
    """Whether a WAV file is as long as its header says. FFmpeg plays what is there and says nothing."""
    data = source.read_bytes()
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, place)
        if name == b"data":
            # Programs that write to a pipe cannot know the length and put the largest number, or none.
            return size in UNSTATED_SIZES or size <= len(data) - place - 8
        place += 8 + size + size % 2
    return False


def _is_cover(stream: av.VideoStream) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _resample(file: av.container.InputContainer) -> NDArray[np.int16]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=AUDIO_SAMPLE_RATE)
    pieces: list[NDArray[np.int16]] = []
    total = 0
    most = int((AUDIO_MAX_S + 0.1) * AUDIO_SAMPLE_RATE)
    for frame in file.decode(audio=0):
        frame.pts = None  # gaps and jumps in the timestamps must not become silence or errors
        for piece in resampler.resample(frame):
            pieces.append(piece.to_ndarray().reshape(-1))
            total += len(pieces[-1])
        if total > most:
            raise IntakeRefused.because(IntakeCode.AUDIO_TOO_LONG)
    pieces += [piece.to_ndarray().reshape(-1) for piece in resampler.resample(None)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


def check_speech(samples: NDArray[np.int16]) -> list[IntakeWarning]:
    """What could be better about (N,) int16 samples at 48 kHz. Raises IntakeRefused when nobody speaks."""
    sound = samples.astype(np.float32) / 32768.0
    peak = float(np.abs(sound).max())
    if peak < SILENT_PEAK:
        raise IntakeRefused.because(IntakeCode.AUDIO_SILENT)
    if not has_speech(sound, AUDIO_SAMPLE_RATE):
        raise IntakeRefused.because(IntakeCode.AUDIO_WITHOUT_SPEECH)
    warnings = []
    if _clipped_share(sound) > CLIPPED_SHARE:
        warnings.append(
            IntakeWarning("audio_clipped", "The recording is too loud: the tops of its waves are cut off.")
        )
    if peak < 10 ** (-24 / 20):
        warnings.append(IntakeWarning("audio_quiet", "The recording is very quiet; lips may move less."))
    return warnings


def _clipped_share(sound: NDArray[np.float32]) -> float:
    full = np.abs(sound) >= 0.999
    runs = np.lib.stride_tricks.sliding_window_view(full, CLIPPED_RUN).all(axis=1)
    return float(runs.mean())


if __name__ == "__main__":
    print(json.dumps(to_plain(main(parse(AudioRequest, sys.argv[1])))))  # noqa: T201 - the answer to the parent
