"""Real time goes on: what is late is silence, what is early waits."""

from __future__ import annotations

import numpy as np
import pytest

from generation.live.sound_inbox import MOST_AT_ONCE_S, MOST_WAITING_S, PATIENCE_S, SAMPLE_RATE, SoundInbox


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(clock: Clock) -> SoundInbox:
    inbox = SoundInbox(clock)
    inbox.begin()
    return inbox


def pcm(seconds: float, value: int = 8192) -> bytes:
    return np.full(round(seconds * SAMPLE_RATE), value, "<i2").tobytes()


def test_what_has_arrived_is_taken_when_its_time_has_come(inbox: SoundInbox, clock: Clock) -> None:
    inbox.put(pcm(0.1))
    clock.now += 0.04
    assert np.allclose(inbox.take(), 0.25)
    assert inbox.taken == round(0.04 * SAMPLE_RATE)


def test_silence_takes_the_place_of_what_is_late(inbox: SoundInbox, clock: Clock) -> None:
    clock.now += PATIENCE_S / 2
    assert len(inbox.take()) == 0
    clock.now += PATIENCE_S
    samples = inbox.take()
    assert len(samples) == round(PATIENCE_S / 2 * SAMPLE_RATE)
    assert not samples.any()
    assert inbox.received_taken == 0


def test_what_is_early_waits(inbox: SoundInbox, clock: Clock) -> None:
    for _ in range(10):
        inbox.put(pcm(0.2))
    clock.now += 0.05
    assert len(inbox.take()) == round(0.05 * SAMPLE_RATE)
    clock.now += 0.08
    assert len(inbox.take()) == round(0.08 * SAMPLE_RATE)


def test_who_fell_behind_catches_up_in_steps(inbox: SoundInbox, clock: Clock) -> None:
    for _ in range(10):
        inbox.put(pcm(0.2))
    clock.now += 1.0
    taken = [len(inbox.take()) for _ in range(11)]
    assert max(taken) == round(MOST_AT_ONCE_S * SAMPLE_RATE)
    assert sum(taken) == SAMPLE_RATE


def test_more_than_may_wait_is_not_taken(inbox: SoundInbox) -> None:
    assert inbox.put(pcm(MOST_WAITING_S))
    assert not inbox.put(pcm(0.02))


def test_what_waits_is_forgotten_at_a_stop(inbox: SoundInbox, clock: Clock) -> None:
    inbox.put(pcm(5))
    inbox.stop()
    clock.now += 1.0
    assert not inbox.take().any()


def test_half_a_sample_is_refused(inbox: SoundInbox) -> None:
    with pytest.raises(ValueError, match="even"):
        inbox.put(b"\0")


def test_it_says_where_silence_was_put_in(inbox: SoundInbox, clock: Clock) -> None:
    """A viewer finds the sound of a picture with it: session time alone says nothing where sound was late."""
    inbox.put(pcm(0.05))
    for _ in range(10):
        clock.now += 0.02
        inbox.take()
    inbox.put(pcm(0.1))
    clock.now += 0.1
    inbox.take()
    (first, count), *more = inbox.new_silences()
    assert more == []
    assert first == round(0.05 * SAMPLE_RATE)
    assert abs(first + count - (0.2 - PATIENCE_S) * SAMPLE_RATE) <= 1
    assert inbox.new_silences() == []
