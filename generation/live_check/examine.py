"""Have a recording looked at in a confined process, and add what only the service knows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from generation.live_check.phrases import Phrase
from generation.live_check.report import (
    FaceReport,
    FaceRequest,
    LiveWarning,
    RecordingReport,
    RecordingRequest,
)
from provenance.common.strict_json import to_plain
from provenance.sandbox.isolation import IsolatedFailure, run_isolated
from provenance.verify.evidence.signals import MarkState
from provenance.verify.watermark_answer import WatermarkRegistry

MOST_BYTES = 60 * 1000 * 1000
MEMORY_BYTES = 8 * 1024**3  # of address space; torch reserves most of it and uses little
CPU_S = 120
WALL_S = 240.0
UNREADABLE = RecordingReport((LiveWarning.UNREADABLE,))


def examine_recording(
    source: Path,
    portrait: Path | None,
    phrase: Phrase,
    watermarks: WatermarkRegistry,
    *,
    was_seen_before: bool,
) -> RecordingReport:
    """All warnings about the recording in `source` of somebody who was asked for `phrase`; without a portrait
    also what describes their face.

    Takes about as long as the recording. Never raises for what is in the file; raises `SandboxIncomplete` and
    `ReaderLate`.
    """
    keys = tuple(key.secret for key in watermarks.keys())  # noqa: SIM118  no dictionary
    request = RecordingRequest(
        source.resolve(),
        portrait.resolve() if portrait else None,
        phrase.words,
        phrase.language,
        phrase.turn,
        keys,
    )
    try:
        report = run_isolated(
            "generation.live_check.inspect_recording",
            RecordingReport,
            stdin=json.dumps(to_plain(request)).encode(),
            readable=(request.source, *([request.portrait] if request.portrait else [])),
            memory_bytes=MEMORY_BYTES,
            cpu_s=CPU_S,
            wall_s=WALL_S,
        )
    except IsolatedFailure:
        report = UNREADABLE
    added = []
    if report.watermark is not None:
        reading = watermarks.interpret(report.watermark)
        if reading.state is MarkState.FOUND or reading.is_word_read:
            added.append(LiveWarning.OWN_VIDEO)
    if was_seen_before:
        added.append(LiveWarning.SEEN_BEFORE)
    return replace(report, warnings=(*report.warnings, *added), watermark=None)


def describe_portrait_file(portrait: Path) -> tuple[float, ...]:
    """The descriptor (128 numbers) of the largest face of a portrait (PNG), empty where none is found.

    Raises `IsolatedFailure`, `SandboxIncomplete` and `ReaderLate`.
    """
    request = FaceRequest(portrait.resolve())
    report = run_isolated(
        "generation.live_check.inspect_face",
        FaceReport,
        stdin=json.dumps(to_plain(request)).encode(),
        readable=(request.source,),
        memory_bytes=MEMORY_BYTES,
        cpu_s=CPU_S,
        wall_s=WALL_S,
    )
    return report.descriptor
