"""How long after its sound a picture came: from what the session says about silence, exactly."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.live.stream_client import PIECE_S, Streamed

LATENCY_S, FPS, SPOKEN_S = 0.25, 25, 10.0


@pytest.mark.parametrize(("late_at_s", "late_s"), [(4.0, 0.0), (4.0, 0.6)])
def test_silence_in_the_session_makes_no_picture_late(late_at_s: float, late_s: float) -> None:
    """Sound that was late once, and a second behind the end in which nothing is sent: none is late."""
    streamed = Streamed(fps=FPS)
    silences = [(late_at_s, late_s)] if late_s else []
    silences.append((SPOKEN_S + late_s, 1.0))
    for number in range(round(SPOKEN_S / PIECE_S)):
        sent = number * PIECE_S
        streamed.sent.append(sent + (late_s if sent >= late_at_s else 0.0))
    end_s = SPOKEN_S + late_s + 1.0
    for number in range(round(end_s * FPS)):
        streamed.frames.append((number / FPS, number / FPS + LATENCY_S))
    told = 0.0
    for time_s in np.arange(0.5, end_s + 0.1, 0.5):
        new = [(max(at, told), min(at + length, time_s) - max(at, told)) for at, length in silences]
        note = {"type": "pace", "time_s": float(time_s), "silence": [one for one in new if one[1] > 0]}
        silent_s = sum(min(max(time_s - at, 0.0), length) for at, length in silences)
        streamed.notes.append((float(time_s), {**note, "received_s": float(time_s - silent_s)}))
        told = float(time_s)
    latencies = streamed.latencies()
    assert len(latencies) == pytest.approx(SPOKEN_S * FPS, abs=2)
    assert latencies == pytest.approx(LATENCY_S, abs=PIECE_S)
