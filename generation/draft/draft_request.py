"""The request to and the answer from the confined process that makes a draft."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DraftRequest:
    """A portrait (PNG) at `portrait`, an absolute path, the language (of `sentences.WORDS`), and the mark.

    That is the id that the frames carry, in a payload of the version of drafts, and the secret of the year's
    key.
    """

    portrait: Path
    language: str
    watermark_id: int
    key: bytes


@dataclass(frozen=True)
class DraftAnswer:
    """How many frames were made; an MP4 file follows the answer."""

    frames: int
