"""What an editor draws under its controls: waveform, phones, and what the voice moves by itself."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from generation.animation.speech.speech_analysis import ANALYSIS_RATE, SpeechAnalysis
from generation.animation.speech.visemes import PHONE_INDEX, PHONES, VISEME_OF_PHONE, VISEMES
from generation.animation.track.motion_track import MotionTrack

PEAKS_PER_S: Final = 50
SHORTEST_FRAMES: Final = 3  # of 10 ms; what is shorter belongs to its neighbour
_ROWS: Final = {"yaw": 0, "pitch": 1, "roll": 2}


def timeline_json(
    audio: NDArray[np.float32], sample_rate: int, speech: SpeechAnalysis, fps: float
) -> dict[str, object]:
    """Waveform and phones of a recording as JSON values: `audio` is (N,) float32, peaks are 0..1."""
    return {
        "duration_s": round(len(audio) / sample_rate, 3),
        "fps": fps,
        "peaks_per_s": PEAKS_PER_S,
        "peaks": peaks(audio, sample_rate),
        "phones": phones(speech),
    }


def peaks(audio: NDArray[np.float32], sample_rate: int) -> list[float]:
    """The loudest sample of each fiftieth of a second, of the whole's loudest."""
    step = max(sample_rate // PEAKS_PER_S, 1)
    padded = np.pad(np.abs(audio), (0, -len(audio) % step))
    loudest = padded.reshape(-1, step).max(1, initial=0.0)
    whole = max(float(loudest.max(initial=0.0)), 1e-3)
    return [round(float(peak) / whole, 3) for peak in loudest]


def phones(speech: SpeechAnalysis) -> list[tuple[float, float, str, str]]:
    """Start and end in seconds, phone and viseme, one after the other; silence is left out."""
    best = np.asarray(speech.posteriors.argmax(1), np.intp)
    edges = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    runs = [[a, b, int(best[a])] for a, b in pairwise(edges) if b > a]
    merged: list[list[int]] = []
    for run in runs:
        if merged and (merged[-1][2] == run[2] or run[1] - run[0] < SHORTEST_FRAMES):
            merged[-1][1] = run[1]
        else:
            merged.append(run)
    return [
        (a / ANALYSIS_RATE, b / ANALYSIS_RATE, PHONES[phone], VISEMES[VISEME_OF_PHONE[phone]])
        for a, b, phone in merged
        if phone != PHONE_INDEX["SIL"]
    ]


def curves(track: MotionTrack) -> dict[str, list[float]]:
    """Head, gaze, brows and lids of a track, a number for each frame, with the units of a MotionTrack."""
    action = track.ACTIONS.index
    found = {f"head_{name}": track.head_pose[:, row] for name, row in _ROWS.items()}
    found["distance"] = track.head_pose[:, 5]
    found["gaze_yaw"], found["gaze_pitch"] = track.gaze.T
    found["brows"] = track.actions[:, action("browInnerUp")]
    found["lids"] = track.actions[:, action("eyeBlinkLeft")]
    found["smile"] = track.actions[:, action("mouthSmileLeft")]
    return {name: [round(float(value), 3) for value in values] for name, values in found.items()}
