"""The index that finds which of many recorded sounds a found one is."""

from __future__ import annotations

import numpy as np

from provenance.fingerprints.sound.fingerprint import BITS, SoundFingerprint
from provenance.fingerprints.sound.index import SoundIndex
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import band_spectrogram
from tests.provenance.fingerprints.sounds import OTHER, part, recorded, spectrogram, speech


def noise(rows: int, seed: int) -> SoundFingerprint:
    bits = np.random.default_rng(seed).random((rows, BITS)) > 0.5
    return SoundFingerprint(bits, np.ones(rows, np.bool_))


def index_of(*sounds: SoundFingerprint) -> SoundIndex:
    index = SoundIndex()
    for sound in sounds:
        index.add(sound)
    return index


def test_a_piece_of_a_recording_is_found_among_others_with_noise_over_it() -> None:
    index = index_of(*(noise(300, seed) for seed in range(40)), recorded())
    piece = part(3.1, 7.0)
    louder = 2 * piece + np.random.default_rng(1).normal(0, 0.05 * piece.std(), len(piece)).astype(np.float32)
    assert index.candidates(spectrogram(louder))[0] == 40


def test_sounds_that_are_added_later_are_found_too() -> None:
    index = index_of(recorded())
    assert index.candidates(spectrogram(speech(OTHER)[0])) == []
    index.add(fingerprint(spectrogram(speech(OTHER)[0])))
    assert index.candidates(spectrogram(speech(OTHER)[0])) == [1]
    assert index.candidates(spectrogram(speech()[0])) == [0]


def test_silence_and_an_empty_index_give_nothing() -> None:
    silence = band_spectrogram(np.zeros(48_000, np.float32), 16_000)
    assert index_of(recorded()).candidates(silence) == []
    assert SoundIndex().candidates(spectrogram(speech()[0])) == []


def test_a_fingerprint_finds_the_recording_that_it_is_a_piece_of_and_no_other() -> None:
    index = index_of(noise(300, 1), recorded())
    piece = fingerprint(spectrogram(part(3.1, 7.0)))
    assert index.candidates_of(piece) == [1]
    share, seconds = recorded().agreement_with(piece)
    assert share > 0.8
    assert seconds > 3.0
    strange, _ = recorded().agreement_with(fingerprint(spectrogram(speech(OTHER)[0])))
    assert strange < 0.7
    assert recorded().agreement_with(noise(0, 1)) == (0.0, 0.0)
