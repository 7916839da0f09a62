"""Of a recording with several channels, the speech is taken at its own level."""

from __future__ import annotations

import numpy as np
import pytest

from generation.intake.sound.channels import kept_channels, one_channel, without_offset
from tests.generation.intake.files import speech

STEREO = ("FL", "FR")
FILM = ("FL", "FR", "FC", "LFE", "SL", "SR")


def samples(sound: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(sound, -1, 1) * 32767, np.int16)


def noise(length: int, level: float, seed: int) -> np.ndarray:
    return np.asarray(level * np.random.default_rng(seed).normal(size=length))


def level_db(mixed: np.ndarray) -> float:
    return float(10 * np.log10(np.square(mixed / 32767.0).mean() / np.square(speech(2)).mean()))


@pytest.mark.parametrize(
    ("names", "channels"),
    [
        (STEREO, lambda x: [x, x]),
        (STEREO, lambda x: [x, -x]),
        (STEREO, lambda x: [x, 0 * x]),
        (STEREO, lambda x: [noise(len(x), 0.001, 1), x]),
        (STEREO, lambda x: [x, np.roll(x, 40)]),
        (FILM, lambda x: [noise(len(x), 0.02, i) if i != 2 else x for i in range(6)]),
        (FILM, lambda x: [x, x, 0 * x, 0 * x, 0 * x, 0 * x]),
    ],
    ids=[
        "alike",
        "inverted",
        "one dead",
        "one hisses",
        "one later",
        "centre of a film",
        "film without centre",
    ],
)
def test_it_keeps_the_speech_and_its_level(names, channels) -> None:
    sound = speech(2)
    mixed = one_channel(samples(np.stack(channels(sound))), names)
    assert abs(level_db(mixed)) < 1.0
    assert abs(np.corrcoef(mixed, sound)[0, 1]) > 0.95


def test_a_distant_microphone_does_not_make_a_near_one_quiet() -> None:
    sound = speech(2)
    mixed = one_channel(samples(np.stack([sound, 0.15 * sound])), STEREO)
    assert abs(level_db(mixed)) < 1.0


def test_silence_in_every_channel_is_silence() -> None:
    silent = np.zeros((2, 48_000), np.int16)
    assert not one_channel(silent, STEREO).any()
    assert kept_channels(silent, STEREO).shape == (1, 48_000)


def test_an_input_that_rests_off_zero_is_put_back() -> None:
    sound = samples(np.stack([speech(2), speech(2) + 0.2]))
    centred = without_offset(sound)
    assert abs(centred.mean(axis=1)).max() < 1
    assert np.array_equal(centred[0], sound[0] - round(float(sound[0].mean())))


def test_sound_that_rests_at_zero_stays_as_it_is() -> None:
    sound = samples(speech(2)[None])
    assert without_offset(sound) is sound


def test_of_two_people_at_two_microphones_the_louder_one_is_taken_whole() -> None:
    sound = speech(2)
    other = 0.2 * sound[::-1]
    assert np.array_equal(one_channel(samples(np.stack([other, sound])), STEREO), samples(sound))


def test_one_channel_stays_as_it_is() -> None:
    sound = samples(speech(1))
    assert np.array_equal(one_channel(sound[None], ("FC",)), sound)


def test_a_voice_in_a_room_stays_stereo() -> None:
    sound = speech(2)
    stereo = samples(np.stack([sound + noise(len(sound), 0.003, 1), 0.7 * np.roll(sound, 5)]))
    assert np.array_equal(kept_channels(stereo, STEREO), stereo)


@pytest.mark.parametrize(
    "channels",
    [
        lambda x: [x, x],
        lambda x: [x, -x],
        lambda x: [x, 0 * x],
        lambda x: [x, 0.2 * x[::-1]],
        lambda x: [noise(len(x), 0.02, i) if i != 2 else x for i in range(6)],
    ],
    ids=["twice", "inverted", "one dead", "two people", "film"],
)
def test_everything_else_becomes_one_channel(channels) -> None:
    sound = samples(np.stack(channels(speech(2))))
    names = STEREO if len(sound) == 2 else FILM
    assert np.array_equal(kept_channels(sound, names)[0], one_channel(sound, names))
    assert len(kept_channels(sound, names)) == 1
