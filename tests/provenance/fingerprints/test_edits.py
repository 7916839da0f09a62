"""What is named from the stretches of a sound or a picture that are ours."""

from __future__ import annotations

import numpy as np
import pytest

from provenance.fingerprints.edit import EditKind
from provenance.fingerprints.edits import ROW_RATE, edits_of
from provenance.fingerprints.stretch import Change, Stretch

OURS_S = 10.0


def told(pieces: list[tuple[float, float, float]], length_s: float) -> list[tuple[EditKind, float, float]]:
    """The edits of a file with pieces of ours (from, to, second of ours) and stillness all around."""
    stretches = [Stretch(start, end, at, at + end - start, Change(), 0.9) for start, end, at in pieces]
    still = np.zeros(round(length_s * ROW_RATE))
    for start, end, _ in pieces:
        still[round(start * ROW_RATE) : round(end * ROW_RATE)] = 1
    active = np.ones(round(OURS_S * ROW_RATE), np.bool_)
    return [(one.kind, one.start_s, one.end_s) for one in edits_of(stretches, active, still, length_s)]


def test_what_is_still_where_ours_goes_on_was_silenced() -> None:
    assert told([(0.0, 4.0, 0.0), (6.0, 10.0, 6.0)], 10.0) == [(EditKind.MUTED, 4.0, 6.0)]
    assert told([(0.0, 8.0, 0.0)], 10.0) == [(EditKind.MUTED, 8.0, 10.0)]


@pytest.mark.parametrize("before_s", [6.0, 30.0])
def test_a_piece_of_ours_in_a_long_still_file_is_not_silenced_for_longer_than_ours_lasts(
    before_s: float,
) -> None:
    kinds = {kind for kind, _, _ in told([(before_s, before_s + 5, 2.0)], before_s + 35)}
    assert kinds == {EditKind.INSERTED, EditKind.CUT}
