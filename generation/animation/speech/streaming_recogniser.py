"""Streaming speech recogniser: analyses audio that is still arriving, with a fixed look-ahead of 120 ms.

Every 50 ms (HOP_S) it runs the encoder over the last 1.28 s, which attend to the last 2 s (WINDOW_S) and to
silence after them, and the net of `speech_analysis` over half a second, and commits the frames that lie at
least LOOK_AHEAD_S back.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.signal import lfilter

from generation.animation.speech.acoustic_features import FeatureStream, prosody_features
from generation.animation.speech.articulation_net import load_articulation_net, predict_articulation
from generation.animation.speech.audio_input import SAMPLE_RATE, Samples, check_sample_rate, check_samples
from generation.animation.speech.coarticulation import MouthCurves
from generation.animation.speech.lip_contacts import LIP_ON_TEETH_LIVE, LIPS_SHUT_LIVE
from generation.animation.speech.mel_spectrogram import MelStream
from generation.animation.speech.prosody import Prosody, measure_prosody
from generation.animation.speech.running_level import RunningLevel
from generation.animation.speech.speech_analysis import (
    ANALYSIS_RATE,
    FRAME_SAMPLES,
    LEAD_IN_SAMPLES,
    POSITION_SAMPLES,
    SpeechAnalysis,
    decode_prediction,
)
from generation.animation.speech.stream_resampling import StreamResampler
from generation.animation.speech.voice_quality import (
    RunningQuality,
    evidence,
    voice_probabilities_of_window,
)
from generation.animation.speech.whisper_encoder import FEATURE_RATE
from generation.animation.torch_threads import one_torch_thread

HOP_S, LOOK_AHEAD_S, WINDOW_S = 0.05, 0.12, 2.0

_HOP = round(HOP_S * SAMPLE_RATE)
_WINDOW_POSITIONS = round(WINDOW_S * FEATURE_RATE)
_LOOK_AHEAD = round(LOOK_AHEAD_S * ANALYSIS_RATE)
_NET_POSITIONS = 24  # encoder positions at the end of the window over which the net runs
# Silence that the encoder gets after the window. It was trained on clips that are padded with silence, and
# its features of the last words are worse where the input breaks off.
_SILENT_POSITIONS = 16
_MAX_CONTACT_STEP = 0.34  # change of a contact in a frame, where two windows disagree
_HIGH_PASS = (np.array((1.0, -1.0)), np.array((1.0, -0.997)))  # 8 Hz


class StreamingRecogniser:
    """Analyses a stream of audio. Not thread-safe; memory does not grow with the stream.

    The result does not depend on where the audio was cut into chunks.
    """

    def __init__(self, sample_rate: int) -> None:
        """Raises UnusableAudioError for a rate out of range."""
        check_sample_rate(sample_rate)
        self._resampler = StreamResampler(sample_rate)
        self._level = RunningLevel()
        self._quality = RunningQuality()
        self._high_pass_state = np.zeros(1)
        self._mel, self._features = MelStream(), FeatureStream()
        self._sound = np.zeros(0, np.float32)  # over which the net runs, at the most
        self._pending = np.zeros(0, np.float32)
        self._ended = 0  # 16 kHz samples that have been analysed
        self._committed = 0  # frames
        self._last = SpeechAnalysis.empty()
        self._hear(np.zeros(LEAD_IN_SAMPLES, np.float32))

    def push(self, chunk: Samples) -> SpeechAnalysis:
        """The frames committed by this chunk (N,) in -1..1; often none. Raises UnusableAudioError."""
        return self._push_resampled(self._resampler.push(check_samples(chunk)))

    def flush(self) -> SpeechAnalysis:
        """End of the stream: the frames that still waited for their look-ahead. Nothing may be pushed
        after."""
        parts = [self._push_resampled(self._resampler.flush())]
        total = (self._ended + len(self._pending)) // FRAME_SAMPLES
        # What is left of a hop is padded with silence, which is not given out.
        rest = np.pad(self._pending, (0, _HOP - len(self._pending)))
        self._pending = np.zeros(0, np.float32)
        self._advance(rest)
        parts.append(self._commit(total))
        return SpeechAnalysis.concatenate(parts)

    def _push_resampled(self, samples: Samples) -> SpeechAnalysis:
        if len(samples):
            filtered, self._high_pass_state = lfilter(*_HIGH_PASS, samples, zi=self._high_pass_state)
            self._pending = np.concatenate([self._pending, filtered.astype(np.float32)])
        parts = []
        while len(self._pending) >= _HOP:
            self._advance(self._pending[:_HOP])
            self._pending = self._pending[_HOP:]
            parts.append(self._commit(self._ended // FRAME_SAMPLES - _LOOK_AHEAD))
        return SpeechAnalysis.concatenate(parts)

    def _advance(self, hop: Samples) -> None:
        self._level.update(hop)
        self._hear(hop)
        self._ended += _HOP

    def _hear(self, samples: Samples) -> None:
        self._mel.push(samples)
        self._sound = np.concatenate([self._sound, samples])[-_NET_POSITIONS * POSITION_SAMPLES :]

    def _commit(self, until: int) -> SpeechAnalysis:
        """Frames from the last committed one to before `until`, as the present window has them."""
        if until <= self._committed:
            return SpeechAnalysis.empty()
        with one_torch_thread():
            return self._analyse(until)

    def _analyse(self, until: int) -> SpeechAnalysis:
        gain = self._level.gain
        frames = (LEAD_IN_SAMPLES + self._ended) // FRAME_SAMPLES
        # With every second hop the last position is half silence.
        end = (frames + 1) // 2
        first, last = max(0, end - _WINDOW_POSITIONS), min(_NET_POSITIONS, end)
        mel = torch.from_numpy(self._mel.log_mel(2 * first, 2 * (end + _SILENT_POSITIONS), gain))
        features = self._features.features(mel, first, _SILENT_POSITIONS, last)
        mel = mel[:, 2 * (end - last - first) : 2 * (end - first)]
        missing = (2 * end - frames) * FRAME_SAMPLES
        sound = self._sound[-(last * POSITION_SAMPLES - missing) :] * np.float32(gain)
        prosody = measure_prosody(np.pad(sound, (0, missing)))
        prediction = predict_articulation(
            load_articulation_net(), features, mel.T, torch.from_numpy(prosody_features(prosody))
        )
        analysis = decode_prediction(prediction, prosody, LIPS_SHUT_LIVE, LIP_ON_TEETH_LIVE)
        probabilities = voice_probabilities_of_window(features.numpy())[None].repeat(len(analysis), axis=0)
        frames_of_voice = evidence(probabilities, mel.numpy(), prosody, analysis.posteriors)
        skipped = 2 * (end - last) - LEAD_IN_SAMPLES // FRAME_SAMPLES  # frames of the stream before these
        new = slice(self._committed - skipped, until - skipped)
        quality = self._quality.update(frames_of_voice[new])
        part = _continue_from(self._last, analysis.between(new.start, new.stop).with_quality(quality))
        self._committed, self._last = until, part.between(len(part) - 1, len(part))
        return part


def _continue_from(last: SpeechAnalysis, part: SpeechAnalysis) -> SpeechAnalysis:
    """`part` without a jump of contacts and pitch from the frame before it, `last`."""
    if not len(last):
        return part
    mouth, prosody = part.mouth, part.prosody
    closure, lip_teeth = (
        _limit_steps(curve, before[-1])
        for curve, before in ((mouth.closure, last.mouth.closure), (mouth.lip_teeth, last.mouth.lip_teeth))
    )
    pitch = np.where(prosody.pitch_hz > 0, prosody.pitch_hz, last.prosody.pitch_hz[-1])
    return SpeechAnalysis(
        part.posteriors,
        MouthCurves(mouth.shapes, closure, lip_teeth),
        Prosody(prosody.level_db, prosody.voicing, pitch.astype(np.float32)),
        part.quality,
    )


def _limit_steps(curve: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """`curve` (T,) with steps of at most _MAX_CONTACT_STEP, the first one from `before`."""
    out = curve.copy()
    for i, value in enumerate(curve):
        before = min(max(value, before - _MAX_CONTACT_STEP), before + _MAX_CONTACT_STEP)
        out[i] = before
    return out
