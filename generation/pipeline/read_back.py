"""Reads a finished file back: its mark, its length, and that it holds the pictures that were encoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from generation.pipeline.decode import DecodingFailed, probe, read_spread_luma
from generation.pipeline.encode import EncodedVideo
from generation.pipeline.picture_digest import digest_of_file
from generation.pipeline.segments.stretches import ProductionFailed
from provenance.watermark import Extractor, WatermarkKey, WatermarkPayload

THIRDS = 3  # beginning, middle and end must each give the record id
FRAMES_PER_THIRD = 8  # at least; of a clip with fewer, all are read
LEAST_PER_THIRD = 4  # fewer frames hold too little: a shorter clip is read as a whole
# Codewords are decoded from a score of 10.5 on (docs/watermark.md); each third must exceed that by a margin.
LEAST_SCORE = 16.0


class WatermarkMissing(Exception):
    """The record id could not be read back from the encoded file with enough margin. The text says why."""


def check_watermark(path: Path, payload: WatermarkPayload, key: WatermarkKey) -> float:
    """Decode a sample of the file at `path` and require `payload` from its beginning, middle and end each.

    Of a clip under THIRDS * LEAST_PER_THIRD frames it is required once, from all of them. Returns the lowest
    score. Raises WatermarkMissing when another id or none is read, or one with a score below LEAST_SCORE;
    DecodingFailed when the file cannot be read.
    """
    every = max(1, probe(path).frames // (THIRDS * FRAMES_PER_THIRD))
    lumas = list(read_spread_luma(path, every=every))
    if not lumas:
        raise DecodingFailed("The video has no frames.")
    parts = THIRDS if len(lumas) >= THIRDS * LEAST_PER_THIRD else 1
    scores: list[float] = []
    for places in np.array_split(np.arange(len(lumas)), parts):
        extractor = Extractor()
        for place in places:
            extractor.add(lumas[place])
        words = extractor.words([key])
        part = f"Part {len(scores) + 1} of the video, read back, gave"
        if not words:
            raise WatermarkMissing(f"{part} no record id.")
        if words[0].payload != payload:
            raise WatermarkMissing(f"{part} another record id.")
        scores.append(words[0].score(payload, key))
        if scores[-1] < LEAST_SCORE:
            raise WatermarkMissing(f"{part} the record id with a score of only {scores[-1]:.1f}.")
    return min(scores)


def check_length(path: Path, video: EncodedVideo) -> None:
    """Require that the file at `path` holds as many frames as `video` and sound of the same length.

    Raises ProductionFailed when it does not, DecodingFailed when the file cannot be read.
    """
    facts = probe(path)
    if facts.frames != video.frames:
        raise ProductionFailed(f"The file holds {facts.frames} frames of {video.frames}.")
    for name, duration_s in (("picture", facts.duration_s), ("sound", facts.audio_duration_s)):
        if duration_s is None or abs(duration_s - video.duration_s) > 1 / video.fps:
            raise ProductionFailed(f"The {name} lasts {duration_s} s instead of {video.duration_s} s.")


def check_pictures(path: Path, video: EncodedVideo) -> None:
    """Require that the file at `path` holds, bit by bit and in its place, every picture that was encoded.

    With it a sample is enough for the mark: no picture in between is another one, or damaged. Raises
    ProductionFailed when that is not so, DecodingFailed when the file cannot be read.
    """
    if digest_of_file(path) != video.pictures_sha256:
        raise ProductionFailed("The file holds other pictures than were encoded.")
