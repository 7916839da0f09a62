from __future__ import annotations

import shutil
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from generation.animation import Animator, PortraitAnimator
from generation.animation.framing.video_format import VideoFormat
from generation.animation.framing.view import VideoFormatRefused, output_size
from generation.animation.motion.controls import MotionControls
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import Disclosure
from generation.pipeline.audio import read_audio
from generation.pipeline.decode import DecodingFailed, probe, read_frames, read_luma
from generation.pipeline.encode import encode_video
from generation.pipeline.read_back import (
    LEAST_SCORE,
    WatermarkMissing,
    check_length,
    check_watermark,
)
from generation.pipeline.render_stream import ProducedVideo, produce_video
from generation.pipeline.segments.production import frames_buffered
from generation.pipeline.segments.stretches import ProductionFailed
from generation.pipeline.strength import choose_strength
from provenance.watermark import WatermarkKey, WatermarkPayload, completion, settling
from provenance.watermark.content.fingerprint_match import is_same
from tests.generation.pipeline.moving_portrait import (
    CAST,
    SAMPLES,
    SPEECH,
    SwayingAnimator,
    moving_portrait,
    portrait,
    sway,
)
from tests.provenance.watermark.marked import extraction, watermark_id

pytestmark = pytest.mark.slow

KEY = WatermarkKey(b"a key of the tests, not of service")
OTHER_KEY = WatermarkKey(b"another key, also not of service")
PAYLOAD = WatermarkPayload(0x0123456789AB)


def produce(destination: Path, **changes: object) -> ProducedVideo:
    values: dict[str, object] = {
        "portrait": portrait("maya"),
        "audio": np.zeros(9_600, np.float32),  # 0.4 s, ten frames
        "sample_rate": 24_000,
        "controls": MotionControls(),
        "seed": 0,
        "video": VideoFormat(),
        "disclosure": Disclosure(preset="none"),
        "payload": PAYLOAD,
        "key": KEY,
        "on_stage": lambda stage: None,
        "on_frame": lambda done, known: None,
        "animator": SwayingAnimator(),
    }
    return produce_video(destination=destination, **(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def produced(tmp_path_factory: pytest.TempPathFactory) -> ProducedVideo:
    two_seconds = np.zeros(48_000, np.float32)
    return produce(tmp_path_factory.mktemp("produced") / "a.mp4", audio=two_seconds)


def test_the_record_id_is_read_back_from_the_encoded_file(produced: ProducedVideo) -> None:
    assert check_watermark(produced.video.path, PAYLOAD, KEY) >= LEAST_SCORE


def test_to_read_the_id_back_nobody_measures_where_the_picture_lies(
    produced: ProducedVideo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever marked the frames knows, and it takes ten times as long as reading."""

    def measured(*_: object, **__: object) -> None:
        raise AssertionError("measured")

    for name in ("marked_extent", "held_quadrants", "fingerprint_of_found"):
        monkeypatch.setattr(completion, name, measured)
    monkeypatch.setattr(settling, "held_quadrants", measured)
    assert check_watermark(produced.video.path, PAYLOAD, KEY) >= LEAST_SCORE


def test_the_prints_taken_while_marking_fit_the_encoded_file(produced: ProducedVideo) -> None:
    prints = extraction(read_luma(produced.video.path), KEY).readings[0].fingerprints
    assert is_same(prints, produced.content_prints)


def test_every_frame_is_as_long_as_the_speech_says(produced: ProducedVideo) -> None:
    check_length(produced.video.path, produced.video)
    facts = probe(produced.video.path)
    assert facts.frames == len(produced.track) == 50
    assert facts.audio_duration_s == pytest.approx(facts.duration_s, abs=1 / 25)


class OnDevice(SwayingAnimator):
    """Draws on a device of torch."""

    def drawing_device(self, fitted: np.ndarray, size: int) -> str:
        return "cpu:0"


def test_a_video_marked_on_a_device_has_the_record_id_and_the_pictures(tmp_path: Path) -> None:
    here = produce(tmp_path / "a.mp4", encoder="h264_nvenc")  # x264, where no card answers
    there = produce(tmp_path / "b.mp4", animator=OnDevice())
    assert check_watermark(there.video.path, PAYLOAD, KEY) >= LEAST_SCORE
    check_length(there.video.path, there.video)
    assert len(there.content_prints) == len(here.content_prints)
    for one, other in zip(read_luma(here.video.path), read_luma(there.video.path), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 1


class SwayingPicture(SwayingAnimator):
    """Sways the whole picture, too."""

    def render_in_picture(
        self, fitted: np.ndarray, track: MotionTrack, *, size: int, aspect: str, fill: str
    ) -> Iterator[np.ndarray]:
        shape = output_size(VideoFormat(aspect=aspect, size=size, fill=fill), 4, 5)
        return sway(np.asarray(cv2.resize(fitted, shape, interpolation=cv2.INTER_AREA), np.uint8), len(track))


@pytest.mark.parametrize(
    ("aspect", "shape"), [("16:9", (640, 360)), ("9:16", (360, 640)), ("picture", (360, 450))]
)
def test_the_record_id_is_read_back_at_every_shape(tmp_path: Path, aspect: str, shape) -> None:
    video = VideoFormat(aspect=aspect, size=360, fps=30)
    produced = produce(tmp_path / "a.mp4", video=video, animator=SwayingPicture())
    assert (produced.video.width, produced.video.height, produced.video.fps) == (*shape, 30)
    assert check_watermark(produced.video.path, PAYLOAD, KEY) >= LEAST_SCORE


@pytest.mark.parametrize(
    ("fps", "width", "height", "expected"),
    [
        (25, 512, 512, 25),
        (60, 512, 512, 60),
        (25, 1920, 1080, 25),
        (60, 1920, 1080, 33),
        (60, 2160, 1080, 29),
    ],
)
def test_the_buffered_second_is_shorter_where_frames_are_large(fps, width, height, expected) -> None:
    assert frames_buffered(fps, 3 * width * height) == expected


def test_a_renderer_of_squares_refuses_another_shape(tmp_path: Path) -> None:
    with pytest.raises(VideoFormatRefused, match="square"):
        produce(tmp_path / "a.mp4", video=VideoFormat(aspect="16:9"))


@pytest.mark.parametrize("frame", [0, 1, 24, 48, 49])
def test_each_frame_alone_carries_the_mark(produced: ProducedVideo, frame: int) -> None:
    frames = list(read_luma(produced.video.path))
    assert watermark_id(frames[frame : frame + 1], KEY) == PAYLOAD.watermark_id


@pytest.mark.parametrize("trimmed", range(1, 8))
def test_a_trimmed_start_still_decodes(produced: ProducedVideo, trimmed: int) -> None:
    frames = list(read_luma(produced.video.path))
    assert watermark_id(frames[trimmed:], KEY) == PAYLOAD.watermark_id


def test_half_the_frames_dropped_still_decodes(produced: ProducedVideo) -> None:
    frames = list(read_luma(produced.video.path))
    kept = np.sort(np.random.default_rng(11).choice(50, 25, replace=False))
    assert watermark_id(read_luma(produced.video.path, every=2), KEY) == PAYLOAD.watermark_id
    assert watermark_id([frames[index] for index in kept], KEY) == PAYLOAD.watermark_id


def test_another_key_finds_nothing_in_it(produced: ProducedVideo) -> None:
    assert watermark_id(read_luma(produced.video.path), OTHER_KEY) is None
    with pytest.raises(WatermarkMissing, match="no record id"):
        check_watermark(produced.video.path, PAYLOAD, OTHER_KEY)


def test_another_record_id_is_refused(produced: ProducedVideo) -> None:
    with pytest.raises(WatermarkMissing, match="another record"):
        check_watermark(produced.video.path, WatermarkPayload(1), KEY)


def test_a_file_without_mark_is_refused(tmp_path: Path) -> None:
    encode_video(
        moving_portrait("maya", 30),
        fps=25,
        audio=np.zeros(100, np.float32),
        sample_rate=24_000,
        destination=tmp_path / "a.mp4",
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )
    with pytest.raises(WatermarkMissing):
        check_watermark(tmp_path / "a.mp4", PAYLOAD, KEY)


def test_a_file_whose_end_is_unmarked_is_refused(produced: ProducedVideo, tmp_path: Path) -> None:
    marked = list(read_frames(produced.video.path))[:30]
    encode_video(
        [*marked, *moving_portrait("maya", 30)],
        fps=25,
        audio=np.zeros(100, np.float32),
        sample_rate=24_000,
        destination=tmp_path / "a.mp4",
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )
    with pytest.raises(WatermarkMissing, match="Part 3"):
        check_watermark(tmp_path / "a.mp4", PAYLOAD, KEY)


def encoded(frames: Iterable[np.ndarray], path: Path) -> Path:
    """The frames as a file, as they are."""
    encode_video(
        frames,
        fps=25,
        audio=np.zeros(100, np.float32),
        sample_rate=24_000,
        destination=path,
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )
    return path


def test_a_file_under_two_seconds_is_read_back_to_its_end(produced: ProducedVideo, tmp_path: Path) -> None:
    marked = read_frames(produced.video.path, limit=30)
    path = encoded([*marked, *moving_portrait("maya", 15)], tmp_path / "a.mp4")
    with pytest.raises(WatermarkMissing, match="Part 3"):
        check_watermark(path, PAYLOAD, KEY)


def test_a_short_file_is_read_back_in_three_equal_parts(produced: ProducedVideo, tmp_path: Path) -> None:
    """Read eight by eight, the seventeenth frame alone would be held to the score of eight."""
    noise = np.random.default_rng(0).normal(0, 16, (17, 512, 512, 3))
    noisy = np.clip(list(read_frames(produced.video.path, limit=17)) + noise, 0, 255).astype(np.uint8)
    path = encoded(noisy, tmp_path / "a.mp4")
    third = extraction(list(read_luma(path))[:6], KEY).readings[0].score(PAYLOAD, KEY)
    assert check_watermark(path, PAYLOAD, KEY) > 0.8 * third


def test_a_very_short_file_is_read_back_once(produced: ProducedVideo, tmp_path: Path) -> None:
    path = encoded(read_frames(produced.video.path, limit=9), tmp_path / "a.mp4")
    score = check_watermark(path, PAYLOAD, KEY)
    read_as_a_whole = extraction(read_luma(path), KEY).readings[0].score(PAYLOAD, KEY)
    assert score == pytest.approx(read_as_a_whole)


def test_a_file_with_frames_missing_is_refused(produced: ProducedVideo, tmp_path: Path) -> None:
    encode_video(
        list(read_frames(produced.video.path))[:-1],
        fps=25,
        audio=np.zeros(48_000, np.float32),
        sample_rate=24_000,
        destination=tmp_path / "a.mp4",
        mark=lambda luma: luma,
        on_frame=lambda done: None,
    )
    with pytest.raises(ProductionFailed, match="49 frames of 50"):
        check_length(tmp_path / "a.mp4", produced.video)


def test_a_file_without_sound_is_refused(produced: ProducedVideo, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(produced.video.path)) as source, av.open(str(path), "w") as target:
        copied = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = copied
                target.mux(packet)
    with pytest.raises(ProductionFailed, match="sound"):
        check_length(path, produced.video)


def test_what_is_not_a_video_is_refused(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "portraits" / "maya.jpg", tmp_path / "a.mp4")
    with pytest.raises((DecodingFailed, WatermarkMissing)):
        check_watermark(tmp_path / "a.mp4", PAYLOAD, KEY)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 255, 0)])
def test_flat_pictures_carry_the_mark_through_encoding(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    flat = np.full((512, 512, 3), colour, np.uint8)
    video = produce(tmp_path / "a.mp4", portrait=flat).video
    assert check_watermark(video.path, PAYLOAD, KEY) >= LEAST_SCORE


def test_stages_and_frames_are_told_as_they_come(tmp_path: Path) -> None:
    told: list[object] = []
    produce(
        tmp_path / "a.mp4",
        audio=np.zeros(4_800, np.float32),
        on_stage=told.append,
        on_frame=lambda done, known: told.append((done, known)),
    )
    assert told == ["animating", "marking", *5 * [(0, 5)], (1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]


def test_the_same_inputs_give_the_same_file(tmp_path: Path) -> None:
    first = produce(tmp_path / "a.mp4").video.path.read_bytes()
    assert produce(tmp_path / "b.mp4").video.path.read_bytes() == first


class Cancelled(Exception):
    pass


def test_a_job_cancelled_between_frames_leaves_nothing(tmp_path: Path) -> None:
    def cancel(done: int, known: int) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        produce(tmp_path / "a.mp4", on_frame=cancel)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("frames_short", [1, -1])
def test_a_renderer_that_miscounts_leaves_nothing(tmp_path: Path, frames_short: int) -> None:
    with pytest.raises(ProductionFailed, match="frames for 10 steps"):
        produce(tmp_path / "a.mp4", animator=SwayingAnimator(frames_short=frames_short))
    assert list(tmp_path.iterdir()) == []


@dataclass
class TwiceAsLong(SwayingAnimator):
    """Drives a motion that lasts twice as long as the speech."""

    def drive(self, audio: np.ndarray, sample_rate: int, **controls: object) -> object:  # type: ignore[override]
        return super().drive(np.tile(audio, 2), sample_rate, **controls)  # type: ignore[arg-type]


def test_motion_longer_than_the_speech_is_refused_before_rendering(tmp_path: Path) -> None:
    with pytest.raises(ProductionFailed, match=r"0\.800 s, the speech 0\.400 s"):
        produce(tmp_path / "a.mp4", animator=TwiceAsLong())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("fps", "tried"), [(12, range(12)), (25, range(25)), (50, range(0, 50, 2))])
def test_the_strength_is_tried_on_frames_of_the_whole_first_second(
    monkeypatch: pytest.MonkeyPatch, fps: int, tried: range
) -> None:
    seen: list[int] = []

    def look(lumas: list[np.ndarray], *_: object) -> bool:
        seen[:] = [round((int(luma[0, 0]) - 16) / 219 * 255) // 4 for luma in lumas]
        return True

    monkeypatch.setattr("generation.pipeline.strength._survives", look)
    first_second = [np.full((16, 16, 3), 4 * number + 2, np.uint8) for number in range(fps)]
    choose_strength(first_second, PAYLOAD, KEY)
    assert seen == list(tried)


def test_opposite_channels_do_not_drive_as_silence(tmp_path: Path) -> None:
    heard: list[np.ndarray] = []

    class Listening(SwayingAnimator):
        def drive(self, audio: np.ndarray, *arguments: object, **controls: object) -> object:  # type: ignore[override]
            heard.append(audio)
            return super().drive(audio, *arguments, **controls)  # type: ignore[arg-type]

    left = np.sin(np.arange(4800) * 0.1).astype(np.float32)
    produce(tmp_path / "a.mp4", audio=np.stack([left, -left], axis=1), animator=Listening())
    assert (heard[0] == left).all()


def test_two_channels_drive_as_one_and_stay_two(tmp_path: Path) -> None:
    produce(tmp_path / "a.mp4", audio=np.zeros((4800, 2), np.float32))
    assert probe(tmp_path / "a.mp4").audio_channels == 2


@pytest.mark.slow
@pytest.mark.parametrize(("name", "speech"), list(zip(CAST, (*SPEECH, SPEECH[0]), strict=True)))
def test_every_bundled_portrait_and_speech_goes_through(tmp_path: Path, name: str, speech: str) -> None:
    """Of each recording its last seconds, with the end that is no whole frame."""
    audio, sample_rate = read_audio(SAMPLES / "speech" / f"{speech}.wav")
    audio = audio[-(3 * sample_rate + len(audio) % (sample_rate // 25)) :]
    result = produce(tmp_path / "a.mp4", portrait=portrait(name, 1024), audio=audio, sample_rate=sample_rate)
    check_length(result.video.path, result.video)
    assert check_watermark(result.video.path, PAYLOAD, KEY) >= LEAST_SCORE


@pytest.mark.slow
def test_the_real_animator_goes_through(tmp_path: Path) -> None:
    animator: PortraitAnimator = Animator.load(device="cpu")
    audio, sample_rate = read_audio(SAMPLES / "speech" / "sample1_female_calm.wav")
    result = produce(
        tmp_path / "a.mp4",
        portrait=portrait("amara", 1024),
        audio=audio[: 2 * sample_rate],
        sample_rate=sample_rate,
        animator=animator,
    )
    check_length(result.video.path, result.video)
    assert check_watermark(result.video.path, PAYLOAD, KEY) >= LEAST_SCORE
    first, *_, last = read_frames(result.video.path)
    assert np.abs(first.astype(int) - last).max() > 20


def test_no_more_than_a_second_is_rendered_ahead(tmp_path: Path) -> None:
    """A long video must not sit in memory: after the first second, each frame is encoded at once."""
    ahead = []
    rendered = 0

    class Watched(SwayingAnimator):
        def render(self, *arguments: object, **size: int) -> Iterator[np.ndarray]:  # type: ignore[override]
            nonlocal rendered
            for frame in super().render(*arguments, **size):  # type: ignore[arg-type]
                rendered += 1
                yield frame

    produce(
        tmp_path / "a.mp4",
        audio=np.zeros(36_000, np.float32),
        animator=Watched(),
        on_frame=lambda done, known: ahead.append(rendered - done),
    )
    assert max(ahead) == 25


def test_the_first_second_is_let_go_once_it_is_encoded(tmp_path: Path) -> None:
    rendered: list[weakref.ref[np.ndarray]] = []
    kept: list[int] = []

    class Watched(SwayingAnimator):
        def render(self, *arguments: object, **size: int) -> Iterator[np.ndarray]:  # type: ignore[override]
            for frame in super().render(*arguments, **size):  # type: ignore[arg-type]
                rendered.append(weakref.ref(frame))
                yield frame

    produce(
        tmp_path / "a.mp4",
        audio=np.zeros(28_800, np.float32),
        animator=Watched(),
        on_frame=lambda done, known: kept.append(sum(frame() is not None for frame in rendered)),
    )
    assert max(kept) >= 25
    assert kept[-1] < 5
