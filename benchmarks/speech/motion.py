"""Measures generated motion on real speech: blinks, saccades, head, nods, brows, effect of controls.

    python -m benchmarks.speech.motion [CACHE]

Prompts are joined to clips of about 30 s with pauses between. Prints a table with targets.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.speech import motion_metrics as metrics
from benchmarks.speech.clips import CLIP_S, Clip, Row, long_clips
from benchmarks.speech.corpus import load_corpus
from benchmarks.speech.speed import measure_speed
from generation.animation.motion.controls import EMOTIONS, MotionControls
from generation.animation.motion.generator import drive
from generation.animation.motion.motion_plan import FACE_COLUMNS, PLAN_RATE
from generation.animation.motion.planner import RECORDED
from generation.animation.speech.audio_input import SAMPLE_RATE
from generation.animation.track.arkit import ARKIT_ACTIONS
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS

FPS = 40.0
CLIPS, SEEDS = 10, 2


def measure_behaviour(clips: list[Clip]) -> list[Row]:
    """Blinks, saccades, head, nods and brows of two seeds to each clip."""
    rates, lengths, amplitudes, speeds, spreads, slow, ratios = [], [], [], [], [], [], []
    counts = dict.fromkeys(("nod", "nod, shuffled", "brow", "brow, shuffled"), (0, 0))
    joins, elsewhere = [], []
    for number, clip in enumerate(clips):
        other = clips[number - 1]
        for seed in range(SEEDS):
            track = drive(clip.samples, SAMPLE_RATE, seed=seed, fps=FPS)
            reference = clip.reference(track)
            rate, length = metrics.blinks(track)
            rates.append(rate)
            lengths.append(length)
            amplitude, speed = metrics.saccades(drive(clip.samples, SAMPLE_RATE, seed=seed, fps=240))
            amplitudes.append(amplitude)
            speeds.append(speed)
            spreads.append(metrics.head_spread(track))
            slow.append(metrics.slow_share(track))
            ratios.append(metrics.speed_ratio(track, reference))
            strangers = other.reference(track).accents
            for name, events in zip(("nod", "brow"), metrics.beats(track), strict=True):
                for label, accents in ((name, reference.accents), (f"{name}, shuffled", strangers)):
                    hits, total = metrics.near(events[events < accents.max()], accents)
                    counts[label] = (counts[label][0] + hits, counts[label][1] + total)
            jerk = metrics.jerk(track)
            at_join = _join_frames(len(track))
            joins.append(jerk[at_join])
            elsewhere.append(jerk[~at_join])
    length = np.concatenate(lengths)
    correlation = np.corrcoef(np.concatenate(amplitudes), np.concatenate(speeds))[0, 1]
    yaw, pitch, roll = np.mean(spreads, axis=0)
    share = {name: hits / total for name, (hits, total) in counts.items()}
    seam = np.mean(np.concatenate(joins)) / np.mean(np.concatenate(elsewhere))
    low, middle, high = np.percentile(length, (5, 50, 95)) * 1000
    return [
        Row("blinks a minute", f"{np.mean(rates):.1f}", "12 to 28"),
        Row("blink length, ms: 5 %, median, 95 %", f"{low:.0f}, {middle:.0f}, {high:.0f}", "120 to 350"),
        Row("saccades: main sequence r", f"{correlation:.3f}", ">= .95"),
        Row(
            "head, sd of pitch / yaw / roll, degrees",
            f"{pitch:.1f} / {yaw:.1f} / {roll:.1f}",
            "1.5..4 / 2..6 / 1..3",
        ),
        Row("head, energy under 2 Hz, mean and least", f"{np.mean(slow):.3f}, {min(slow):.3f}", ">= .85"),
        Row("head, speed in speech over pauses", f"{np.nanmean(ratios):.2f}", ">= 2"),
        *(
            Row(
                f"{name} peaks within 120 ms of accents, true / shuffled voice ({counts[name][1]} peaks)",
                f"{share[name]:.2f} / {share[f'{name}, shuffled']:.2f}, "
                f"{share[name] / share[f'{name}, shuffled']:.1f} times as often",
                ">= 2 times",
            )
            for name in ("nod", "brow")
        ),
        Row("jerk at window joins over elsewhere", f"{seam:.2f}", "<= 1.15"),
    ]


def _join_frames(frames: int) -> NDArray[np.bool_]:
    """Frames within a row of where one window of the plan ends and the next begins."""
    rows = (np.arange(frames) + 0.5) / FPS * PLAN_RATE
    phase = rows % RECORDED.commit
    return (np.minimum(phase, RECORDED.commit - phase) <= 1) & (rows > 2)


def measure_controls(clips: list[Clip]) -> list[Row]:
    """Accuracy of commanded gaze, distance and emotion in the actions."""
    samples = clips[0].samples[: 12 * SAMPLE_RATE]
    gaze_errors, distance_errors = [], []
    for yaw, pitch in itertools.product((-20, 0, 15), (-10, 0, 8)):
        track = drive(
            samples, SAMPLE_RATE, controls=MotionControls(gaze_yaw=yaw, gaze_pitch=pitch), seed=1, fps=FPS
        )
        gaze_errors.append(np.abs(np.median(track.gaze, axis=0) - (yaw, pitch)).max())
    for distance in (0.7, 0.9, 1.2, 1.4):
        track = drive(samples, SAMPLE_RATE, controls=MotionControls(head_distance=distance), seed=1, fps=FPS)
        seen = 1 + np.median(track.head_pose[:, 5]) / CAMERA_DISTANCE_HEAD_WIDTHS
        distance_errors.append(abs(seen / distance - 1))
    return [
        Row("commanded gaze, largest error of the median, degrees", f"{max(gaze_errors):.2f}", "<= 2"),
        Row("commanded distance, largest error", f"{100 * max(distance_errors):.1f} %", "<= 5 %"),
        Row("emotion told from coefficients", f"{_emotion_accuracy(clips):.2f} of 8 classes", ">= .8"),
    ]


def _emotion_accuracy(clips: list[Clip]) -> float:
    """Accuracy of a linear discriminant on two-second means of the planned actions, trained on half of the
    clips and tested on the other half."""
    lids = {"eyeBlinkLeft", "eyeBlinkRight"}
    actions = sorted({action for driven in FACE_COLUMNS.values() for action in driven} - lids)
    columns = [ARKIT_ACTIONS.index(name) for name in actions]
    points: list[list[NDArray[np.float64]]] = [[], []]
    labels: list[list[int]] = [[], []]
    for number, clip in enumerate(clips[:6]):
        for label, emotion in enumerate(EMOTIONS):
            controls = MotionControls(emotion=emotion)
            track = drive(
                clip.samples[: 12 * SAMPLE_RATE], SAMPLE_RATE, controls=controls, seed=number, fps=20
            )
            means = track.actions[40:, columns].astype(np.float64).reshape(-1, 40, len(columns)).mean(1)
            points[number % 2] += list(means)
            labels[number % 2] += [label] * len(means)
    x, y = np.array(points[0]), np.array(labels[0])
    centres = np.stack([x[y == label].mean(0) for label in range(len(EMOTIONS))])
    within = np.cov((x - centres[y]).T) + 1e-4 * np.eye(x.shape[1])
    weights = np.linalg.solve(within, centres.T)
    offsets = -0.5 * np.einsum("ij,ji->i", centres, weights)
    predicted = (np.array(points[1]) @ weights + offsets).argmax(1)
    return float((predicted == np.array(labels[1])).mean())


def main() -> None:
    cache = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("var/speech-corpus")
    prompts = load_corpus("prompts", cache)
    clips = list(itertools.islice(long_clips(prompts), CLIPS))
    print(f"{len(clips)} clips of real English telephone prompts, {CLIP_S:.0f} s each, {SEEDS} seeds\n")
    print("| what | measured | bar |\n|---|---|---|")
    for rows in (
        lambda: measure_behaviour(clips),
        lambda: measure_controls(clips),
        lambda: measure_speed(clips),
    ):
        for what, measured, bar in rows():
            print(f"| {what} | {measured} | {bar} |", flush=True)


if __name__ == "__main__":
    main()
