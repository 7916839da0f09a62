"""Make a draft, inside a confined process.

Run by `generation.draft.make_draft` as `python -m generation.draft.render_draft`, with a `DraftRequest` as
JSON on stdin. Prints a `DraftAnswer` as JSON in one line, and the MP4 behind it. Frames go from the renderer
through the label and the mark into the encoder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from generation.animation import Animator, MotionControls
from generation.draft.draft_request import DraftAnswer, DraftRequest
from generation.draft.sentences import FALLBACK, WORDS, speech_file
from generation.pipeline.audio import read_audio, whole_frames
from generation.pipeline.encode import encode_in_memory
from provenance.common.strict_json import parse, to_plain
from provenance.watermark import Embedder, WatermarkKey, WatermarkPayload
from provenance.watermark.coding.payload import DRAFT

SIZE: Final = 256
FPS: Final = 25
BAND: Final = 30  # pixels at the top and the bottom that hold the label
DARKER: Final = 0.35  # how much of the picture is left in the bands


def render_draft(request: DraftRequest) -> tuple[int, bytes]:
    """The number of frames and the MP4."""
    picture = cv2.cvtColor(np.asarray(cv2.imread(str(request.portrait))), cv2.COLOR_BGR2RGB)
    sound, rate = read_audio(speech_file(request.language))
    sound = whole_frames(sound, rate, FPS)
    animator = Animator.load(device="cpu")
    fitted = animator.fit(np.asarray(picture, np.uint8))
    track = animator.drive(sound.reshape(len(sound), -1)[:, 0], rate, controls=MotionControls(), fps=FPS)
    embedder = Embedder(WatermarkPayload(request.watermark_id, DRAFT), WatermarkKey(request.key))
    labels = WORDS[request.language].label, WORDS[FALLBACK].label
    frames = labelled(animator.render(fitted, track, size=SIZE), labels)
    return len(track), encode_in_memory(frames, fps=FPS, audio=sound, sample_rate=rate, mark=embedder.mark)


def labelled(frames: Iterator[NDArray[np.uint8]], labels: tuple[str, str]) -> Iterator[NDArray[np.uint8]]:
    """Each frame (H, W, 3) uint8 RGB with two labels (ASCII) in dark bands at the top and at the bottom."""
    for frame in frames:
        drawn = frame.copy()
        for band, label in zip((drawn[:BAND], drawn[-BAND:]), labels, strict=True):
            band[:] = (band * DARKER).astype(np.uint8)
            scale = 0.9 * band.shape[1] / max(cv2.getTextSize(label, _FONT, 1.0, 1)[0][0], 1)
            scale = min(scale, 0.8)
            (width, height), _ = cv2.getTextSize(label, _FONT, scale, 1)
            at = ((band.shape[1] - width) // 2, (BAND + height) // 2)
            cv2.putText(band, label, at, _FONT, scale, (255, 255, 255), 1, cv2.LINE_AA)
        yield drawn


_FONT: Final = cv2.FONT_HERSHEY_SIMPLEX

if __name__ == "__main__":
    count, video = render_draft(parse(DraftRequest, sys.stdin.read()))
    sys.stdout.write(json.dumps(to_plain(DraftAnswer(count))) + "\n")
    sys.stdout.flush()
    sys.stdout.buffer.write(video)
    sys.stdout.buffer.flush()
