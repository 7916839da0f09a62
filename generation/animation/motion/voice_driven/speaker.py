"""Who performs: the ways in which one speaker's body goes along with a voice, drawn by the seed.

Speakers couple voice and movement loosely and each in their own way (Yehia et al. 2002, Busso et al. 2007):
one nods where another tips the head, one raises the brows with the pitch where another lowers them with
force. Nothing here says when anything happens; that is in the recording.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from generation.animation.arrays import Float64Array
from generation.animation.track.arkit import ARKIT_ACTIONS

POSTURE_FEATURES: Final = 7
BEAT_FEATURES: Final = 6
_POSTURE_DEG: Final = (9.0, 5.6, 6.4)  # yaw, pitch, roll
_BEAT_DEG: Final = (3.4, 3.6, 2.4)
_SYLLABLE_DEG: Final = (0.75, 0.95, 0.6)
_RAISE, _FROWN = 2.10, 1.70
# How much further a head moves with what is loud. Some move less then: what all have in common with a
# voice is about half of what they do.
_FORCE: Final = (-1.1, 1.2)
_NODS_DEG, _FLASHES = (1.6, 3.4), (0.16, 0.36)
_BESIDE_ACCENTS: Final = 0.55  # of what else of the middle band nods, and raises brows
_SLOWLY: Final = np.array((1.0, _BESIDE_ACCENTS, _BESIDE_ACCENTS, 1.0, 1.0, _BESIDE_ACCENTS))
_LIVELIER: Final = 0.22  # by which one half of the face moves more than the mean of both, at the most


@dataclass(frozen=True, eq=False)
class Speaker:
    """One draw. `posture` (3, 7) and `beats` (3, 6) turn features of the voice into yaw, pitch and roll in
    degrees, `syllables` (3, 3) quick energy, pitch and vowels. `delay` is in rows: beats come so much later
    than what is said. `look` (2,) is where the eyes go when words are sought, in degrees; `shyness` 0..1 is
    how much of an onset it takes. `side` -1..1 is the livelier half of the face. On the strongest accent the
    head comes down by `nods` degrees, and the brows rise by `flashes` of their way."""

    posture: Float64Array
    beats: Float64Array
    syllables: Float64Array
    range_of: Float64Array
    follow_s: float
    delay: int
    force: float
    look: Float64Array
    shyness: float
    wander: Float64Array
    raises: Float64Array
    frowns: Float64Array
    brow_outer: float
    lids: float
    cheek: float
    side: float
    tilt: float
    blink_phase: float
    nods: float
    flashes: float

    def with_accents(self) -> Speaker:
        """The same speaker where accents are known, which take the place of a part of the middle band."""
        beats = self.beats.copy()
        beats[1] *= _BESIDE_ACCENTS
        return replace(self, beats=beats, raises=_SLOWLY * self.raises)

    @property
    def side_gains(self) -> Float64Array:
        """How strongly each action moves against the mean of both halves: (52,). Lids shut alike."""
        gains = np.ones(len(ARKIT_ACTIONS))
        for index, name in enumerate(ARKIT_ACTIONS):
            if not name.startswith(("mouth", "jaw", "eyeBlink", "eyeLook")):
                gains[index] += _LIVELIER * self.side * (name.endswith("Left") - name.endswith("Right"))
        return gains


def draw_speaker(seed: int) -> Speaker:
    """The speaker of a seed; any integer."""
    generator = np.random.default_rng([seed & (2**64 - 1), 0x5EAC])
    posture = _directions(generator, 3, POSTURE_FEATURES) * np.array(_POSTURE_DEG)[:, None]
    posture *= generator.lognormal(-0.05, 0.3, (3, 1))
    beats = _directions(generator, 3, BEAT_FEATURES)
    # Nearly everybody's head goes down with force; the rest is taste.
    beats[1, 0] = abs(beats[1, 0]) + 0.4
    beats *= np.array(_BEAT_DEG)[:, None] * generator.lognormal(0.1, 0.45, (3, 1))
    syllables = _directions(generator, 3, 3) * np.array(_SYLLABLE_DEG)[:, None]
    syllables *= generator.lognormal(-0.05, 0.4, (3, 1))
    side = float(generator.choice((-1.0, 1.0)))
    angle = float(generator.uniform(-0.6, 0.6))
    reach = float(generator.uniform(6.0, 12.0))
    return Speaker(
        posture=posture,
        beats=beats,
        syllables=syllables,
        range_of=generator.uniform(-1.1, 1.1, POSTURE_FEATURES),
        follow_s=float(generator.uniform(0.16, 0.40)),
        delay=int(generator.integers(0, 4)),
        force=float(generator.uniform(*_FORCE)),
        look=np.array((side * reach * np.cos(angle), 0.7 * reach * np.sin(angle))),
        shyness=float(generator.uniform(0.35, 0.6)),
        wander=_directions(generator, 2, 4) * np.array([[3.2], [1.5]]),
        raises=_RAISE * (0.9 * _directions(generator, 1, 6)[0] + np.array((0.15, 0.2, 0.2, 0.0, 0.0, 0.0))),
        # Everybody's brows come down with force; only with which part of it is taste.
        frowns=_FROWN
        * (0.8 * np.abs(_directions(generator, 1, 6)[0]) + np.array((0.0, 0.0, 0.2, 0.35, 0.0, 0.0))),
        brow_outer=float(generator.uniform(1.0, 1.6)),
        lids=float(generator.uniform(0.6, 1.2)),
        cheek=float(generator.uniform(0.6, 1.2)),
        side=float(generator.choice((-1.0, 1.0)) * generator.uniform(0.3, 1.0)),
        tilt=float(generator.choice((-1.0, 1.0)) * generator.uniform(2.0, 4.5)),
        blink_phase=float(generator.random()),
        nods=float(generator.uniform(*_NODS_DEG)),
        flashes=float(generator.uniform(*_FLASHES)),
    )


def _directions(generator: np.random.Generator, rows: int, columns: int) -> Float64Array:
    """Rows of length 1 in every direction alike: (rows, columns)."""
    drawn = generator.standard_normal((rows, columns))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float64)
