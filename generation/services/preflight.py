"""What intake says about a file that is received or stored, and pre-flight checks that keep nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile

from generation import storage
from generation.intake.choices import PictureChoices
from generation.intake.examine import (
    NO_CHOICES,
    AudioFacts,
    PortraitFacts,
    examine_driving_audio,
    examine_portrait,
)
from generation.intake.limits import AUDIO_MAX_BYTES, AUDIO_WALL_S, PORTRAIT_MAX_BYTES, PORTRAIT_WALL_S
from generation.intake.own_mark import is_ours, told_as_ours
from generation.intake.refusals import PORTRAIT_GENERATED, IntakeCode, IntakeRefused
from generation.models import DrivingAudio, Portrait
from provenance.keys.service_keys import trust_store
from provenance.manifest.trust import TrustStore
from provenance.services.verify import read_mark


@dataclass(frozen=True)
class IntakeResult:
    """What intake says about one file. `refusal` is None when it would be taken."""

    refusal: IntakeRefused | None
    warnings: list[dict[str, object]]
    portrait: PortraitFacts | None = None
    audio: AudioFacts | None = None

    @property
    def found(self) -> str:
        """The format that the content shows, empty where the file was refused."""
        facts = self.portrait or self.audio
        return facts.found if facts else ""


def preflight_portrait_file(file: UploadedFile[bytes], choices: PictureChoices = NO_CHOICES) -> IntakeResult:
    """What `upload_portrait` would say about this file; nothing is kept."""
    try:
        with received_portrait(file, choices) as facts:
            return IntakeResult(None, facts.warnings, portrait=facts)
    except IntakeRefused as refusal:
        return IntakeResult(refusal, [])


def preflight_audio_file(file: UploadedFile[bytes]) -> IntakeResult:
    """What `upload_driving_audio` would say about this file; nothing is kept."""
    try:
        with received_audio(file) as facts:
            return IntakeResult(None, facts.warnings, audio=facts)
    except IntakeRefused as refusal:
        return IntakeResult(refusal, [])


def preflight_portrait(portrait: Portrait) -> IntakeResult:
    """What the worker will say about a stored portrait."""
    try:
        with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
            facts = examine_stored_portrait(portrait, workspace=Path(folder), trust=trust_store())
    except IntakeRefused as refusal:
        return IntakeResult(refusal, [])
    # Storing a large picture smaller took the mark away; the manifest still tells of what the upload carried.
    of_upload = [item for item in portrait.warnings if item["code"] == PORTRAIT_GENERATED]
    others = [item for item in facts.warnings if item["code"] != PORTRAIT_GENERATED or not of_upload]
    return IntakeResult(None, others + of_upload, portrait=facts)


def preflight_driving_audio(driving_audio: DrivingAudio) -> IntakeResult:
    """What the worker will say about stored driving audio."""
    try:
        with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
            facts = examine_stored_audio(driving_audio, workspace=Path(folder))
    except IntakeRefused as refusal:
        return IntakeResult(refusal, [])
    return IntakeResult(None, facts.warnings, audio=facts)


def examine_stored_portrait(
    portrait: Portrait, *, workspace: Path, trust: TrustStore, wall_s: float = PORTRAIT_WALL_S
) -> PortraitFacts:
    """Examine a stored portrait again, as the worker does before it animates.

    Raises IntakeRefused, ReaderLate after `wall_s` on the clock, and FileNotFoundError or
    storage.StoredFileDamaged when the stored file is not what was stored.
    """
    with storage.local_path(portrait.image_key) as path:
        return examine_portrait(
            path,
            name=path.name,
            content_type="image/png",
            workspace=workspace,
            trust=trust,
            wall_s=wall_s,
        )


def examine_stored_audio(
    driving_audio: DrivingAudio, *, workspace: Path, wall_s: float = AUDIO_WALL_S
) -> AudioFacts:
    """Examine stored driving audio again. As `examine_stored_portrait`."""
    with storage.local_path(driving_audio.audio_key) as path:
        return examine_driving_audio(
            path, name=path.name, content_type="audio/wav", workspace=workspace, wall_s=wall_s
        )


@contextmanager
def received_portrait(file: UploadedFile[bytes], choices: PictureChoices) -> Iterator[PortraitFacts]:
    """An upload, examined, for the length of the block. Raises IntakeRefused."""
    with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
        received = _receive(file, Path(folder), PORTRAIT_MAX_BYTES, IntakeCode.IMAGE_FILE_TOO_LARGE)
        facts = examine_portrait(
            received,
            name=file.name or "",
            content_type=file.content_type or "",
            workspace=Path(folder),
            trust=trust_store(),
            choices=choices,
        )
        # In the picture as it was written here: who decodes what a stranger sent knows no key.
        yield told_as_ours(facts) if is_ours(read_mark(facts.path)) else facts


@contextmanager
def received_audio(file: UploadedFile[bytes]) -> Iterator[AudioFacts]:
    """As `received_portrait`, of driving audio."""
    with tempfile.TemporaryDirectory(prefix="likeness-intake-") as folder:
        received = _receive(file, Path(folder), AUDIO_MAX_BYTES, IntakeCode.AUDIO_FILE_TOO_LARGE)
        yield examine_driving_audio(
            received, name=file.name or "", content_type=file.content_type or "", workspace=Path(folder)
        )


def _receive(file: UploadedFile[bytes], folder: Path, max_bytes: int, too_large: IntakeCode) -> Path:
    """Copy an upload to where the inspecting process can read it."""
    if (file.size or 0) > max_bytes:
        raise IntakeRefused.because(too_large)
    path = folder / "upload"
    with path.open("wb") as written:
        for piece in file.chunks():
            written.write(piece)
    return path
