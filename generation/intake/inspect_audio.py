"""Decode, check and normalise one uploaded recording, inside a confined process.

Run by `generation.intake.examine` as `python -m generation.intake.inspect_audio REQUEST_JSON`. The normalised
sound is written into the destination file, which has to exist: the confined process may write but not create.
"""

from __future__ import annotations

import json
import sys
import wave

import numpy as np
from numpy.typing import NDArray

from generation.intake.inspection import AudioAnswer, AudioRequest, InspectedAudio, Refusal
from generation.intake.limits import AUDIO_MIN_S, AUDIO_SAMPLE_RATE
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning
from generation.intake.sound.channels import kept_channels, one_channel
from generation.intake.sound.decoding import decode_sound
from generation.intake.sound.missing_time import Gap
from generation.intake.speech_presence import has_speech
from provenance.common.strict_json import parse, to_plain

# Quieter than this at its loudest is digital silence or the noise of an open input.
SILENT_PEAK = 10 ** (-50 / 20)
# Several full-scale samples in a row are a wave with its top cut off; a single one is a loud but whole wave.
CLIPPED_RUN = 4
FULL_SCALE = 0.999 * 32768
CLIPPED_SHARE = 0.0005
# Less lost than this is a syllable, and is warned of; more is a word.
MOST_MISSING_S = 0.5
MOST_MISSING_SHARE = 0.1
MOST_PLACES_NAMED = 3


def main(request: AudioRequest) -> AudioAnswer:
    """The answer to one request."""
    try:
        return AudioAnswer(inspect(request), None)
    except IntakeRefused as refused:
        return AudioAnswer(None, Refusal.of(refused))


def inspect(request: AudioRequest) -> InspectedAudio:
    """Decode, check and normalise. Raises IntakeRefused."""
    decoded = decode_sound(request.source, request.container)
    samples = one_channel(decoded.samples, decoded.names)
    kept = kept_channels(decoded.samples, decoded.names)
    warnings = [*check_length(len(samples) / AUDIO_SAMPLE_RATE, decoded.gaps), *check_speech(samples, kept)]
    with wave.open(str(request.destination), "wb") as file:
        file.setnchannels(len(kept))
        file.setsampwidth(2)
        file.setframerate(AUDIO_SAMPLE_RATE)
        file.writeframes(kept.T.astype("<i2").tobytes())
    return InspectedAudio(len(samples) / AUDIO_SAMPLE_RATE, AUDIO_SAMPLE_RATE, tuple(warnings), decoded.codec)


def check_length(duration_s: float, gaps: tuple[Gap, ...]) -> list[IntakeWarning]:
    """Warn of a little missing sound. Raises IntakeRefused for too short a recording or too much missing."""
    missing_s = sum(gap.length_s for gap in gaps)
    if missing_s > min(MOST_MISSING_S, MOST_MISSING_SHARE * (duration_s + missing_s)):
        raise IntakeRefused.because(IntakeCode.AUDIO_DAMAGED, detail=f"{missing_s:.2f} s of it are missing.")
    if duration_s < AUDIO_MIN_S:
        raise IntakeRefused.because(IntakeCode.AUDIO_TOO_SHORT)
    if not gaps:
        return []
    places = ", ".join(f"{gap.length_s:.2f} s at {gap.at_s:.2f} s" for gap in gaps[:MOST_PLACES_NAMED])
    sentence = f"The file is damaged: {missing_s:.2f} s of the recording are missing ({places})."
    return [IntakeWarning("audio_incomplete", sentence)]


def check_speech(samples: NDArray[np.int16], kept: NDArray[np.int16]) -> list[IntakeWarning]:
    """What could be better about (N,) int16 speech at 48 kHz, of which (C, N) `kept` will be heard.

    Raises IntakeRefused when nobody speaks.
    """
    sound = samples.astype(np.float32) / 32768.0
    peak = float(np.abs(sound).max())
    if peak < SILENT_PEAK:
        raise IntakeRefused.because(IntakeCode.AUDIO_SILENT)
    if not has_speech(sound, AUDIO_SAMPLE_RATE):
        raise IntakeRefused.because(IntakeCode.AUDIO_WITHOUT_SPEECH)
    warnings = []
    if max(_clipped_share(channel) for channel in kept) > CLIPPED_SHARE:
        warnings.append(
            IntakeWarning("audio_clipped", "The recording is too loud: the tops of its waves are cut off.")
        )
    if peak < 10 ** (-24 / 20):
        warnings.append(
            IntakeWarning("audio_quiet", "The recording is very quiet, and so will the video be.")
        )
    return warnings


def _clipped_share(channel: NDArray[np.int16]) -> float:
    full = np.abs(channel.astype(np.float32)) >= FULL_SCALE
    runs = np.lib.stride_tricks.sliding_window_view(full, CLIPPED_RUN).all(axis=1)
    return float(runs.mean())


if __name__ == "__main__":
    print(json.dumps(to_plain(main(parse(AudioRequest, sys.argv[1])))))  # noqa: T201 - the answer to the parent
