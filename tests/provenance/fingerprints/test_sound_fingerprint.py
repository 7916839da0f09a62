from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprints.sound.fingerprint import SoundFingerprint
from provenance.fingerprints.sound.measuring import fingerprint
from provenance.fingerprints.sound.spectrogram import WIDTH, BandSpectrogram, band_spectrogram
from tests.provenance.fingerprints.sounds import recorded, spectrogram, speech


def test_it_comes_back_from_its_bytes() -> None:
    before = recorded()
    after = SoundFingerprint.from_bytes(before.to_bytes())
    assert np.array_equal(before.bits, after.bits)
    assert np.array_equal(before.sounding, after.sounding)


def test_a_second_takes_about_a_hundred_bytes() -> None:
    assert len(recorded().to_bytes()) / recorded().duration_s == pytest.approx(98, abs=3)


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: b"\x02" + data[1:], lambda _: b""])
def test_other_bytes_are_refused(spoil) -> None:
    with pytest.raises(ValueError, match="no sound fingerprint"):
        SoundFingerprint.from_bytes(spoil(recorded().to_bytes()))


def test_the_sample_rate_of_a_sound_does_not_matter() -> None:
    sound, rate = speech()
    half = np.asarray(sound[: len(sound) // 2 * 2].reshape(-1, 2).mean(1), np.float32)
    again = fingerprint(band_spectrogram(half, rate // 2))
    rows = min(len(again), len(recorded()))
    both = again.sounding[:rows] & recorded().sounding[:rows]
    assert (again.bits[:rows] == recorded().bits[:rows])[both].mean() > 0.97


def test_values_that_are_no_numbers_count_as_silence() -> None:
    broken = np.full(16_000, np.nan, np.float32)
    assert not fingerprint(band_spectrogram(broken, 8000)).sounding.any()


@pytest.mark.parametrize("change", [{"tempo": 0.1}, {"tempo": 9.0}, {"pitch": 2.0}, {"pitch": 0.5}])
def test_a_change_beyond_what_the_spectrogram_holds_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        fingerprint(spectrogram(speech()[0]), **change)


def test_levels_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="levels must be"):
        BandSpectrogram(np.zeros((4, WIDTH + 1), np.uint8))
