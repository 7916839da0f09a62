"""Which frames of a short clip are decoded, and when."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from provenance.verify.reader.frames import MOST_SAMPLED, frame_facts, sampled
from tests.provenance import clips


def test_what_follows_the_last_sampled_frame_is_decoded_only_when_asked_for(tmp_path: Path) -> None:
    frames = (frame for frame in clips.moving_frames(120, size=64))
    path = clips.write_clip(tmp_path / "clip.mp4", frames, has_audio=False)
    facts = frame_facts(path)
    assert facts is not None
    seen: list[float] = []

    def watch(frame: object, time_s: float) -> bool:
        seen.append(time_s)
        return True

    given = sampled(path, facts, watch)
    assert len(list(islice(given, MOST_SAMPLED))) == MOST_SAMPLED
    assert len(seen) < 120
    assert not list(given)
    assert len(seen) == 120
