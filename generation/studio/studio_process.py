"""A studio process: it fits one portrait, and then makes drafts of it as they are ordered.

Run confined by `generation.studio.studio_pool`, with orders on stdin and answers on stdout (`studio_order`).
It reads no file of anybody's and writes none. It ends when it was asked for nothing for IDLE_S seconds, and
with the web process that started it.
"""

from __future__ import annotations

import io
import json
import math
import select
import sys
import traceback
from collections import OrderedDict
from collections.abc import Callable
from typing import IO, Final

import cv2
import numpy as np

from generation.animation import Animator, MotionControls
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.performed import PerformedMotion, perform
from generation.animation.motion.editing.performance import Performance
from generation.animation.portrait.fit import FittedPortrait
from generation.animation.rendering.deform import HAIR_SETTLES_S
from generation.animation.rendering.renderer import FrameInputs, FrameInputSequence, Renderer
from generation.animation.rendering.threaded import frames_in_order, render_threads
from generation.animation.speech.audio_input import UnusableAudioError
from generation.animation.track.motion_track import MotionTrack
from generation.disclosure.choice import CUE_S
from generation.disclosure.sound_cue import with_cue, with_silence
from generation.draft.render_draft import labelled
from generation.pipeline.audio import as_one_channel, read_audio, whole_frames
from generation.pipeline.encode import encode_in_memory, luma_of, set_luma, to_yuv
from generation.studio.studio_order import Kind, StudioAnswer, StudioOrder
from generation.studio.timeline import curves, timeline_json
from provenance.common.strict_json import parse, to_plain
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import DRAFT

IDLE_S: Final = 180.0
STILL_SIZE: Final = 512
CLIP_SIZE: Final = 384
CLIP_S: Final = 3.0
CURVES_S: Final = 8.0  # so that a still does not wait long for them
JPEG_QUALITY: Final = 92
MOST_RECORDINGS: Final = 3


class Recording:
    """One driving audio as a job would use it: whole frames, with the cue before it if there is one."""

    def __init__(self, wav: IO[bytes], fps: int, *, sound_cue: bool) -> None:
        sound, self.rate = read_audio(wav)
        speech = with_silence(sound, self.rate) if sound_cue else sound
        sound = with_cue(sound, self.rate) if sound_cue else sound
        self.sound = whole_frames(sound, self.rate, fps)
        self.speech = as_one_channel(whole_frames(speech, self.rate, fps))
        self.performance = Performance(self.speech, self.rate, fps)
        self.lead_s = CUE_S if sound_cue else 0.0
        self.motions: dict[str, MotionTrack] = {}  # the performer's track that was sent last


class Studio:
    """What is kept between orders: the fitted portrait, its renderers and the last recordings."""

    def __init__(self) -> None:
        self._fitted: FittedPortrait | None = None
        self._renderers: dict[int, list[Renderer]] = {}
        self._recordings: OrderedDict[tuple[str, int, bool], Recording] = OrderedDict()

    def carry_out(
        self, order: StudioOrder, portrait: bytes, sound: bytes, motion: bytes
    ) -> tuple[StudioAnswer, bytes]:
        """The answer to one order and the bytes behind it."""
        if portrait:
            self._fit(portrait)
        if self._fitted is None:
            return StudioAnswer(order.nonce, lacks="portrait"), b""
        recording = self._recording(order, sound)
        if recording is None:
            return StudioAnswer(order.nonce, lacks="sound"), b""
        if motion:
            recording.motions = {order.motion: MotionTrack.from_csv(io.StringIO(motion.decode()))}
        if order.motion and order.motion not in recording.motions:
            return StudioAnswer(order.nonce, lacks="motion"), b""
        make: dict[Kind, Callable[[StudioOrder, Recording], bytes]] = {
            "still": self._still, "clip": self._clip, "timeline": self._timeline, "curves": self._curves,
        }  # fmt: skip
        data = make[order.kind](order, recording)
        return StudioAnswer(order.nonce, size=len(data)), data

    def _fit(self, portrait: bytes) -> None:
        picture = cv2.imdecode(np.frombuffer(portrait, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise ValueError("The portrait is no picture.")
        pixels = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
        self._fitted, self._renderers = Animator.load(device="cpu").fit(pixels), {}

    def _recording(self, order: StudioOrder, sound: bytes) -> Recording | None:
        place = (order.sound, order.fps, order.sound_cue)
        if sound:
            self._recordings[place] = Recording(io.BytesIO(sound), order.fps, sound_cue=order.sound_cue)
            if len(self._recordings) > MOST_RECORDINGS:
                self._recordings.popitem(last=False)
        if place not in self._recordings:
            return None
        self._recordings.move_to_end(place)
        return self._recordings[place]

    def _still(self, order: StudioOrder, recording: Recording) -> bytes:
        at_s = min(order.at_s, recording.performance.duration_s - 0.5 / order.fps)
        frame_number = int(at_s * order.fps)
        (inputs,) = _inputs(order, recording, frame_number, frame_number + 1)
        frame = self._renderers_of(STILL_SIZE, 1)[0].frame(*inputs)
        (drawn,) = labelled(iter([frame]), (order.label, order.label))
        picture = to_yuv(drawn)
        set_luma(picture, _embedder(order).mark(luma_of(picture)))
        marked = cv2.cvtColor(picture.reformat(format="rgb24").to_ndarray(), cv2.COLOR_RGB2BGR)
        done, file = cv2.imencode(".jpg", marked, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not done:
            raise ValueError("The picture could not be written.")
        return file.tobytes()

    def _clip(self, order: StudioOrder, recording: Recording) -> bytes:
        fps, duration_s = order.fps, recording.performance.duration_s
        begin_s = max(0.0, min(order.at_s - CLIP_S / 2, duration_s - CLIP_S))
        first = round(begin_s * fps)
        last = min(first + round(CLIP_S * fps), round(duration_s * fps))
        inputs = _inputs(order, recording, first, last)
        frames = frames_in_order(self._renderers_of(CLIP_SIZE, render_threads()), [inputs])
        samples = slice(round(first / fps * recording.rate), round(last / fps * recording.rate))
        return encode_in_memory(
            labelled(frames, (order.label, order.label)),
            fps=fps,
            audio=recording.sound[samples],
            sample_rate=recording.rate,
            mark=_embedder(order).mark,
        )

    def _timeline(self, order: StudioOrder, recording: Recording) -> bytes:
        analysed = recording.performance.speech
        return _json(timeline_json(recording.speech, recording.rate, analysed, order.fps))

    def _curves(self, order: StudioOrder, recording: Recording) -> bytes:
        frames = round(recording.performance.duration_s * order.fps)
        first = min(int(order.at_s * order.fps), frames)
        count = min(round(CURVES_S * order.fps), frames - first)
        track = _track(order, recording, first=first, until_s=(first + count - 0.5) / order.fps)
        return _json({"first": first, "curves": curves(track.between(0, count))})

    def _renderers_of(self, size: int, count: int) -> list[Renderer]:
        assert self._fitted is not None  # noqa: S101
        found = self._renderers.setdefault(size, [])
        found += [Renderer(self._fitted, size) for _ in range(count - len(found))]
        return found[:count]


def _json(values: dict[str, object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode()


def _track(order: StudioOrder, recording: Recording, *, first: int, until_s: float | None) -> MotionTrack:
    controls = MotionControls.from_json(order.controls)
    direction = Direction.from_json(order.direction) if order.direction else None
    track = recording.performance.track(
        controls=controls, seed=order.seed, direction=direction, first=first, until_s=until_s
    )
    if not order.motion:
        return track
    performed = PerformedMotion(recording.motions[order.motion], order.lips)
    return perform(
        track, performed, controls=controls, direction=direction, lead_s=recording.lead_s, first=first
    )


def _inputs(order: StudioOrder, recording: Recording, first: int, last: int) -> list[FrameInputs]:
    """Of the frames with the numbers `first` to before `last`. The hair of a frame follows the head of those
    before it."""
    begins = max(0, first - math.ceil(HAIR_SETTLES_S * order.fps))
    track = _track(order, recording, first=begins, until_s=(last - 0.5) / order.fps)
    return list(FrameInputSequence(begins).iter_frame_inputs(track))[first - begins : last - begins]


def _embedder(order: StudioOrder) -> Embedder:
    return Embedder(WatermarkPayload(order.watermark_id, DRAFT), WatermarkKey(order.key))


def serve(orders: IO[bytes], answers: IO[bytes]) -> None:
    """Carry out orders until there are no more, or none for IDLE_S."""
    studio = Studio()
    while select.select([orders], [], [], IDLE_S)[0]:
        line = orders.readline()
        if not line:
            return
        order = parse(StudioOrder, line)
        sizes = (order.portrait_bytes, order.sound_bytes, order.motion_bytes)
        files = [_exactly(orders, size) for size in sizes]
        try:
            answer, data = studio.carry_out(order, *files)
        except UnusableAudioError as error:
            answer, data = StudioAnswer(order.nonce, refusal=str(error)), b""
        except Exception:  # noqa: BLE001 - told to the web process, which ends this one
            answer, data = StudioAnswer(order.nonce, failure=traceback.format_exc()[-4000:]), b""
        answers.write(json.dumps(to_plain(answer)).encode() + b"\n" + data)
        answers.flush()


def _exactly(orders: IO[bytes], size: int) -> bytes:
    data = orders.read(size) if size else b""
    if len(data) != size:
        raise EOFError("The order ended early.")
    return data


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
