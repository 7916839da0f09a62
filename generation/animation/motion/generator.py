"""MotionGenerator: turns analysed speech and controls into a MotionTrack, for recordings and live streams."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generation.animation.arrays import Curve
from generation.animation.motion.controls import RANGES, MotionControls
from generation.animation.motion.direction.control_curves import ControlCurves
from generation.animation.motion.direction.direction import Direction
from generation.animation.motion.direction.layer_curves import LayerCurves
from generation.animation.motion.emotion_layer import EmotionLayer
from generation.animation.motion.emotions import sided
from generation.animation.motion.guidance import Guidance
from generation.animation.motion.kinematics import REACH_S, Kinematics, lids_reach_s
from generation.animation.motion.motion_conditions import NEUTRAL, ControlVector, VoiceSteps, encode_controls
from generation.animation.motion.motion_flow import PlanWindow, load_motion_flow, plan_window
from generation.animation.motion.motion_plan import BLINK, FACE, FACE_COLUMNS, HEAD, PLAN_RATE, Plan
from generation.animation.motion.mouth_buffer import MouthBuffer
from generation.animation.motion.planner import LIVE, RECORDED, Planner, WindowSchedule
from generation.animation.motion.voice_driven.conversation import Conversation
from generation.animation.motion.voice_driven.listener import Listener
from generation.animation.motion.voice_driven.mixed_planner import LEVEL_ROWS, MixedPlanner
from generation.animation.motion.voice_driven.mouth_expression import MouthExpression
from generation.animation.motion.voice_driven.phrase_planner import LIVE_AHEAD, RECORDED_AHEAD, PhrasePlanner
from generation.animation.motion.voice_driven.quality_layer import QualityLayer
from generation.animation.motion.voice_driven.speaker import draw_speaker
from generation.animation.motion.voice_features import push_analysis, speech_probability
from generation.animation.motion.voices import (
    Voices,
    VoiceStream,
    analyse_voices_in_pieces,
    joined_voices,
    take_turns,
)
from generation.animation.sentences import gettext_noop as _
from generation.animation.speech.audio_input import Samples, UnusableAudioError
from generation.animation.speech.coarticulation import (
    ACTION_INDEX,
    apply_contacts,
    mouth_actions,
    mouth_reach_s,
)
from generation.animation.speech.speech_analysis import ANALYSIS_RATE
from generation.animation.speech.stream_resampling import StreamResampler
from generation.animation.speech.streaming_recogniser import HOP_S, LOOK_AHEAD_S
from generation.animation.track.motion_track import (
    CAMERA_DISTANCE_HEAD_WIDTHS,
    MotionTrack,
    concatenate_tracks,
)

NATURAL, AS_LEARNED = MotionControls(), Guidance()
_GAZE_RANGE = np.array([RANGES["gaze_yaw"], RANGES["gaze_pitch"]]).T
_BLINK_ACTIONS = [ACTION_INDEX[name] for name in sided("eyeBlink*")]
_LID_ACTIONS = [ACTION_INDEX[name] for name in (*sided("eyeWide*"), *sided("eyeSquint*"))]
WHOLE_S = 30.0  # up to which a recording is turned into motion at once
_SIGHT = {RECORDED: RECORDED_AHEAD, LIVE: LIVE_AHEAD}  # rows of the voice known beyond a planned row


class MotionGenerator:
    """Generates frames of motion from analysed speech, as soon as all inputs of a frame are final.

    The same speech, controls, seed, frame rate and schedule give the same frames, however the speech is cut.
    """

    def __init__(
        self,
        controls: MotionControls,
        seed: int,
        fps: float,
        schedule: WindowSchedule,
        guidance: Guidance = AS_LEARNED,
        *,
        direction: Direction | None = None,
        plan: PlanWindow = plan_window,
        first: int = 0,
    ) -> None:
        """Frames before `first` are left out; the others are the same."""
        curves = ControlCurves(controls, direction)
        self._curves, self._layer, self.fps = curves, LayerCurves(direction), fps
        ahead = _SIGHT[schedule]
        by_voice = PhrasePlanner(curves, seed, ahead, guidance)

        def control_vector_at(row: int) -> ControlVector:
            # The emotion comes from the table alone: what the network has learned of it cannot be seen.
            middle_s = max(row + schedule.commit / 2, 0.0) / PLAN_RATE
            return encode_controls(replace(curves.at(middle_s), emotion=NEUTRAL))

        def listening_at(rows: NDArray[np.int_]) -> Curve:
            listening = curves.listening((rows + 0.5) / PLAN_RATE)
            return guidance.voice * np.where(listening == 0, 1.0, listening)

        by_network = Planner(
            load_motion_flow(),
            control_vector_at,
            seed,
            schedule,
            guidance,
            plan=plan,
            first_row=int((first / fps - REACH_S) * PLAN_RATE) - LEVEL_ROWS,
        )
        self._side_gains = by_voice.side_gains
        listener = Listener(draw_speaker(seed), ahead, listening_at)
        self._planner = Conversation(MixedPlanner(by_voice, by_network), listener, ahead)
        self._quality, self._expression = QualityLayer(), MouthExpression(ahead)
        self._amusement = QualityLayer()
        self._steps, self._heard_steps, self._kinematics = VoiceSteps(), VoiceSteps(), Kinematics()
        self._mouth_reach_s, self._lids_reach_s = mouth_reach_s(fps), lids_reach_s(fps)
        self._mouth = MouthBuffer(self._mouth_reach_s)
        self._emotion = EmotionLayer(curves, guidance.emotion, self._side_gains)
        self._analysed = 0  # frames of 10 ms
        self._planned = 0  # rows of the plan
        self._generated = first  # frames of the track

    def push(self, voices: Voices) -> MotionTrack:
        """The frames that are final with the next stretch of the voices, maybe none."""
        if not len(voices.own):  # chunks are often shorter than a step of the analysis
            return MotionTrack.neutral(0, self.fps)
        if self._curves.is_directed("listening"):
            times = (self._analysed + 0.5 + np.arange(len(voices.own))) / ANALYSIS_RATE
            voices = take_turns(voices.own, self._curves.listening(times) > 0)
        speech, heard = voices.own, voices.other
        self._analysed += len(speech)
        self._mouth.append(speech.mouth)
        self._emotion.push(speech.prosody, speech_probability(speech))
        self._quality.push(speech.quality)
        self._amusement.push(heard.quality.amusing())
        self._append_voices(push_analysis(self._steps, speech), push_analysis(self._heard_steps, heard))
        ready_s = min(
            self._kinematics.ready_s - self._lids_reach_s,
            self._analysed / ANALYSIS_RATE - self._mouth_reach_s,
        )
        # Frame i shows the middle of its span, (i + 0.5) / fps; the first whose middle is not final waits.
        return self._generate(max(self._generated, math.floor(ready_s * self.fps - 0.5) + 1))

    def direct(self, values: Mapping[str, float | str]) -> None:
        """Change controls from the next frame on. The generator needs a direction that sets them all."""
        self._curves.direct(self._generated / self.fps, values)

    def flush(self, duration_s: float) -> MotionTrack:
        """End of the speech, which lasted `duration_s`: the rest of its round(duration_s * fps) frames."""
        self._append_voices(self._steps.finish(), self._heard_steps.finish())
        self._expression.end()
        self._append_plan(self._planner.plan_rest())
        self._kinematics.end_plan()
        return self._generate(max(self._generated, round(duration_s * self.fps)))

    def _append_voices(self, own: NDArray[np.float32], other: NDArray[np.float32]) -> None:
        self._expression.push(own)
        self._append_plan(self._planner.plan_ahead(own, other))

    def _append_plan(self, rows: Plan) -> None:
        times = (self._planned + 0.5 + np.arange(len(rows))) / PLAN_RATE
        self._planned += len(rows)
        rows[self._curves.number("blinks_per_minute", times) == 0, BLINK] = 0.0
        self._emotion.turn_gaze(rows)
        self._kinematics.append_rows(rows)

    def _generate(self, until: int) -> MotionTrack:
        """The frames from the last generated one to before `until`."""
        if until == self._generated:
            return MotionTrack.neutral(0, self.fps)
        times = np.asarray((np.arange(self._generated, until) + 0.5) / self.fps, np.float64)
        self._generated = until
        curves, added = self._curves, self._layer.at(times)
        expressiveness = curves.number("expressiveness", times)
        strength = (0.5 + 0.5 * expressiveness)[:, None]
        smooth, lids, gaze = self._kinematics.evaluate(times, self.fps)
        mouth, mouth_times = self._mouth.curves_around(times)
        actions = mouth_actions(mouth, mouth_times, self.fps, expressiveness)
        emotion = self._emotion.show(times, actions)
        actions *= emotion.left
        for layer in (self._expression, self._quality, self._amusement):
            actions += strength * emotion.left * layer.offsets(times)
        actions += strength * emotion.offsets
        actions += added.actions
        _add_face(actions, strength * smooth[:, FACE], lids, self._side_gains * emotion.left)
        apply_contacts(actions, mouth, mouth_times, self.fps)
        head = curves.number("head_motion", times)[:, None] * (smooth[:, HEAD] + emotion.head)
        head[:, 5] += (curves.number("head_distance", times) - 1.0) * CAMERA_DISTANCE_HEAD_WIDTHS
        head += added.head_pose
        commanded = np.clip(curves.gaze(times) + added.gaze, *_GAZE_RANGE)
        return MotionTrack(
            fps=self.fps,
            actions=actions.astype(np.float32),
            head_pose=head.astype(np.float32),
            gaze=(gaze + commanded).astype(np.float32),
        )


def drive(
    audio: Samples,
    sample_rate: int,
    *,
    controls: MotionControls = NATURAL,
    seed: int = 0,
    fps: float = 25,
    guidance: Guidance = AS_LEARNED,
    direction: Direction | None = None,
) -> MotionTrack:
    """Turn a recording, speech (N,) float32 in -1..1, into a MotionTrack of round(duration * fps)
    frames.

    Of a conversation, (N, 2), the first channel drives the mouth; while the other is heard the face listens
    to it. With `listening` all that sounds is another's voice, and the mouth rests.

    Frame i shows the middle of its span, (i + 0.5) / fps. The mouth depends on the audio, the emotion and
    `expressiveness` only; `seed` selects blinks, gaze, brows and head movement, and `guidance` scales the
    effect of voice and controls on them. `direction` changes controls over time and adds to the performance.
    `gaze` is relative to the camera: it stays on its target while the
    head turns, so that the renderer counter-rotates the eyes. The eyeLook actions stay 0, as gaze carries the
    same information. Deterministic on one machine. Raises UnusableAudioError, and ValueError for an `fps`
    that MotionTrack does not allow.
    """
    pieces = drive_in_pieces(
        audio, sample_rate, controls=controls, seed=seed, fps=fps, guidance=guidance, direction=direction
    )
    return concatenate_tracks(list(pieces))


def drive_in_pieces(
    audio: Samples,
    sample_rate: int,
    *,
    controls: MotionControls = NATURAL,
    seed: int = 0,
    fps: float = 25,
    guidance: Guidance = AS_LEARNED,
    direction: Direction | None = None,
) -> Iterator[MotionTrack]:
    """What `drive` gives, as it is driven: one piece of a recording up to WHOLE_S seconds and the rest, of a
    longer one many, as its voices are analysed.

    What the frames of one piece need while they are made does not grow with the recording.
    """
    _require_one_channel(audio, direction)
    generator = MotionGenerator(controls, seed, fps, RECORDED, guidance, direction=direction)
    pieces = analyse_voices_in_pieces(audio, sample_rate, listens(controls, direction))
    if len(audio) / sample_rate <= WHOLE_S:
        pieces = iter([joined_voices(list(pieces))])
    for voices in pieces:
        yield generator.push(voices)
    yield generator.flush(len(audio) / sample_rate)


def stream(
    chunks: Iterable[Samples],
    sample_rate: int,
    *,
    controls: MotionControls = NATURAL,
    seed: int = 0,
    fps: float = 40,
    guidance: Guidance = AS_LEARNED,
    direction: Direction | None = None,
) -> Iterator[MotionTrack]:
    """Turn live speech, chunks (N,) float32 of any length, into pieces of a MotionTrack.

    Chunks of a conversation are (N, 2), as for `drive`: a second channel costs as much again as the first.

    A frame is returned at most `live_delay_s(fps, sample_rate)` of audio after the time that it shows: 0.205
    s at 24 and 25 frames a second, 0.200 s from 40 on, 6 to 8 ms more unless the audio has 16 kHz. A chunk
    adds its own length. Chunk boundaries do not change the frames. Memory does not grow. Raises as `drive`,
    for the current chunk.
    """
    generator = MotionGenerator(controls, seed, fps, LIVE, guidance, direction=direction)
    recogniser = VoiceStream(sample_rate, listens(controls, direction))
    samples = 0
    for chunk in chunks:
        _require_one_channel(chunk, direction)
        samples += len(chunk)
        piece = generator.push(recogniser.push(chunk))
        if len(piece):
            yield piece
    pieces = [generator.push(recogniser.flush()), generator.flush(samples / sample_rate)]
    rest = concatenate_tracks(pieces)
    if len(rest):
        yield rest


def live_delay_s(fps: float, sample_rate: int) -> float:
    """The latency of `stream` in seconds: how much audio beyond a frame's time it needs at most, apart from
    the length of a chunk. A player delays the sound by as much."""
    mouth = HOP_S + LOOK_AHEAD_S + mouth_reach_s(fps)
    # A row of the plan is as long as a hop, and is analysed with the hop that completes its look-ahead.
    analysis = HOP_S * math.ceil(LOOK_AHEAD_S / HOP_S)
    face = analysis + (LIVE.commit + LIVE.lookahead) / PLAN_RATE + REACH_S + lids_reach_s(fps)
    return max(mouth, face) + StreamResampler(sample_rate).delay_s


def listens(controls: MotionControls, direction: Direction | None) -> bool:
    """Whether all that sounds is another's voice; with keyframes of it that changes."""
    return controls.listening > 0 and not (direction is not None and "listening" in direction.controls)


def _require_one_channel(audio: Samples, direction: Direction | None) -> None:
    if direction is not None and "listening" in direction.controls and np.ndim(audio) == 2:
        raise UnusableAudioError(_("Keyframes of listening need a recording with one channel."))


def _add_face(
    actions: NDArray[np.float64], face: NDArray[np.float64], lids: Curve, gains: NDArray[np.float64]
) -> None:
    """Add brows, eyes, cheeks and nose to `actions` (T, 52) in place, each times its `gains` (T, 52);
    blinks `lids` (T,) override all lid actions."""
    for column, driven in enumerate(FACE_COLUMNS.values()):
        for action, share in driven.items():
            index = ACTION_INDEX[action]
            actions[:, index] += share * gains[:, index] * face[:, column]
    np.clip(actions, 0.0, 1.0, out=actions)
    actions[:, _LID_ACTIONS] *= 1 - lids[:, None]
    actions[:, _BLINK_ACTIONS] += (1 - actions[:, _BLINK_ACTIONS]) * lids[:, None]
