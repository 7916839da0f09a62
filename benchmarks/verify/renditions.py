"""Short renditions that edits are made from, and their records: made once, kept in a folder.

Every portrait of the samples says five recordings: the samples' own and sentences by espeak-ng voices. So
each video has four others of the same portrait, which give another performance.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.rendering.portraits import portraits
from benchmarks.verify.sound_edits import RATE, recordings
from generation.animation import Animator
from generation.animation.framing.video_format import SQUARE, VideoFormat
from generation.animation.motion.controls import MotionControls
from generation.disclosure.choice import Disclosure
from generation.pipeline.render_stream import produce_video
from provenance.verify.evidence.signals import RecordFacts
from provenance.watermark import WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import format_watermark_id

SECRET = bytes(range(32))
YEAR = 2026
SECONDS, SIZE, FPS = 10, 512, 25


@dataclass(frozen=True)
class KeptRendition:
    """A marked video and what its record holds."""

    path: Path
    portrait: str
    record: RecordFacts
    content_prints: bytes


def renditions(folder: Path, count: int = 20, aspect: str = SQUARE, *, first: int = 0) -> list[KeptRendition]:
    """`count` videos from number `first` on; those that are not in `folder` yet are made, in `aspect`."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = list(portraits())
    sounds = recordings(max(3, -(-(first + count) // len(pictures)) * len(pictures)))
    animator: Animator | None = None
    kept = []
    for number in range(first, first + count):
        path = folder / f"{number:03}.mp4"
        facts = path.with_suffix(".record")
        name, picture = pictures[number % len(pictures)]
        if not facts.exists():
            animator = animator or Animator.load("cpu")
            sound = sounds[number]
            sound = np.tile(sound, -(-SECONDS * RATE // len(sound)))[: SECONDS * RATE]
            payload = WatermarkPayload(0x5EED_0000_0000 + number)
            made = produce_video(
                portrait=picture,
                audio=np.asarray(sound, np.float32),
                sample_rate=RATE,
                controls=MotionControls(),
                seed=number,
                video=VideoFormat(aspect=aspect, size=SIZE, fps=FPS),
                disclosure=Disclosure(),
                payload=payload,
                key=WatermarkKey(SECRET).for_year(YEAR),
                destination=path,
                on_stage=lambda _: None,
                on_frame=lambda _, __: None,
                animator=animator,
            )
            facts.write_bytes(pickle.dumps((made.content_prints, made.fingerprints)))
        content_prints, fingerprints = pickle.loads(facts.read_bytes())  # our own  # noqa: S301
        record = RecordFacts(
            rendition_id=f"rnd_{number:022}",
            state="released",
            file_sha256="0" * 64,
            watermark_id=format_watermark_id(0x5EED_0000_0000 + number),
            is_in_log=True,
            log_index=number,
            sealed_at=datetime(2026, 11, 28, tzinfo=UTC),
            fingerprints=fingerprints,
        )
        kept.append(KeptRendition(path, name, record, content_prints))
    return kept


if __name__ == "__main__":
    import sys
    import time

    begin = time.perf_counter()
    made = renditions(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
    print(len(made), time.perf_counter() - begin)
