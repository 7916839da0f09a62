"""Which frames of a short clip are decoded, and when."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from provenance.verify.reader.frames import MOST_SAMPLED, frame_facts, sampled
from provenance.verify.reader.motion_reading import FrameTrack
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


@pytest.mark.parametrize("watched", [0, 1, 17, 1000])
def test_the_same_frames_are_given_whether_all_are_decoded_or_not(tmp_path: Path, watched: int) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", clips.moving_frames(110, size=64), has_audio=False)
    facts = frame_facts(path)
    assert facts is not None
    times: list[float] = []

    def watch(frame: VideoFrame, time_s: float) -> bool:
        times.append(time_s)
        return len(times) < watched

    given = list(sampled(path, facts, watch))
    everything = list(sampled(path, facts, lambda frame, time_s: True))
    assert [second for second, _ in given] == [second for second, _ in everything]
    assert all(np.array_equal(one, other) for (_, one), (_, other) in zip(given, everything, strict=True))
    assert len(times) == 110 if watched == 1000 else len(times) < 100


def test_a_track_that_was_given_up_knows_when_all_read_frames_are_shown(tmp_path: Path) -> None:
    path = clips.write_clip(tmp_path / "clip.mp4", clips.moving_frames(110, size=64), has_audio=False)
    facts = frame_facts(path)
    assert facts is not None
    tracks = FrameTrack(), FrameTrack()
    for track in tracks:
        for number, (second, _) in enumerate(sampled(path, facts, track.add)):
            track.read(second)
            if track is tracks[0] and number == 7:
                track.give_up()
    whole, anew = tracks[1], tracks[0].made_anew(path)
    assert anew._read_at == whole._read_at
    assert anew._times == whole._times
    assert all(np.array_equal(*pair) for pair in zip(anew._pictures, whole._pictures, strict=True))
