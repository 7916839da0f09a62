"""Decode, check and normalise one uploaded recording, inside a confined process.

Run by `generation.intake.examine` as `python -m generation.intake.inspect_audio`, with an `AudioRequest` as
JSON on stdin. Prints an `AudioAnswer` as JSON in one line, and the normalised sound behind it: the confined
process writes no file.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from generation.intake.inspection import AudioAnswer, AudioRequest, InspectedAudio, Refusal, write_answer
from generation.intake.limits import AUDIO_MIN_S, AUDIO_SAMPLE_RATE
from generation.intake.refusals import IntakeCode, IntakeRefused, IntakeWarning
from generation.intake.sound.channels import kept_channels, one_channel, without_offset
from generation.intake.sound.decoding import decode_sound
from generation.intake.sound.missing_time import Gap
from generation.intake.speech_presence import has_speech
from provenance.common.errors import gettext_noop as _
from provenance.common.strict_json import parse

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


def main(request: AudioRequest) -> tuple[AudioAnswer, bytes]:
    """The answer to one request, and the samples, none where it is refused."""
    try:
        audio, samples = inspect(request)
        return AudioAnswer(audio, None), samples
    except IntakeRefused as refused:
        return AudioAnswer(None, Refusal.of(refused)), b""


def inspect(request: AudioRequest) -> tuple[InspectedAudio, bytes]:
    """Decode, check and normalise. Raises IntakeRefused."""
    decoded = decode_sound(request.source, request.container)
    sound = without_offset(decoded.samples)
    samples = one_channel(sound, decoded.names)
    kept = kept_channels(sound, decoded.names)
    warnings = check_length(len(samples) / AUDIO_SAMPLE_RATE, decoded.gaps)
    # Tops that are cut off stand at full scale only until an offset is taken off.
    as_it_came = kept if sound is decoded.samples else kept_channels(decoded.samples, decoded.names)
    warnings += check_speech(samples, is_cut=is_clipped(as_it_came))
    duration_s = len(samples) / AUDIO_SAMPLE_RATE
    audio = InspectedAudio(duration_s, AUDIO_SAMPLE_RATE, len(kept), tuple(warnings), decoded.codec)
    return audio, kept.T.astype("<i2").tobytes()


def check_length(duration_s: float, gaps: tuple[Gap, ...]) -> list[IntakeWarning]:
    """Warn of a little missing sound. Raises IntakeRefused for too short a recording or too much missing."""
    missing_s = sum(gap.length_s for gap in gaps)
    if missing_s > min(MOST_MISSING_S, MOST_MISSING_SHARE * (duration_s + missing_s)):
        raise IntakeRefused.because(
            IntakeCode.AUDIO_DAMAGED,
            detail=_("{seconds} s of it are missing.").format(seconds=f"{missing_s:.2f}"),
        )
    if duration_s < AUDIO_MIN_S:
        raise IntakeRefused.because(IntakeCode.AUDIO_TOO_SHORT)
    if not gaps:
        return []
    places = ", ".join(f"{gap.length_s:.2f} s at {gap.at_s:.2f} s" for gap in gaps[:MOST_PLACES_NAMED])
    sentence = _("The file is damaged: {seconds} s of the recording are missing ({places}).")
    sentence = sentence.format(seconds=f"{missing_s:.2f}", places=places)
    return [IntakeWarning("audio_incomplete", sentence)]


def check_speech(samples: NDArray[np.int16], *, is_cut: bool) -> list[IntakeWarning]:
    """What could be better about (N,) int16 speech at 48 kHz; `is_cut` as `is_clipped` says.

    Raises IntakeRefused when nobody speaks.
    """
    sound = samples.astype(np.float32) / 32768.0
    peak = float(np.abs(sound).max())
    if peak < SILENT_PEAK:
        raise IntakeRefused.because(IntakeCode.AUDIO_SILENT)
    if not has_speech(sound, AUDIO_SAMPLE_RATE):
        raise IntakeRefused.because(IntakeCode.AUDIO_WITHOUT_SPEECH)
    warnings = []
    if is_cut:
        warnings.append(
            IntakeWarning("audio_clipped", _("The recording is too loud: the tops of its waves are cut off."))
        )
    if peak < 10 ** (-24 / 20):
        warnings.append(
            IntakeWarning("audio_quiet", _("The recording is very quiet, and so will the video be."))
        )
    return warnings


def is_clipped(sound: NDArray[np.int16]) -> bool:
    """Whether (C, N) int16 sound as it came has waves with their tops cut off in any channel."""
    return any(_clipped_share(channel) > CLIPPED_SHARE for channel in sound)


def _clipped_share(channel: NDArray[np.int16]) -> float:
    if len(channel) < CLIPPED_RUN:
        return 0.0
    full = np.abs(channel.astype(np.float32)) >= FULL_SCALE
    runs = np.lib.stride_tricks.sliding_window_view(full, CLIPPED_RUN).all(axis=1)
    return float(runs.mean())


if __name__ == "__main__":
    write_answer(*main(parse(AudioRequest, sys.stdin.read())))
