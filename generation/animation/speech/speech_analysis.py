"""Speech analysis of a whole recording: phone posteriors, mouth curves and prosody, 100 frames a second.

Frame i covers i / 100 to (i + 1) / 100 s. `streaming_recogniser` does the same for audio that is still
arriving.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from generation.animation.speech.acoustic_features import encoder_features, prosody_features
from generation.animation.speech.articulation_net import (
    ArticulationPrediction,
    load_articulation_net,
    predict_articulation,
)
from generation.animation.speech.audio_input import SAMPLE_RATE, Samples, prepare_samples
from generation.animation.speech.coarticulation import MouthCurves
from generation.animation.speech.lip_contacts import LIP_ON_TEETH, LIPS_SHUT, ContactRule, make_contact
from generation.animation.speech.mel_spectrogram import log_mel
from generation.animation.speech.prosody import Prosody, measure_prosody
from generation.animation.speech.visemes import LIP_CLOSURES, LIP_TEETH, PHONE_INDEX, PHONES, SHAPE_CHANNELS
from generation.animation.speech.voice_quality import (
    VoiceQuality,
    evidence,
    quality_of_recording,
    voice_probabilities,
)

ANALYSIS_RATE = 100  # frames a second: of the net, of Prosody and of MouthCurves alike
FRAME_SAMPLES = SAMPLE_RATE // ANALYSIS_RATE
POSITION_SAMPLES = 2 * FRAME_SAMPLES  # of one position of the encoder
# Silence that is prepended: without it the net misses the closure of a recording that begins with a p.
LEAD_IN_SAMPLES = round(0.2 * SAMPLE_RATE)

# A recording is analysed in chunks; this many frames (1 s) on each side only serve as context.
_CHUNK_FRAMES, _CONTEXT_FRAMES = 1000, 100
# What a frame of the analysis depends on, to either side: four standard deviations of how slowly effort
# changes (4 s), and ramps and pauses. Contacts of the lips last less.
_REACH_FRAMES = 500
# Half of the training clips' frames are pauses, far more than in speech that is to be animated; the
# difference of the priors, in log probability, is taken off the posterior of silence.
_SILENCE_PRIOR_CORRECTION = 1.5
_LABEL_LEAD = 1  # frames by which the net's training labels lead those of real speech
_SMOOTHING, _PAUSE_SMOOTHING = 1.0, 5.0  # frames, standard deviation
# The net goes on predicting speech for some tenths of a second after it ended, from the encoder's context.
# Where nothing louder than _SILENT_DB is within 100 ms the lips rest; the silence of a p or t is shorter.
_SILENT_DB, _SILENT_AROUND, _SILENT_SMOOTHING = -50.0, 10, 2.0  # the last two in frames
_NO_SOUND_DB = -100.0
_OPENING_CHANNELS = [SHAPE_CHANNELS.index(name) for name in ("jaw", "lower_down", "upper_up")]
_CLOSURE_PHONES = [PHONE_INDEX[phone] for phone in sorted(LIP_CLOSURES)]
_LIP_TEETH_PHONES = [PHONE_INDEX[phone] for phone in sorted(LIP_TEETH)]


@dataclass(frozen=True, eq=False)
class SpeechAnalysis:
    """T frames of 10 ms: `posteriors` (T, 36) in the order of visemes.PHONES, each row adding up to 1;
    `mouth`, whose values hold for the middles of the same frames; `prosody`; `quality` of the voice."""

    posteriors: NDArray[np.float32]
    mouth: MouthCurves
    prosody: Prosody
    quality: VoiceQuality

    def __len__(self) -> int:
        return len(self.posteriors)

    @classmethod
    def empty(cls) -> SpeechAnalysis:
        """No frames."""
        none = np.zeros(0, np.float32)
        return cls(
            np.zeros((0, len(PHONES)), np.float32),
            MouthCurves(np.zeros((0, len(SHAPE_CHANNELS))), np.zeros(0), np.zeros(0)),
            Prosody(none, none, none),
            VoiceQuality.usual(0),
        )

    @classmethod
    def silent(cls, frames: int) -> SpeechAnalysis:
        """Frames in which nobody speaks."""
        posteriors = np.zeros((frames, len(PHONES)), np.float32)
        posteriors[:, PHONE_INDEX["SIL"]] = 1.0
        none = np.zeros(frames, np.float32)
        return cls(
            posteriors,
            MouthCurves(np.zeros((frames, len(SHAPE_CHANNELS))), np.zeros(frames), np.zeros(frames)),
            Prosody(np.full(frames, _NO_SOUND_DB, np.float32), none, none),
            VoiceQuality(none, none, none),
        )

    @classmethod
    def concatenate(cls, parts: list[SpeechAnalysis]) -> SpeechAnalysis:
        """Several stretches one after the other."""
        if not parts:
            return cls.empty()
        return cls(
            np.concatenate([part.posteriors for part in parts]),
            MouthCurves(
                np.concatenate([part.mouth.shapes for part in parts]),
                np.concatenate([part.mouth.closure for part in parts]),
                np.concatenate([part.mouth.lip_teeth for part in parts]),
            ),
            Prosody(
                np.concatenate([part.prosody.level_db for part in parts]),
                np.concatenate([part.prosody.voicing for part in parts]),
                np.concatenate([part.prosody.pitch_hz for part in parts]),
            ),
            VoiceQuality(
                np.concatenate([part.quality.voice for part in parts]),
                np.concatenate([part.quality.laughter for part in parts]),
                np.concatenate([part.quality.effort for part in parts]),
            ),
        )

    def between(self, first: int, last: int) -> SpeechAnalysis:
        """Frames `first` to before `last`."""
        part = slice(first, last)
        return SpeechAnalysis(
            self.posteriors[part],
            MouthCurves(self.mouth.shapes[part], self.mouth.closure[part], self.mouth.lip_teeth[part]),
            Prosody(self.prosody.level_db[part], self.prosody.voicing[part], self.prosody.pitch_hz[part]),
            VoiceQuality(self.quality.voice[part], self.quality.laughter[part], self.quality.effort[part]),
        )

    def with_quality(self, quality: VoiceQuality) -> SpeechAnalysis:
        """The same with `quality`: the mouth rests where no voice sounds and opens with effort."""
        gate = quality.gate
        shapes = self.mouth.shapes * gate[:, None]
        shapes[:, _OPENING_CHANNELS] *= quality.opening[:, None]
        mouth = MouthCurves(shapes, self.mouth.closure * gate, self.mouth.lip_teeth * gate)
        return replace(self, mouth=mouth, quality=quality)


def analyse_speech(audio: Samples, sample_rate: int) -> SpeechAnalysis:
    """Analyse a whole recording (N,) in -1..1: N / rate * 100 frames, each with context on both sides.

    Raises UnusableAudioError.
    """
    return SpeechAnalysis.concatenate(list(analyse_in_pieces(audio, sample_rate)))


def analyse_in_pieces(audio: Samples, sample_rate: int) -> Iterator[SpeechAnalysis]:
    """What `analyse_speech` gives, in pieces that follow one another, each as soon as it is known.

    The encoder, most of the work, has heard no more by then than _CHUNK_FRAMES beyond the piece. Level, pitch
    and spectrum are taken of all of the recording at first.
    """
    samples = prepare_samples(audio, sample_rate)
    count = len(samples) // FRAME_SAMPLES
    if not count:
        return
    samples = np.pad(samples, (LEAD_IN_SAMPLES, -len(samples) % POSITION_SAMPLES))
    prosody = measure_prosody(samples)
    mel = torch.from_numpy(log_mel(samples))
    del samples
    normalised_prosody = torch.from_numpy(prosody_features(prosody))
    net, frames = load_articulation_net(), mel.shape[1]
    lead = LEAD_IN_SAMPLES // FRAME_SAMPLES
    heard = _Heard()
    given = lead
    step = _CHUNK_FRAMES - 2 * _CONTEXT_FRAMES
    for start in range(0, frames, step):
        first, last = max(0, start - _CONTEXT_FRAMES), min(frames, start + step + _CONTEXT_FRAMES)
        features = encoder_features(mel[None, :, first:last])[0]
        prediction = predict_articulation(net, features, mel[:, first:last].T, normalised_prosody[first:last])
        own = slice(start - first, min(start + step, frames) - first)
        heard.append(
            _slice_frames(prediction, own.start, own.stop),
            voice_probabilities(features.numpy()).repeat(2, axis=0)[own],
        )
        final = lead + count if heard.end == frames else min(heard.end - _REACH_FRAMES, lead + count)
        if final > given:
            yield heard.analysis(given, final, mel.numpy(), prosody)
            given = final
            heard.drop_before(given - _REACH_FRAMES)


class _Heard:
    """What the networks predicted of the frames of a recording that are still needed."""

    def __init__(self) -> None:
        self._first = 0  # frame of the first prediction
        self._predictions: list[ArticulationPrediction] = []
        self._probabilities: list[NDArray[np.float64]] = []
        self.end = 0  # the frame behind the last one

    def append(self, prediction: ArticulationPrediction, probabilities: NDArray[np.float64]) -> None:
        """Add the next frames: a prediction of T, and `probabilities` (T, 2) of voice and laughter."""
        self._predictions.append(prediction)
        self._probabilities.append(probabilities)
        self.end += len(probabilities)

    def analysis(self, first: int, last: int, mel: NDArray[np.float32], prosody: Prosody) -> SpeechAnalysis:
        """The frames `first` to before `last`, with all that is there as context."""
        whole = ArticulationPrediction(
            *(
                np.concatenate([getattr(prediction, name) for prediction in self._predictions])
                for name in ("log_probabilities", "shapes", "closure", "lip_teeth")
            )
        )
        here = slice(self._first, self.end)
        part = Prosody(prosody.level_db[here], prosody.voicing[here], prosody.pitch_hz[here])
        analysis = decode_prediction(whole, part, LIPS_SHUT, LIP_ON_TEETH)
        of_voice = evidence(np.concatenate(self._probabilities), mel[:, here], part, analysis.posteriors)
        analysis = analysis.with_quality(quality_of_recording(of_voice))
        return analysis.between(first - self._first, last - self._first)

    def drop_before(self, frame: int) -> None:
        """Drop predictions of which no frame from `frame` on is part."""
        while self._first + len(self._probabilities[0]) <= frame:
            self._first += len(self._probabilities[0])
            del self._predictions[0], self._probabilities[0]


def decode_prediction(
    prediction: ArticulationPrediction, prosody: Prosody, lips_shut: ContactRule, lip_on_teeth: ContactRule
) -> SpeechAnalysis:
    """Turn the net's prediction for T frames into posteriors, and into mouth curves that rest in pauses.

    `lips_shut` and `lip_on_teeth` decide which posteriors become lip contacts.
    """
    prediction = ArticulationPrediction(*(_delay(values) for values in astuple(prediction)))
    posteriors, contacts = _posteriors(prediction.log_probabilities)
    sounding = 1 - _silence(prosody.level_db[: len(posteriors)])
    closure, lip_teeth = (sounding * contact for contact in contacts)
    shapes = gaussian_filter1d(prediction.shapes.astype(np.float64), _SMOOTHING, axis=0, mode="nearest")
    # The net leaves the jaw a little open in pauses, where a person's mouth is closed.
    pause = gaussian_filter1d(np.exp(prediction.log_probabilities[:, 0]).astype(np.float64), _PAUSE_SMOOTHING)
    shapes *= (sounding * (1 - np.clip((pause - 0.5) / 0.4, 0.0, 1.0)))[:, None]
    return SpeechAnalysis(
        posteriors,
        MouthCurves(shapes, make_contact(closure, lips_shut), make_contact(lip_teeth, lip_on_teeth)),
        prosody,
        VoiceQuality.usual(len(posteriors)),
    )


def _posteriors(log_probabilities: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The posteriors (T, 36), and how probable a p, b, m and a f, v are: (2, T).

    They predict contacts better than the contact heads, which help in training. Chunk after chunk, as double
    precision of a long recording takes much memory.
    """
    posteriors, contacts = np.empty_like(log_probabilities), np.empty((2, len(log_probabilities)))
    for first in range(0, len(posteriors), _CHUNK_FRAMES):
        chunk = slice(first, first + _CHUNK_FRAMES)
        scores = log_probabilities[chunk].astype(np.float64)
        scores[:, PHONE_INDEX["SIL"]] -= _SILENCE_PRIOR_CORRECTION
        scores = np.exp(scores - scores.max(1, keepdims=True))
        scores /= scores.sum(1, keepdims=True)
        posteriors[chunk] = scores
        contacts[:, chunk] = [scores[:, phones].sum(1) for phones in (_CLOSURE_PHONES, _LIP_TEETH_PHONES)]
    return posteriors, contacts


def _silence(level_db: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 in silence, 0 in and near sound: (T,)."""
    loudest_near = maximum_filter1d(level_db, 2 * _SILENT_AROUND + 1)
    is_silent = (loudest_near < _SILENT_DB).astype(np.float64)
    return np.asarray(gaussian_filter1d(is_silent, _SILENT_SMOOTHING), np.float64)


def _delay(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The values _LABEL_LEAD frames later; the first one is repeated."""
    return np.concatenate([values[:1].repeat(min(_LABEL_LEAD, len(values)), axis=0), values[:-_LABEL_LEAD]])


def _slice_frames(prediction: ArticulationPrediction, first: int, last: int) -> ArticulationPrediction:
    part = slice(first, last)
    return ArticulationPrediction(
        prediction.log_probabilities[part],
        prediction.shapes[part],
        prediction.closure[part],
        prediction.lip_teeth[part],
    )
