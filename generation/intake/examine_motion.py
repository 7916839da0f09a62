"""Examine an uploaded performance, a motion track or a video: the take that is stored, or a coded refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from generation.animation.capture.refusals import REFUSALS
from generation.intake import limits
from generation.intake.formats.containers import container_format
from generation.intake.formats.iso_bmff import iso_format
from generation.intake.inspect_motion import MOST_FPS, MotionAnswer, MotionRequest
from generation.intake.inspect_performance import PerformanceAnswer, PerformanceRequest
from generation.intake.refusals import IntakeCode, IntakeRefused
from provenance.common.strict_json import to_plain
from provenance.sandbox.isolation import IsolatedFailure, run_isolated_for_data


@dataclass(frozen=True)
class MotionFacts:
    """A motion track that intake accepts; the normalised CSV is at `path`."""

    path: Path
    frames: int
    fps: float


def examine_motion(source: Path, *, workspace: Path) -> MotionFacts:
    """Read and normalise the take in `source`, in a confined process; the result is written to `workspace`.

    Raises IntakeRefused and SandboxIncomplete.
    """
    if source.stat().st_size > limits.MOTION_MAX_BYTES:
        raise IntakeRefused.because(IntakeCode.MOTION_FILE_TOO_LARGE)
    try:
        answer, take = run_isolated_for_data(
            "generation.intake.inspect_motion",
            MotionAnswer,
            stdin=json.dumps(to_plain(MotionRequest(source.resolve()))).encode(),
            readable=(source.resolve(),),
            memory_bytes=limits.MOTION_MEMORY_BYTES,
            cpu_s=limits.MOTION_CPU_S,
            wall_s=limits.MOTION_WALL_S,
            most_data_bytes=2 * limits.MOTION_MAX_BYTES,
        )
    except IsolatedFailure as failure:
        raise _refusal_of(failure, IntakeCode.MOTION_UNREADABLE) from failure
    if answer.problem:
        raise IntakeRefused.because(IntakeCode.MOTION_UNREADABLE, detail=answer.problem[:200])
    if not _is_whole(take, answer):
        raise IntakeRefused.because(IntakeCode.MOTION_UNREADABLE)
    return _facts(workspace, take, answer)


def examine_performance(source: Path, *, longest_s: float, workspace: Path) -> MotionFacts:
    """Capture the performer in the video `source`, its first `longest_s` seconds, in a confined process; the
    take is written to `workspace`. Takes about as long as the video. Raises as `examine_motion`.
    """
    if source.stat().st_size > limits.PERFORMANCE_MAX_BYTES:
        raise IntakeRefused.because(IntakeCode.PERFORMANCE_FILE_TOO_LARGE)
    try:
        answer, take = run_isolated_for_data(
            "generation.intake.inspect_performance",
            PerformanceAnswer,
            stdin=json.dumps(to_plain(PerformanceRequest(source.resolve(), longest_s))).encode(),
            readable=(source.resolve(),),
            memory_bytes=limits.PERFORMANCE_MEMORY_BYTES,
            cpu_s=limits.PERFORMANCE_CPU_S,
            wall_s=limits.PERFORMANCE_WALL_S,
            most_data_bytes=2 * limits.MOTION_MAX_BYTES,
        )
    except IsolatedFailure as failure:
        raise _refusal_of(failure, IntakeCode.PERFORMANCE_UNREADABLE) from failure
    if answer.refusal in REFUSALS:
        message, hint = REFUSALS[answer.refusal]
        raise IntakeRefused(f"{message} ({answer.time_s:.1f} s)", code=answer.refusal, hint=hint)
    if not _is_whole(take, answer):
        raise IntakeRefused.because(IntakeCode.PERFORMANCE_UNREADABLE)
    return _facts(workspace, take, answer)


def is_video(source: Path) -> bool:
    """Whether the content begins as a container of pictures and sound does; a take is text."""
    size = source.stat().st_size
    with source.open("rb") as file:
        head = file.read(64)
        return container_format(head) is not None or iso_format(file, size) is not None


def _refusal_of(failure: IsolatedFailure, unreadable: IntakeCode) -> IntakeRefused:
    is_costly = failure.kind in {"memory", "time"}
    return IntakeRefused.because(IntakeCode.FILE_TOO_COSTLY if is_costly else unreadable)


def _is_whole(take: bytes, answer: MotionAnswer | PerformanceAnswer) -> bool:
    """Whether the take has the frames that its reader states: a heading and a line for each."""
    return answer.frames >= 2 and 1 <= answer.fps <= MOST_FPS and take.count(b"\n") == answer.frames + 1


def _facts(workspace: Path, take: bytes, answer: MotionAnswer | PerformanceAnswer) -> MotionFacts:
    path = workspace / "motion.csv"
    path.write_bytes(take)
    return MotionFacts(path, answer.frames, answer.fps)
