"""The prosody around a moment in bands from the syllable to the phrase.

Head and brows follow energy and pitch at several time scales (Hadar et al. 1984, Munhall et al. 2004, Busso
et al. 2007): syllables in small quick movements, accents in beats, phrases in postures. A band is the
difference of two Gaussian means of the voice, so that a slow drift of the recording moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from generation.animation.arrays import Curve, Float64Array
from generation.animation.motion.motion_conditions import FRAMES, VOICE_FEATURES
from generation.animation.motion.motion_plan import PLAN_RATE

PAST: Final = 90  # rows behind a moment that count, 4.5 s
CHANNELS: Final = 5  # activity, energy, vowel, pitch times voicing, voicing
_ACTIVITY, _ENERGY, _VOWEL, _PITCH, _VOICED = range(CHANNELS)
# Standard deviations in seconds of the Gaussians.
_SCALES_S: Final = (0.05, 0.12, 0.22, 0.50, 1.0, 3.0)
_FASTEST, _FAST, _MIDDLE, _SLOW, _SLOWER, _SLOWEST = range(len(_SCALES_S))
_SOFTEST, _SOFT_RANGE = -1.9, 0.8  # the levels from which sound counts as speech, and counts in full
_CONTEXT_S: Final = 0.6
_LEVEL_FLOOR, _LEVEL_RANGE = -2.0, 2.5  # of voice rows: what counts as no energy, and as full
_PAUSE, _USUAL_ENERGY, _USUAL_VOWEL = 0.15, 0.87, 0.62
_USUAL_TURNS: Final = 0.29  # changes between vowel and consonant in a row of speech
_MIDDLE_GAINS: Final = (3.0, 1.5, 4.0)  # of energy, pitch and vowel
_SLOW_GAINS: Final = (34.0, 8.5, 22.0)
_LATELY: Final = 20  # rows whose changes tell the tempo
# A band is softly limited from where one speaker's hardly come, in 97 of 100 moments, up to the most.
_FREE, _MOST = 1.5, 2.5
_UNVOICED: Final = 0.06  # pitch counts for little where little is voiced


@dataclass(frozen=True, eq=False)
class Bands:
    """N moments of the voice that follow one another, each value about -1..1 unless said otherwise, and
    never beyond 2.5: where another voice goes on, its pitch is no expression of anybody.

    `activity` (N,) 0..1 is how much of the moment is speech, `onset` and `offset` (N,) 0..1 how far a phrase
    begins after a pause, or ends before one. `energy`, `pitch` and `vowel` (3, N) hold fast (2-6 Hz), middle
    (0.5-2 Hz) and slow (below 0.5 Hz). `tempo` (N,) is the rate of syllables against a usual one. `stressed`
    (2, N) are the middle bands of energy and vowel without what a beginning after a pause alone brings.
    """

    activity: Curve
    onset: Curve
    offset: Curve
    energy: Float64Array
    pitch: Float64Array
    vowel: Float64Array
    tempo: Curve
    loudness: Curve
    stressed: Float64Array

    def __len__(self) -> int:
        return len(self.activity)


def channels_of(voice: NDArray[np.float32]) -> NDArray[np.float64]:
    """Voice rows (T, 25) as channels (T, 5): activity, energy, vowel, pitch times voicing, voicing."""
    frames = voice.astype(np.float64).reshape(len(voice), FRAMES, len(VOICE_FEATURES))
    level, pitch, voiced, speech, vowel = (frames[..., i] for i in range(len(VOICE_FEATURES)))
    # Noise between phrases is heard as a little speech, softly.
    speech = np.clip((speech - 0.25) / 0.5, 0.0, 1.0) * np.clip((level - _SOFTEST) / _SOFT_RANGE, 0.0, 1.0)
    energy = speech * np.clip((level - _LEVEL_FLOOR) / _LEVEL_RANGE, 0.0, 1.4)
    stacked = np.stack([speech, energy, vowel, pitch * voiced, voiced], axis=-1)
    return np.asarray(stacked.mean(1), np.float64)


class ProsodyBands:
    """Reads bands from windows of `rows` rows of channels, the moment being row PAST of each.

    `ahead` rows of the future are known. `delay` rows later than the moment is what beats and syllables are
    taken from: people move a little before or after what they say, each in their own way.
    """

    def __init__(self, ahead: int, delay: int) -> None:
        self.ahead, self.delay = ahead, delay
        self.rows = PAST + ahead + 1
        rows = np.arange(-PAST, ahead + 1)
        offsets = rows / PLAN_RATE
        late = delay / PLAN_RATE
        near = np.abs(offsets) <= _CONTEXT_S
        lately, turning = (rows >= -_LATELY) & (rows <= 0), (rows > -_LATELY) & (rows <= 0)
        self._kernels = np.stack([
            *(_gaussian(offsets + (late if i <= _SLOW else 0.0), scale) for i, scale in enumerate(_SCALES_S)),
            _mean(near & (offsets < -0.05)),
            _mean(near & (offsets >= 0.0) if ahead > 2 else offsets >= -0.15),
            lately.astype(float),
            turning.astype(float),
        ])  # fmt: skip

    def over(self, channels: NDArray[np.float64]) -> Bands:
        """The bands of all windows in `channels` (N - 1 + rows, 5). Those of one do not depend on how many
        are read together."""
        if (
            not channels.any()
        ):  # of a live conversation mostly one voice is silent, of other streams one always
            return _no_voice(len(channels) - self.rows + 1)
        columns = np.zeros((len(channels) + 1, CHANNELS + 1))  # a row more, where there is no window at all
        columns[:-1, :CHANNELS] = channels
        columns[1:-1, CHANNELS] = np.abs(np.diff(channels[:, _VOWEL]))
        windows = sliding_window_view(columns, self.rows, axis=0)[:-1].transpose(0, 2, 1)
        read = self._kernels @ windows  # (N, 10, 6)
        means = read[:, : len(_SCALES_S)].transpose(2, 1, 0)
        before, after, lately = read[:, len(_SCALES_S) : -1, _ACTIVITY].T
        turning = read[:, -1, CHANNELS]
        energy, vowel, activity = means[_ENERGY], means[_VOWEL], means[_ACTIVITY]
        pitch = means[_PITCH] / (means[_VOICED] + _UNVOICED)
        # What is slow is told of the speech alone: how long pauses are is another matter.
        force = (energy - _USUAL_ENERGY * activity) / (activity + _PAUSE)
        colour = (vowel - _USUAL_VOWEL * activity) / (activity + _PAUSE)
        begins = np.maximum(activity[_FAST] - activity[_SLOW], 0.0)
        return Bands(
            activity=np.clip(1.2 * activity[_MIDDLE], 0.0, 1.0),
            onset=np.clip(after - before, 0.0, 1.0),
            offset=np.clip(before - after, 0.0, 1.0),
            energy=_bounded([
                4.0 * (energy[_FASTEST] - energy[_FAST]),
                _MIDDLE_GAINS[0] * (energy[_FAST] - energy[_SLOW]),
                _SLOW_GAINS[0] * (force[_SLOWER] - force[_SLOWEST]),
            ]),
            pitch=_bounded([
                3.0 * (pitch[_FASTEST] - pitch[_FAST]),
                _MIDDLE_GAINS[1] * (pitch[_MIDDLE] - pitch[_SLOWER]),
                _SLOW_GAINS[1] * (pitch[_SLOWER] - pitch[_SLOWEST]),
            ]),
            vowel=_bounded([
                4.0 * (vowel[_FASTEST] - vowel[_FAST]),
                _MIDDLE_GAINS[2] * (vowel[_FAST] - vowel[_SLOW]),
                _SLOW_GAINS[2] * (colour[_SLOWER] - colour[_SLOWEST]),
            ]),
            tempo=8.0 * (turning / (lately + 3.0) - _USUAL_TURNS) * np.clip(activity[_SLOW], 0.0, 1.0),
            loudness=energy[_MIDDLE].copy(),
            # Taken off before the limit: a loud beginning is beyond it, and has its force all the same.
            stressed=_bounded([
                _MIDDLE_GAINS[0] * (energy[_FAST] - energy[_SLOW] - _USUAL_ENERGY * begins),
                _MIDDLE_GAINS[2] * (vowel[_FAST] - vowel[_SLOW] - _USUAL_VOWEL * begins),
            ]),
        )  # fmt: skip


def _no_voice(count: int) -> Bands:
    """The bands of `count` moments with silence all around."""
    still, none = np.zeros(count), np.zeros((3, count))
    return Bands(
        activity=still, onset=still, offset=still, energy=none, pitch=none, vowel=none, tempo=still,
        loudness=still, stressed=np.zeros((2, count)),
    )  # fmt: skip


def _bounded(bands: list[Curve]) -> Float64Array:
    """Bands (K, N), softly limited beyond what one voice has."""
    stacked = np.stack(bands)
    size, room = np.abs(stacked), _MOST - _FREE
    beyond = _FREE + room * np.tanh(np.maximum(size - _FREE, 0.0) / room)
    return np.where(size > _FREE, np.sign(stacked) * beyond, stacked)


def _gaussian(offsets: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Weights that add up to 1, around 0, or around as late as is known where the future is not."""
    centre = min(0.0, float(offsets[-1]) - scale)
    weights = np.exp(-(((offsets - centre) / scale) ** 2) / 2)
    return np.asarray(weights / weights.sum(), np.float64)


def _mean(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(chosen / max(int(chosen.sum()), 1), np.float64)
