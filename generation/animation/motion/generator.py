"""From speech to a performance: hear the voice, plan what the face does, carry it out around the mouth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from generation.animation.motion.controls import MotionControls
from generation.animation.motion.emotions import sided
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.kinematics import REACH_S, Kinematics, lids_reach_s
from generation.animation.motion.motion_conditions import VoiceSteps, requests_of
from generation.animation.motion.motion_curves import Curve
from generation.animation.motion.motion_flow import load_motion_flow
from generation.animation.motion.motion_plan import BLINK, FACE, FACE_COLUMNS, HEAD, PLAN_RATE, Plan
from generation.animation.motion.mouth_buffer import MouthBuffer
from generation.animation.motion.mouth_emotion import MouthFeeling
from generation.animation.motion.planner import LIVE, RECORDED, Pace, Planner
from generation.animation.motion.voice_driven.mixed_planner import MixedPlanner
from generation.animation.motion.voice_driven.phrase_planner import (
    LIVE_AHEAD,
    RECORDED_AHEAD,
    PhrasePlanner,
)
from generation.animation.motion.voice_style import push_heard, speech_in
from generation.animation.speech.audio_features import Samples
from generation.animation.speech.coarticulation import (
    ACTION_INDEX,
    apply_contacts,
    mouth_actions,
    mouth_reach_s,
)
from generation.animation.speech.stream_resampling import StreamResampler
from generation.animation.speech.streaming_recogniser import (
    HEARING_RATE,
    HOP_S,
    LOOK_AHEAD_S,
    Ear,
    Heard,
    hear,
)
from generation.animation.track.motion_track import CAMERA_DISTANCE_HEAD_WIDTHS, MotionTrack

NATURAL, AS_LEARNED = MotionControls(), Guidance()
_LIDS = [ACTION_INDEX[name] for name in sided("eyeBlink*")]
_LIDS_YIELD = [ACTION_INDEX[name] for name in (*sided("eyeWide*"), *sided("eyeSquint*"))]


class Performer:
    """Turns what is heard into frames of motion as soon as they are settled.

    The same voice, controls, seed, frame rate and pace give the same frames, however the voice is cut.
    """

    def __init__(
        self,
        controls: MotionControls,
        seed: int,
        fps: float,
        pace: Pace,
        guidance: Guidance = AS_LEARNED,
    ) -> None:
        self._controls, self._fps = controls, fps
        self._planner = MixedPlanner(
            PhrasePlanner(controls, seed, RECORDED_AHEAD if pace is RECORDED else LIVE_AHEAD, guidance),
            Planner(load_motion_flow(), requests_of(controls), seed, pace, guidance),
        )
        self._steps, self._kinematics = VoiceSteps(), Kinematics()
        self._mouth_reach_s, self._lids_reach_s = mouth_reach_s(fps), lids_reach_s(fps)
        self._mouth, self._feeling = MouthBuffer(self._mouth_reach_s), MouthFeeling(controls)
        self._heard = 0  # frames of 10 ms
        self._shown = 0

    def take(self, heard: Heard) -> MotionTrack:
        """Hear what comes next; the frames that are settled now, maybe none."""
        self._listen(heard)
        ready_s = min(
            self._kinematics.ready_s - self._lids_reach_s, self._heard / HEARING_RATE - self._mouth_reach_s
        )
        # Frame i shows the middle of its span, (i + 0.5) / fps; the first whose middle is not settled waits.
        return self._show(max(self._shown, math.floor(ready_s * self._fps - 0.5) + 1))

    def finish(self, duration_s: float) -> MotionTrack:
        """The voice has ended after `duration_s`; the rest of its round(duration_s * fps) frames."""
        self._plan(self._planner.take(self._steps.finish()))
        self._plan(self._planner.finish())
        self._kinematics.finish()
        return self._show(max(self._shown, round(duration_s * self._fps)))

    def _listen(self, heard: Heard) -> None:
        self._heard += len(heard.posteriors)
        self._mouth.take(heard.mouth)
        self._feeling.take(heard.prosody, speech_in(heard))
        self._plan(self._planner.take(push_heard(self._steps, heard)))

    def _plan(self, rows: Plan) -> None:
        if self._controls.blinks_per_minute == 0:
            rows[:, BLINK] = 0.0
        self._kinematics.take(rows)

    def _show(self, until: int) -> MotionTrack:
        if until == self._shown:
            return MotionTrack.neutral(0, self._fps)
        times = np.asarray((np.arange(self._shown, until) + 0.5) / self._fps, np.float64)
        self._shown = until
        controls = self._controls
        smooth, lids, gaze = self._kinematics.perform(times, self._fps)
        mouth, mouth_times = self._mouth.around(times)
        actions = mouth_actions(mouth, mouth_times, self._fps, controls.expressiveness)
        actions += _strength(controls) * self._feeling.offsets(times)
        _move_face(actions, _strength(controls) * smooth[:, FACE], lids)
        apply_contacts(actions, mouth, mouth_times, self._fps)
        head = controls.head_motion * smooth[:, HEAD]
        head[:, 5] += (controls.head_distance - 1.0) * CAMERA_DISTANCE_HEAD_WIDTHS
        return MotionTrack(
            fps=self._fps,
            actions=actions.astype(np.float32),
            head_pose=head.astype(np.float32),
            gaze=(gaze + np.array((controls.gaze_yaw, controls.gaze_pitch))).astype(np.float32),
        )


def drive(
    audio: Samples,
    sample_rate: int,
    *,
    controls: MotionControls = NATURAL,
    seed: int = 0,
    fps: float = 25,
    guidance: Guidance = AS_LEARNED,
) -> MotionTrack:
    """Turn mono speech (N,) float32 in -1..1 into a MotionTrack of round(duration * fps) frames.

    Frame i shows the middle of its span, (i + 0.5) / fps. The mouth depends on the audio, the feeling and
    `expressiveness` only; `seed` chooses blinks, gaze, brows and head movement, and `guidance` how strongly
    voice and controls pull at them. `gaze` is where the eyes look, off the camera: it stays on its target
    while the head turns, so the renderer turns the eyes against the head. The eyeLook actions are left at 0,
    since gaze says the same. Deterministic on one machine.
    Raises UnusableAudioError, and ValueError when fps is outside what MotionTrack allows.
    """
    performer = Performer(controls, seed, fps, RECORDED, guidance)
    first = performer.take(hear(audio, sample_rate))
    return joined([first, performer.finish(len(audio) / sample_rate)])


def stream(
    chunks: Iterable[Samples],
    sample_rate: int,
    *,
    controls: MotionControls = NATURAL,
    seed: int = 0,
    fps: float = 40,
    guidance: Guidance = AS_LEARNED,
) -> Iterator[MotionTrack]:
    """Turn mono speech that arrives in chunks (N,) float32 of any length into pieces of a MotionTrack.

    A frame comes out at most `live_delay_s(fps, sample_rate)` of audio after its moment: 0.205 s at 24 and
    25 frames a second, 0.200 s from 40 on, 6 to 8 ms more unless the audio has 16 kHz. A chunk adds its own
    length. The frames do not depend on where the chunks were cut. Memory does not grow. Raises as `drive`,
    for the chunk in hand.
    """
    performer = Performer(controls, seed, fps, LIVE, guidance)
    ear = Ear(sample_rate)
    samples = 0
    for chunk in chunks:
        samples += len(chunk)
        piece = performer.take(ear.push(chunk))
        if len(piece):
            yield piece
    pieces = [performer.take(ear.finish()), performer.finish(samples / sample_rate)]
    rest = joined(pieces)
    if len(rest):
        yield rest


def live_delay_s(fps: float, sample_rate: int) -> float:
    """How much audio beyond a frame's moment `stream` needs for it at the most, in seconds, apart from the
    length of a chunk. Who plays the voice beside the face delays it by as much."""
    mouth = HOP_S + LOOK_AHEAD_S + mouth_reach_s(fps)
    # A row of the plan is as long as a hop, and is heard with the hop that has looked far enough ahead.
    heard = HOP_S * math.ceil(LOOK_AHEAD_S / HOP_S)
    face = heard + (LIVE.commit + LIVE.heard) / PLAN_RATE + REACH_S + lids_reach_s(fps)
    return max(mouth, face) + StreamResampler(sample_rate).delay_s


def joined(pieces: list[MotionTrack]) -> MotionTrack:
    """The pieces of one performance as one track."""
    columns = (
        np.concatenate([getattr(piece, name) for piece in pieces])
        for name in ("actions", "head_pose", "gaze")
    )
    return MotionTrack(pieces[0].fps, *columns)


def _strength(controls: MotionControls) -> float:
    return 0.5 + 0.5 * controls.expressiveness


def _move_face(actions: NDArray[np.float64], face: NDArray[np.float64], lids: Curve) -> None:
    """Add brows, eyes, cheeks and nose to `actions` (T, 52) in place; a blink wins over every feeling."""
    for column, driven in enumerate(FACE_COLUMNS.values()):
        for action, share in driven.items():
            actions[:, ACTION_INDEX[action]] += share * face[:, column]
    np.clip(actions, 0.0, 1.0, out=actions)
    actions[:, _LIDS_YIELD] *= 1 - lids[:, None]
    actions[:, _LIDS] += (1 - actions[:, _LIDS]) * lids[:, None]
