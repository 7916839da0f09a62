"""Hear speech: phones, mouth and voice at every hundredth of a second, from a clip or while it arrives.

`hear` takes a whole clip. `Ear` takes audio in pieces and answers after HOP_S + LOOK_AHEAD_S at the most:
every 50 ms it listens to the last 1.28 s again, with the same encoder and the same net, and commits what lies
far enough back. Both give frames of 10 ms; frame i covers i / 100 to (i + 1) / 100 s.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.signal import lfilter

from generation.animation.speech.acoustic_features import describe_sound, listen
from generation.animation.speech.articulation_net import Reading, load_articulation_net, read
from generation.animation.speech.audio_features import (
    SAMPLE_RATE,
    Prosody,
    Samples,
    check_sample_rate,
    check_samples,
    log_mel,
    measure_prosody,
    prepare_samples,
)
from generation.animation.speech.coarticulation import Mouth
from generation.animation.speech.lip_contacts import (
    LIP_ON_TEETH,
    LIP_ON_TEETH_LIVE,
    LIPS_SHUT,
    LIPS_SHUT_LIVE,
    ContactRule,
    make_contact,
)
from generation.animation.speech.running_level import RunningLevel
from generation.animation.speech.stream_resampling import StreamResampler
from generation.animation.speech.visemes import LIP_CLOSURES, LIP_TEETH, PHONE_INDEX, PHONES, SHAPE_CHANNELS

HEARING_RATE = 100  # of the net, of Prosody and of Mouth alike
HOP_S, LOOK_AHEAD_S, WINDOW_S = 0.05, 0.12, 1.28

_FRAME = SAMPLE_RATE // HEARING_RATE
# Silence that is heard before the first sample: of a recording that begins with a p the net would otherwise
# take the closure for none.
_LEAD_IN = round(0.2 * SAMPLE_RATE)
_HOP, _WINDOW = round(HOP_S * SAMPLE_RATE), round(WINDOW_S * SAMPLE_RATE)
_LOOK_AHEAD = round(LOOK_AHEAD_S * HEARING_RATE)
_POSITION = 2 * _FRAME
_REACH = 24  # positions at the end of a stream's window that the net reads
_PIECE, _CONTEXT = (
    1000,
    100,
)  # frames of a clip heard at once, of which 1 s on each side only informs the rest
# Half of the training clips' frames are pauses, far more than in speech that somebody wants to see.
_PAUSES_OVERRATED = 1.5  # in log probability
_LATER = 1  # frames by which the net's labels lead those of real speech
_SMOOTHING, _RESTING = 1.0, 5.0  # frames
# The net goes on hearing speech for some tenths of a second after it ended. Where nothing louder than this is
# within 100 ms the lips rest; the silence of a p or t is shorter.
_SILENT_DB, _SILENT_AROUND, _FALLING_SILENT = -50.0, 10, 2.0  # the last two in frames
_FASTEST = 0.34  # change of a contact in a frame, where two windows of a stream disagree
_LIPS = [PHONE_INDEX[phone] for phone in sorted(LIP_CLOSURES)]
_TEETH = [PHONE_INDEX[phone] for phone in sorted(LIP_TEETH)]
_HIGH_PASS = (np.array((1.0, -1.0)), np.array((1.0, -0.997)))  # 8 Hz


@dataclass(frozen=True, eq=False)
class Heard:
    """T frames of 10 ms: `posteriors` (T, 36) in the order of visemes.PHONES, each row adding up to 1; the
    `mouth` on the same frames (its values hold for their middles); the `prosody`."""

    posteriors: NDArray[np.float32]
    mouth: Mouth
    prosody: Prosody

    def __len__(self) -> int:
        return len(self.posteriors)

    @classmethod
    def joined(cls, parts: list[Heard]) -> Heard:
        """Several stretches one after the other."""
        if not parts:
            return _nothing()
        return cls(
            np.concatenate([part.posteriors for part in parts]),
            Mouth(
                np.concatenate([part.mouth.shapes for part in parts]),
                np.concatenate([part.mouth.closure for part in parts]),
                np.concatenate([part.mouth.lip_teeth for part in parts]),
            ),
            Prosody(
                np.concatenate([part.prosody.level_db for part in parts]),
                np.concatenate([part.prosody.voicing for part in parts]),
                np.concatenate([part.prosody.pitch_hz for part in parts]),
            ),
        )

    def between(self, first: int, last: int) -> Heard:
        """Frames `first` to before `last`."""
        part = slice(first, last)
        return Heard(
            self.posteriors[part],
            Mouth(self.mouth.shapes[part], self.mouth.closure[part], self.mouth.lip_teeth[part]),
            Prosody(self.prosody.level_db[part], self.prosody.voicing[part], self.prosody.pitch_hz[part]),
        )


def hear(audio: Samples, sample_rate: int) -> Heard:
    """All frames of a clip (N,) in -1..1, N / rate * 100 of them, with the whole clip in view.

    Raises UnusableAudioError.
    """
    samples = prepare_samples(audio, sample_rate)
    count = len(samples) // _FRAME
    if not count:
        return _nothing()
    samples = np.pad(samples, (_LEAD_IN, -len(samples) % _POSITION))
    prosody = measure_prosody(samples)
    mel = torch.from_numpy(log_mel(samples))
    sound = torch.from_numpy(describe_sound(prosody))
    net, frames = load_articulation_net(), mel.shape[1]
    readings = []
    step = _PIECE - 2 * _CONTEXT
    for start in range(0, frames, step):
        first, last = max(0, start - _CONTEXT), min(frames, start + step + _CONTEXT)
        reading = read(net, listen(mel[None, :, first:last])[0], mel[:, first:last].T, sound[first:last])
        readings.append(_part(reading, start - first, min(start + step, frames) - first))
    whole = Reading(
        *(
            np.concatenate([getattr(reading, name) for reading in readings])
            for name in ("log_probabilities", "shapes", "closure", "lip_teeth")
        )
    )
    lead = _LEAD_IN // _FRAME
    return _decide(whole, prosody, LIPS_SHUT, LIP_ON_TEETH).between(lead, lead + count)


class Ear:
    """Hears a stream. Not to be shared between threads; memory does not grow with the stream."""

    def __init__(self, sample_rate: int) -> None:
        """Raises UnusableAudioError for a rate out of range."""
        check_sample_rate(sample_rate)
        self._resampler = StreamResampler(sample_rate)
        self._level = RunningLevel()
        self._high_pass = np.zeros(1)
        self._window = np.zeros(_LEAD_IN, np.float32)
        self._waiting = np.zeros(0, np.float32)
        self._ended = 0  # 16 kHz samples that the window has taken in
        self._committed = 0  # frames
        self._last = _nothing()

    def push(self, chunk: Samples) -> Heard:
        """Frames committed by this piece of audio (N,) in -1..1; often none. Raises UnusableAudioError."""
        return self._take(self._resampler.push(check_samples(chunk)))

    def finish(self) -> Heard:
        """The frames that were still waiting for what comes after them; afterwards the ear is of no use."""
        parts = [self._take(self._resampler.finish())]
        total = (self._ended + len(self._waiting)) // _FRAME
        # What is left of a hop, and silence up to its end, which is not given out.
        rest = np.pad(self._waiting, (0, _HOP - len(self._waiting)))
        self._waiting = np.zeros(0, np.float32)
        self._advance(rest)
        parts.append(self._commit(total))
        return Heard.joined(parts)

    def _take(self, samples: Samples) -> Heard:
        if len(samples):
            filtered, self._high_pass = lfilter(*_HIGH_PASS, samples, zi=self._high_pass)
            self._waiting = np.concatenate([self._waiting, filtered.astype(np.float32)])
        parts = []
        while len(self._waiting) >= _HOP:
            self._advance(self._waiting[:_HOP])
            self._waiting = self._waiting[_HOP:]
            parts.append(self._commit(self._ended // _FRAME - _LOOK_AHEAD))
        return Heard.joined(parts)

    def _advance(self, hop: Samples) -> None:
        self._level.hear(hop)
        self._window = np.concatenate([self._window, hop])[-_WINDOW:]
        self._ended += _HOP

    def _commit(self, until: int) -> Heard:
        """Frames from the last committed one to before `until`, as the window tells them now."""
        if until <= self._committed:
            return _nothing()
        whole_positions = len(self._window) // _POSITION * _POSITION
        window = self._window[len(self._window) - whole_positions :] * np.float32(self._level.gain)
        # Older positions only inform the encoder: the net does not reach back to them.
        last = min(_REACH, whole_positions // _POSITION)
        mel = torch.from_numpy(log_mel(window))
        prosody = measure_prosody(window[-last * _POSITION :])
        sound = torch.from_numpy(describe_sound(prosody))
        reading = read(load_articulation_net(), listen(mel[None], last)[0], mel[:, -2 * last :].T, sound)
        heard = _decide(reading, prosody, LIPS_SHUT_LIVE, LIP_ON_TEETH_LIVE)
        first = self._ended // _FRAME - 2 * last
        part = _continued(self._last, heard.between(self._committed - first, until - first))
        self._committed, self._last = until, part.between(len(part) - 1, len(part))
        return part


def _decide(reading: Reading, prosody: Prosody, lips_shut: ContactRule, lip_on_teeth: ContactRule) -> Heard:
    reading = Reading(*(_delayed(values) for values in astuple(reading)))
    scores = reading.log_probabilities.astype(np.float64)
    scores[:, PHONE_INDEX["SIL"]] -= _PAUSES_OVERRATED
    posteriors = np.exp(scores - scores.max(1, keepdims=True))
    posteriors /= posteriors.sum(1, keepdims=True)
    # What the phones say of p, b, m and f, v tells more than the contact heads, which help in training.
    sounding = 1 - _silence(prosody.level_db[: len(posteriors)])
    closure, lip_teeth = (sounding * posteriors[:, phones].sum(1) for phones in (_LIPS, _TEETH))
    shapes = gaussian_filter1d(reading.shapes.astype(np.float64), _SMOOTHING, axis=0, mode="nearest")
    # The net leaves the jaw a little open in pauses, where the mouth of a person rests.
    pause = gaussian_filter1d(np.exp(reading.log_probabilities[:, 0]).astype(np.float64), _RESTING)
    shapes *= (sounding * (1 - np.clip((pause - 0.5) / 0.4, 0.0, 1.0)))[:, None]
    return Heard(
        posteriors.astype(np.float32),
        Mouth(shapes, make_contact(closure, lips_shut), make_contact(lip_teeth, lip_on_teeth)),
        prosody,
    )


def _silence(level_db: NDArray[np.float32]) -> NDArray[np.float64]:
    """1 in true silence, 0 in and near sound: (T,)."""
    loudest_near = maximum_filter1d(level_db, 2 * _SILENT_AROUND + 1)
    is_silent = (loudest_near < _SILENT_DB).astype(np.float64)
    return np.asarray(gaussian_filter1d(is_silent, _FALLING_SILENT), np.float64)


def _delayed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.concatenate([values[:1].repeat(min(_LATER, len(values)), axis=0), values[:-_LATER]])


def _continued(last: Heard, part: Heard) -> Heard:
    """`part` without a jump from the frame before it, in contacts and in pitch."""
    if not len(last):
        return part
    mouth, prosody = part.mouth, part.prosody
    closure, lip_teeth = (
        _no_faster(curve, before[-1])
        for curve, before in ((mouth.closure, last.mouth.closure), (mouth.lip_teeth, last.mouth.lip_teeth))
    )
    pitch = np.where(prosody.pitch_hz > 0, prosody.pitch_hz, last.prosody.pitch_hz[-1])
    return Heard(
        part.posteriors,
        Mouth(mouth.shapes, closure, lip_teeth),
        Prosody(prosody.level_db, prosody.voicing, pitch.astype(np.float32)),
    )


def _no_faster(curve: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    out = curve.copy()
    for i, value in enumerate(curve):
        before = min(max(value, before - _FASTEST), before + _FASTEST)
        out[i] = before
    return out


def _part(reading: Reading, first: int, last: int) -> Reading:
    part = slice(first, last)
    return Reading(
        reading.log_probabilities[part], reading.shapes[part], reading.closure[part], reading.lip_teeth[part]
    )


def _nothing() -> Heard:
    empty = np.zeros(0, np.float32)
    return Heard(
        np.zeros((0, len(PHONES)), np.float32),
        Mouth(np.zeros((0, len(SHAPE_CHANNELS))), np.zeros(0), np.zeros(0)),
        Prosody(empty, empty, empty),
    )
