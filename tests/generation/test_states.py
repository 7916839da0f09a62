from __future__ import annotations

from itertools import product

import pytest

from generation.states import (
    ACTIVE,
    RUNNING,
    SEALED,
    TERMINAL,
    TRANSITIONS,
    JobState,
    TransitionForbidden,
    check_transition,
)

ALLOWED = {
    ("queued", "animating"), ("queued", "failed"), ("queued", "cancelled"),
    ("animating", "marking"), ("animating", "queued"), ("animating", "failed"), ("animating", "cancelled"),
    ("marking", "signing"), ("marking", "queued"), ("marking", "failed"), ("marking", "cancelled"),
    ("signing", "verifying"), ("signing", "queued"), ("signing", "failed"), ("signing", "cancelled"),
    ("verifying", "in_review"), ("verifying", "queued"), ("verifying", "failed"), ("verifying", "cancelled"),
    ("in_review", "released"), ("in_review", "rejected"), ("in_review", "revoked"),
    ("released", "revoked"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), sorted(ALLOWED))
def test_it_allows(before: str, after: str) -> None:
    check_transition(JobState(before), JobState(after))


@pytest.mark.parametrize(
    ("before", "after"), [pair for pair in product(JobState.values, repeat=2) if pair not in ALLOWED]
)
def test_it_forbids(before: str, after: str) -> None:
    with pytest.raises(TransitionForbidden):
        check_transition(JobState(before), JobState(after))


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(JobState)


def test_a_released_video_is_only_reached_through_review_of_a_verified_one() -> None:
    into = {after: {b for b, afters in TRANSITIONS.items() if after in afters} for after in JobState}
    assert into[JobState.RELEASED] == {JobState.IN_REVIEW}
    assert into[JobState.IN_REVIEW] == {JobState.VERIFYING}


def test_what_has_ended_is_never_worked_on() -> None:
    assert not TERMINAL & ACTIVE
    assert not SEALED & RUNNING
    assert all(not TRANSITIONS[state] & ACTIVE for state in TERMINAL)
